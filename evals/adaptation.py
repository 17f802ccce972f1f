"""What an adapter trained on an organisation's own documents does to questions that other people wrote.

The adapter sees the documents only; the questions are asked afterwards, without and with it, and decide nothing.
Questions about documents that training saw are told from those about documents that it never saw.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from api.retrieval.query import understand
from evals.adapted_search import WholeSearch
from evals.bootstrap import Interval, difference_interval
from evals.console import plain_errors, progress_line, split_names, table, write_json
from evals.corpus import Bench, CorpusSource, configured_embedder, open_bench
from evals.questions import Question, QuestionSet, load_questions
from ingest.adaptation.adapting import Materials, adapt
from ingest.adaptation.evaluation import DEPTH, Comparison, Ranks, reciprocal
from ingest.adaptation.passage_table import Part, PassageTable, read_passages
from ingest.errors import KnowledgeError
from ingest.knowledge.query_adapter import QueryAdapter


@dataclass(frozen=True, slots=True)
class SetChange:
    """The MRR@10 of one group of questions without and with the adapter, and the interval of the change."""

    set: str
    documents: str  # "all", "seen" or "unseen" by training
    n: int
    dense_before: float
    dense_after: float
    dense_change: Interval
    search_before: float
    search_after: float
    search_change: Interval


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """One corpus, which stands for one organisation."""

    corpus: str
    documents: int
    passages: int
    train_pairs: int
    test_pairs: int
    seconds: float
    epochs: int
    promoted: bool
    verdict: str
    cosine: tuple[float, float]
    dense: tuple[Comparison, ...]
    search: tuple[Comparison, ...]
    identifiers: Comparison | None
    sets: tuple[SetChange, ...]


@dataclass(frozen=True, slots=True)
class AdaptationReport:
    """One run: the corpora that gave enough pairs, and why the others were left out."""

    corpora: tuple[CorpusReport, ...]
    left_out: tuple[str, ...]


def measure(name: str, bench: Bench, questions: Sequence[Question]) -> CorpusReport:
    """Train on the documents of a bench and ask the questions; raises KnowledgeError for too few pairs."""
    embedder, cache = bench.workshop.embedder, bench.workshop.cache
    trial = WholeSearch(bench.reader, embedder, bench.questions)
    done = adapt(Materials(bench.reader, embedder, cache, bench.questions), trial, progress_line)
    passages = read_passages(bench.reader, embedder, cache, progress_line)
    described = bench.reader.describe()
    return CorpusReport(
        corpus=name,
        documents=described.documents,
        passages=described.passages,
        train_pairs=sum(done.pairs[Part.TRAIN].values()),
        test_pairs=sum(done.pairs[Part.TEST].values()),
        seconds=done.seconds,
        epochs=done.trained.epochs,
        promoted=done.verdict.promote,
        verdict=done.verdict.reason,
        cosine=done.cosine,
        dense=done.dense,
        search=done.search,
        identifiers=done.identifiers,
        sets=tuple(_set_changes(trial, passages, done.adapter, questions)),
    )


def render(report: CorpusReport) -> str:
    """Return one corpus as text: what training says of itself, then the questions of others."""
    outcome = "promoted" if report.promoted else "not promoted"
    compared = [*report.dense, *report.search, *([report.identifiers] if report.identifiers else [])]
    own = [
        (one.measure, str(one.n), f"{one.before:.3f}", f"{one.after:.3f}", f"{one.low:+.3f} to {one.high:+.3f}")
        for one in compared
    ]
    others = [
        (
            f"{one.set}, {one.documents}",
            str(one.n),
            *_cells(one.dense_before, one.dense_after, one.dense_change),
            *_cells(one.search_before, one.search_after, one.search_change),
        )
        for one in report.sets
    ]
    lines = [
        f"\n{report.corpus}: {report.documents:,} documents, {report.passages:,} passages",
        f"{report.train_pairs:,} pairs to train, {report.test_pairs:,} to test; {report.epochs} epochs, "
        f"{report.seconds:.0f} s in all",
        f"{outcome}: {report.verdict}",
        f"cosine of the nearest passage {report.cosine[0]:.3f} -> {report.cosine[1]:.3f}",
        table(("pairs that training never saw", "n", "before", "after", "95 % of the change"), own),
    ]
    if others:
        header = ("questions of others, documents", "n", "dense", "adapted", "95 %", "search", "adapted", "95 %")
        lines += ["", table(header, others)]
    return "\n".join(lines)


@click.command(help=__doc__)
@click.option("--corpus", type=click.Path(path_type=Path), required=True, help="Folder of documents.")
@click.option("--questions", type=click.Path(path_type=Path), required=True, help="Folder of question files.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("data/evals"), show_default=True)
@click.option("--each", default="", callback=split_names, help="One adapter for each of these folders, a,b,c.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(corpus: Path, questions: Path, data_dir: Path, each: tuple[str, ...], json_file: Path | None) -> None:
    """Run the benchmark."""
    reports: list[CorpusReport] = []
    left_out: list[str] = []
    with plain_errors():
        for name in each or ("",):
            subset = (name,) if name else ()
            asked = load_questions(questions, subset)
            try:
                report = _measured(corpus, data_dir, subset, asked)
            except KnowledgeError as error:
                left_out.append(f"{name or 'the whole corpus'}: {error}")
                click.echo(f"\n{left_out[-1]}")
                continue
            click.echo(render(report))
            reports.append(report)
        if json_file:
            write_json(json_file, AdaptationReport(tuple(reports), tuple(left_out)))


def _measured(corpus: Path, data_dir: Path, subset: tuple[str, ...], asked: Sequence[Question]) -> CorpusReport:
    folder = data_dir / "each" / subset[0] if subset else data_dir
    vectors = data_dir / "knowledge" / "embeddings.sqlite"
    source = CorpusSource(corpus, subset=subset)
    bench = open_bench(folder, source, configured_embedder(), progress_line, vectors=vectors)
    try:
        return measure(subset[0] if subset else "the whole corpus", bench, asked)
    finally:
        bench.close()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with the families that answer it."""

    question: Question
    right: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """The ranks of the right family for each question, by vectors alone and by the whole search."""

    dense: Ranks
    search: Ranks


def _set_changes(
    trial: WholeSearch, passages: PassageTable, adapter: QueryAdapter, questions: Sequence[Question]
) -> Iterator[SetChange]:
    asked = _asked(passages, questions)
    if not asked:
        return
    before, after = (_answers(trial, passages, asked, one) for one in (None, adapter))
    seen = np.array([any(passages.parts[family] is Part.TRAIN for family in one.right) for one in asked])
    for name in QuestionSet:
        of_set = np.array([one.question.set is name for one in asked])
        for documents, chosen in (("all", of_set), ("seen", of_set & seen), ("unseen", of_set & ~seen)):
            rows = np.flatnonzero(chosen)
            if len(rows):
                yield _change(name.value, documents, rows, before, after)


def _asked(passages: PassageTable, questions: Sequence[Question]) -> list[_Asked]:
    family_at = {one.document.path: passages.family_of(one.document.id) for one in passages.stored}
    found: list[_Asked] = []
    for question in questions:
        right = frozenset(family for path in question.relevant if (family := family_at.get(path)) is not None)
        if right:
            found.append(_Asked(question, right))
    return found


def _answers(
    trial: WholeSearch, passages: PassageTable, asked: Sequence[_Asked], adapter: QueryAdapter | None
) -> _Answers:
    searcher = trial.searcher(adapter)
    dense, search = np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked), dtype=np.int64)
    for number, one in enumerate(asked):
        query = understand(one.question.query)
        vector = trial.vector(query.text, adapter)
        best = passages.best_of_families((vector @ passages.vectors.T)[None, :])[0]
        rank = 1 + int((best > max(best[family] for family in one.right)).sum())
        dense[number] = rank if rank <= DEPTH else 0
        hits = searcher.find(query, limit=DEPTH)
        families = [passages.family_of(hit.stored.document.id) for hit in hits]
        search[number] = next((place for place, family in enumerate(families, start=1) if family in one.right), 0)
        if (number + 1) % 50 == 0 or number + 1 == len(asked):
            progress_line("ask", number + 1, len(asked))
    return _Answers(dense, search)


def _change(name: str, documents: str, rows: Ranks, before: _Answers, after: _Answers) -> SetChange:
    dense = [reciprocal(one.dense[rows]).tolist() for one in (before, after)]
    search = [reciprocal(one.search[rows]).tolist() for one in (before, after)]
    return SetChange(
        set=name,
        documents=documents,
        n=len(rows),
        dense_before=float(np.mean(dense[0])),
        dense_after=float(np.mean(dense[1])),
        dense_change=difference_interval(dense[0], dense[1]),
        search_before=float(np.mean(search[0])),
        search_after=float(np.mean(search[1])),
        search_change=difference_interval(search[0], search[1]),
    )


def _cells(before: float, after: float, change: Interval) -> tuple[str, str, str]:
    return f"{before:.3f}", f"{after:.3f}", f"{change.low:+.3f} to {change.high:+.3f}"


if __name__ == "__main__":
    main()
