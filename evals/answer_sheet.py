"""Whether the statements of answers answer the question: a sample of answers, and what a reader said of each statement.

Each question set gives the same number of answers, drawn by a hash, among those that were not withheld. --text writes
questions, statements and citations into a file to be read; the marks stand in evals/answer_sheets, one line a
statement, by a digest of its words and never with the words themselves: 2 it answers the question, 1 it is about the
matter and does not answer, 0 it is beside the point. A language model read them, not an engineer.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from pydantic import BaseModel, ConfigDict, Field

from api.answering.answerer import Answerer
from api.answering.assessment import packaged_assessment
from api.retrieval.search import Searcher
from api.schemas.answers import Answer
from evals.asking import Asker
from evals.bootstrap import Interval, metric_interval
from evals.console import plain_errors, progress_line, table, write_json
from evals.corpus import Bench, CorpusSource, configured_embedder, open_bench
from evals.questions import Question, load_questions, read_rows
from evals.recording import RecordedEmbedder
from ingest.errors import UsageError

MARKS = Path(__file__).parent / "answer_sheets"
"""What readers said of statements, one file a reading."""

_OUTSIDE = Path(__file__).parent / "suites" / "outside" / "questions.jsonl"
_OUTSIDE_SET = "outside questions"
_ANSWERS = 2  # the mark of a statement that answers the question


class Mark(BaseModel):
    """What a reader said of one statement; `statement` is the digest of its words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    statement: str
    mark: int = Field(ge=0, le=2)


class OutsideQuestion(BaseModel):
    """A question of the suite `outside`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    question: str
    documents: list[str] = []


@dataclass(frozen=True, slots=True)
class Sheet:
    """One answer of the sample; `right` tells whether it cites a document that the labels call right."""

    id: str
    set: str
    question: str
    right: bool
    answer: Answer

    def digests(self) -> list[str]:
        """Return the digest of each statement, in order."""
        return [statement_digest(one.text) for one in self.answer.statements]


@dataclass(frozen=True, slots=True)
class SheetScore:
    """How the statements of some answers were marked; intervals over answers. `unread` have no mark."""

    name: str
    answers: int
    statements: int
    unread: int
    answering: Interval | None
    on_the_matter: Interval | None


@dataclass(frozen=True, slots=True)
class SheetReport:
    """The whole sample and its parts."""

    scores: tuple[SheetScore, ...]


def statement_digest(text: str) -> str:
    """Return what stands for a statement's words in a sheet."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def draw(asked: Mapping[str, Sequence[Question]], asker: Asker, per_set: int) -> list[Sheet]:
    """Return `per_set` answers of each set that were not withheld, in the order of a hash of the question's id."""
    sheets: list[Sheet] = []
    for name, questions in asked.items():
        drawn = 0
        for question in sorted(questions, key=lambda one: hashlib.sha256(f"second sheet {one.id}".encode()).digest()):
            if drawn == per_set:
                break
            answered = asker.ask(question.query)
            if answered.answer.statements:
                right = not question.relevant.isdisjoint(answered.cited)
                sheets.append(Sheet(question.id, name, question.query, right, answered.answer))
                drawn += 1
        progress_line("drawn from sets", len({one.set for one in sheets}), len(asked))
    return sheets


def load_marks(folder: Path = MARKS) -> dict[tuple[str, str], int]:
    """Return the mark of each statement by question and digest."""
    rows = [row for file in sorted(folder.glob("*.jsonl")) for row in read_rows(file, Mark)]
    return {(row.question, row.statement): row.mark for row in rows}


def report(sheets: Sequence[Sheet], marks: Mapping[tuple[str, str], int]) -> SheetReport:
    """Sum up the marks: of all answers, by question set, by outcome, and by whether the labels call one right."""
    parts: defaultdict[str, list[Sheet]] = defaultdict(list)
    for sheet in sheets:
        outcome = sheet.answer.outcome.replace("_", " ")
        cited = "cites a document labelled right" if sheet.right else "cites none labelled right"
        for name in ("all", f"set: {sheet.set}", f"outcome: {outcome}", cited):
            parts[name].append(sheet)
    order = sorted(parts, key=lambda name: (name != "all", name.partition(":")[0], name))
    return SheetReport(tuple(_score(name, parts[name], marks) for name in order))


@click.command(help=__doc__)
@click.option("--corpus", type=click.Path(path_type=Path), required=True, help="Folder of documents.")
@click.option("--questions", type=click.Path(path_type=Path), required=True, help="Folder of question files.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("data/evals"), show_default=True)
@click.option("--per-set", type=click.IntRange(min=1), default=12, show_default=True, help="Answers of each set.")
@click.option("--text", "text_file", type=click.Path(path_type=Path), help="Write the answers here, to be read.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(
    corpus: Path, questions: Path, data_dir: Path, per_set: int, text_file: Path | None, json_file: Path | None
) -> None:
    """Draw the sample and sum up its marks."""
    with plain_errors():
        asked = _asked(questions)
        bench = open_bench(data_dir, CorpusSource(corpus), configured_embedder(), progress_line)
        try:
            sheets = draw(asked, _asker(bench), per_set)
        finally:
            bench.close()
        if text_file:
            text_file.write_text("".join(_text(sheets)), encoding="utf-8")
        found = report(sheets, load_marks())
        click.echo(table(("answers", "n", "statements", "not read", "answer it", "on the matter"), _rows(found)))
        if json_file:
            write_json(json_file, found)


def _asked(folder: Path) -> dict[str, list[Question]]:
    by_set: defaultdict[str, list[Question]] = defaultdict(list)
    for question in load_questions(folder):
        by_set[question.set.value].append(question)
    outside = [one for one in read_rows(_OUTSIDE, OutsideQuestion) if one.documents]
    if not by_set:
        raise UsageError(f"no question in {str(folder)!r}; check --questions")
    kept = dict(by_set)
    kept[_OUTSIDE_SET] = [
        Question(one.id, next(iter(by_set.values()))[0].set, one.question, one.documents[0], frozenset(one.documents))
        for one in outside
    ]
    return kept


def _asker(bench: Bench) -> Asker:
    embedder = RecordedEmbedder(bench.workshop.embedder, bench.questions)
    return Asker(Answerer(Searcher(bench.reader, embedder), packaged_assessment(embedder.model)), bench.reader)


def _score(name: str, sheets: Sequence[Sheet], marks: Mapping[tuple[str, str], int]) -> SheetScore:
    told = [[marks.get((sheet.id, digest)) for digest in sheet.digests()] for sheet in sheets]
    read = [[mark for mark in own if mark is not None] for own in told]
    counted = [own for own in read if own]
    return SheetScore(
        name=name,
        answers=len(sheets),
        statements=sum(map(len, told)),
        unread=sum(own.count(None) for own in told),
        answering=_share([(sum(mark == _ANSWERS for mark in own), len(own)) for own in counted]),
        on_the_matter=_share([(sum(mark > 0 for mark in own), len(own)) for own in counted]),
    )


def _share(counts: Sequence[tuple[int, int]]) -> Interval | None:
    """Return the share of statements, resampled by answer: those of one answer are not independent."""
    if not counts:
        return None
    hits, totals = zip(*counts, strict=True)
    return metric_interval(lambda own, of: float(sum(own) / sum(of)), hits, totals)


def _rows(found: SheetReport) -> list[tuple[str, ...]]:
    return [
        (
            one.name,
            str(one.answers),
            f"{one.statements:,}",
            str(one.unread),
            *("–" if each is None else f"{each.value:.0%} ({each.low:.0%} to {each.high:.0%})" for each in _both(one)),
        )
        for one in found.scores
    ]


def _both(one: SheetScore) -> tuple[Interval | None, Interval | None]:
    return one.answering, one.on_the_matter


def _text(sheets: Sequence[Sheet]) -> Iterable[str]:
    """Give each answer as it is read: question, then every statement with its digest and where it stands."""
    for number, sheet in enumerate(sheets, start=1):
        yield f"=== {number} {sheet.id} [{sheet.set}] {sheet.answer.outcome}\n{sheet.question}\n"
        paths = Counter(place.path for one in sheet.answer.statements for place in one.citations)
        yield f"--- {', '.join(paths)}\n"
        for one, digest in zip(sheet.answer.statements, sheet.digests(), strict=True):
            yield f"{digest} ({one.kind.value}) {json.dumps(one.text, ensure_ascii=False)}\n"


if __name__ == "__main__":
    main()
