"""Whether answers are right, resolve, and are withheld where they should be.

Each question is asked twice: of the whole index, and with its right documents (and those that look like
them) left out, when abstaining is the right thing. Questions on products that no document mentions are the
easy kind of unanswerable. Every citation is checked against its document; one that fails ends with exit code 1.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import click

from api.answering.answer import Outcome
from api.answering.answerer import Answerer
from api.answering.assessment import packaged_assessment
from api.retrieval.search import Searcher
from evals.asking import Asked, Asker
from evals.console import plain_errors, progress_line, split_names, table, write_json
from evals.corpus import Bench, CorpusSource, configured_embedder, open_bench
from evals.handbook_answers import HandbookReport, ask_handbook, show_handbook
from evals.lookalikes import Lookalikes
from evals.questions import Question, QuestionSet, load_foreign_questions, load_questions, sample
from evals.recording import RecordedEmbedder
from evals.statistics import Mean, share
from ingest.errors import UsageError
from ingest.knowledge.index import IndexReader
from ingest.knowledge.passages import PassageFilter

FOREIGN = Path(__file__).parent / "foreign_questions.jsonl"

Progress = Callable[[str, int, int], None]


class Condition(StrEnum):
    """What an answer could rest on."""

    FOUND = "right document in top 5"
    MISSED = "right document not in top 5"
    EXCLUDED = "right document left out"
    FOREIGN = "no document mentions it"


@dataclass(frozen=True, slots=True)
class Judged:
    """One question asked under one condition; `cites_right` tells whether a right document is cited."""

    question: Question
    condition: Condition
    outcome: Outcome
    cites_right: bool
    citations: int
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupReport:
    """Outcomes of one question set under one condition.

    `cites_right` is the share, of what was not abstained from, that cites a right document; None where
    there is no right document to cite or everything was abstained from.
    """

    set: QuestionSet
    condition: Condition
    n: int
    answered: Mean
    caveat: Mean
    partial: Mean
    conflict: Mean
    abstained: Mean
    cites_right: Mean | None


@dataclass(frozen=True, slots=True)
class AnswersReport:
    """One run; `broken` names every citation that does not resolve."""

    documents: int
    passages: int
    asked: int
    citations: int
    broken: tuple[str, ...]
    groups: tuple[GroupReport, ...]


def ask_all(
    asker: Asker, reader: IndexReader, questions: Sequence[Question], progress: Progress | None = None
) -> list[Judged]:
    """Ask every question; those with a right document once more without it."""
    documents = reader.documents()
    ids = {facts.path: facts.id for facts in documents}
    alike = Lookalikes((facts.path, _text(reader, facts.id)) for facts in documents)
    judged: list[Judged] = []
    for number, question in enumerate(questions, start=1):
        judged.append(_judge(question, asker.ask(question.query)))
        if question.doc_path is not None:
            left_out = question.relevant.union(*(alike.of(path) for path in question.relevant))
            where = PassageFilter(exclude_documents=tuple(sorted(ids[path] for path in left_out if path in ids)))
            asked = asker.ask(question.query, where)
            judged.append(Judged(question, Condition.EXCLUDED, asked.outcome, False, asked.citations, asked.broken))
        if progress is not None and (number % 20 == 0 or number == len(questions)):
            progress("ask", number, len(questions))
    return judged


def group_reports(judged: Iterable[Judged]) -> list[GroupReport]:
    """Group by question set and condition, empty groups left out."""
    found = list(judged)
    groups = [
        (name, condition, [each for each in found if each.question.set is name and each.condition is condition])
        for name in QuestionSet
        for condition in Condition
    ]
    return [_group(name, condition, members) for name, condition, members in groups if members]


def render(groups: Sequence[GroupReport]) -> str:
    """Return the groups as a table."""
    outcomes = ("answered", "with caveat", "partial", "conflict", "abstained ±s.e.")
    header = ("set", "condition", "n", *outcomes, "cites right")
    return table(header, [_cells(group) for group in groups])


@click.command(help=__doc__)
@click.option("--corpus", type=click.Path(path_type=Path), help="Folder of documents.")
@click.option("--questions", type=click.Path(path_type=Path), help="Folder of question files.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("data/evals"), show_default=True)
@click.option("--subset", default="", callback=split_names, help="Only these folders of the corpus, a,b,c.")
@click.option("--sample", "per_set", type=click.IntRange(min=1), help="At most this many questions of each set.")
@click.option("--handbook", is_flag=True, help="Ask the sample handbook its own questions instead.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(
    corpus: Path | None,
    questions: Path | None,
    data_dir: Path,
    subset: tuple[str, ...],
    per_set: int | None,
    handbook: bool,
    json_file: Path | None,
) -> None:
    """Run the benchmark."""
    with plain_errors():
        report: AnswersReport | HandbookReport
        if handbook:
            report = ask_handbook(data_dir / "handbook", configured_embedder(), progress_line)
            show_handbook(report)
        else:
            report = _ask_corpus(corpus, questions, data_dir, subset, per_set)
            _show(report)
        if json_file:
            write_json(json_file, report)
    if report.broken:
        raise click.exceptions.Exit(1)


def _ask_corpus(
    corpus: Path | None, questions: Path | None, data_dir: Path, subset: tuple[str, ...], per_set: int | None
) -> AnswersReport:
    if corpus is None or questions is None:
        raise UsageError("give --corpus and --questions, or --handbook")
    asked = sample([*load_questions(questions, subset), *load_foreign_questions(FOREIGN)], per_set)
    bench = open_bench(data_dir, CorpusSource(corpus, subset=subset), configured_embedder(), progress_line)
    try:
        return measure(bench, asked, progress_line)
    finally:
        bench.close()


def measure(bench: Bench, questions: Sequence[Question], progress: Progress | None = None) -> AnswersReport:
    """Ask all questions of an open index and sum up."""
    embedder = RecordedEmbedder(bench.workshop.embedder, bench.questions)
    asker = Asker(Answerer(Searcher(bench.reader, embedder), packaged_assessment(embedder.model)), bench.reader)
    judged = ask_all(asker, bench.reader, questions, progress)
    described = bench.reader.describe()
    return AnswersReport(
        documents=described.documents,
        passages=described.passages,
        asked=len(judged),
        citations=sum(each.citations for each in judged),
        broken=tuple(f"{each.question.id}: {problem}" for each in judged for problem in each.broken),
        groups=tuple(group_reports(judged)),
    )


def _text(reader: IndexReader, document_id: str) -> str:
    document = reader.document(document_id)
    return document.text if document is not None else ""


def _judge(question: Question, asked: Asked) -> Judged:
    if question.doc_path is None:
        condition = Condition.FOREIGN
    else:
        condition = Condition.MISSED if question.relevant.isdisjoint(asked.top) else Condition.FOUND
    cites_right = not question.relevant.isdisjoint(asked.cited)
    return Judged(question, condition, asked.outcome, cites_right, asked.citations, asked.broken)


def _group(name: QuestionSet, condition: Condition, members: Sequence[Judged]) -> GroupReport:
    outcomes = {wanted: share([each.outcome is wanted for each in members]) for wanted in Outcome}
    said = [each.cites_right for each in members if each.outcome is not Outcome.ABSTAINED]
    has_right = condition in (Condition.FOUND, Condition.MISSED)
    return GroupReport(
        set=name,
        condition=condition,
        n=len(members),
        answered=outcomes[Outcome.ANSWERED],
        caveat=outcomes[Outcome.CAVEAT],
        partial=outcomes[Outcome.PARTIAL],
        conflict=outcomes[Outcome.CONFLICT],
        abstained=outcomes[Outcome.ABSTAINED],
        cites_right=share(said) if said and has_right else None,
    )


def _cells(group: GroupReport) -> tuple[str, ...]:
    return (
        group.set.value,
        group.condition.value,
        str(group.n),
        *(f"{each.value:.0%}" for each in (group.answered, group.caveat, group.partial, group.conflict)),
        str(group.abstained),
        f"{group.cites_right.value:.0%} of {group.cites_right.n}" if group.cites_right else "–",
    )


def _show(report: AnswersReport) -> None:
    click.echo(f"{report.documents:,} documents, {report.passages:,} passages, {report.asked:,} asks")
    click.echo(render(report.groups))
    click.echo(f"citations: {report.citations:,}, of which {len(report.broken):,} places do not resolve")
    for problem in report.broken[:10]:
        click.echo(f"  {problem}")


if __name__ == "__main__":
    main()
