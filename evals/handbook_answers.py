"""The sample handbook asked its own questions: does each kind get the outcome and the words it should?"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click
from pydantic import BaseModel, ConfigDict

from api.answering.answer import Outcome
from api.answering.answerer import Answerer
from api.answering.assessment import packaged_assessment
from api.retrieval.search import Searcher
from evals.asking import Asked, Asker
from evals.console import table
from evals.corpus import CorpusSource, open_bench
from evals.questions import read_rows
from evals.recording import RecordedEmbedder
from ingest.knowledge.embedding import Embedder

HANDBOOK = Path(__file__).parent / "handbook"
QUESTIONS = Path(__file__).parent / "handbook_questions.jsonl"

Kind = Literal["answerable", "partial", "conflict", "unanswerable"]
KINDS: tuple[Kind, ...] = ("answerable", "partial", "conflict", "unanswerable")

EXPECTED: dict[Kind, Outcome] = {
    "answerable": Outcome.ANSWERED,
    "partial": Outcome.PARTIAL,
    "conflict": Outcome.CONFLICT,
    "unanswerable": Outcome.ABSTAINED,
}
"""The outcome that each kind of question should have."""

Progress = Callable[[str, int, int], None]


class HandbookQuestion(BaseModel):
    """A line of the handbook's question file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    kind: Kind
    query: str
    doc_path: str | None
    also_relevant: tuple[str, ...]
    must_quote: str | None


@dataclass(frozen=True, slots=True)
class HandbookResult:
    """One question; `quoted` and `cites_right` are None where there is nothing to quote or cite."""

    id: str
    kind: Kind
    outcome: Outcome
    quoted: bool | None
    cites_right: bool | None
    broken: tuple[str, ...]

    @property
    def expected(self) -> bool:
        """Whether the outcome is the one that the kind should have; an answer with a caveat is an answer."""
        wanted = EXPECTED[self.kind]
        return self.outcome is wanted or (wanted is Outcome.ANSWERED and self.outcome is Outcome.CAVEAT)


@dataclass(frozen=True, slots=True)
class HandbookReport:
    """One run over the handbook."""

    results: tuple[HandbookResult, ...]
    broken: tuple[str, ...]


def ask_handbook(data_dir: Path, embedder: Embedder, progress: Progress | None = None) -> HandbookReport:
    """Ingest the handbook below `data_dir` and ask it every question."""
    bench = open_bench(data_dir, CorpusSource(HANDBOOK), embedder, progress)
    try:
        recorded = RecordedEmbedder(embedder, bench.questions)
        asker = Asker(Answerer(Searcher(bench.reader, recorded), packaged_assessment(recorded.model)), bench.reader)
        questions = read_rows(QUESTIONS, HandbookQuestion)
        results = tuple(judge(question, asker.ask(question.query)) for question in questions)
    finally:
        bench.close()
    return HandbookReport(results, tuple(f"{each.id}: {problem}" for each in results for problem in each.broken))


def judge(question: HandbookQuestion, asked: Asked) -> HandbookResult:
    """Compare an answer with what the question asks for."""
    relevant = {path for path in (question.doc_path, *question.also_relevant) if path}
    quotes = [citation.quote for statement in asked.answer.statements for citation in statement.citations]
    wanted = question.must_quote
    return HandbookResult(
        id=question.id,
        kind=question.kind,
        outcome=asked.outcome,
        quoted=None if wanted is None else _folded(wanted) in _folded(" ".join(quotes)),
        cites_right=bool(relevant & asked.cited) if relevant else None,
        broken=asked.broken,
    )


def render(results: Sequence[HandbookResult]) -> str:
    """Return a table with one line a kind."""
    header = ("kind", "n", *(outcome.value for outcome in Outcome), "as expected", "must_quote found", "cites right")
    return table(header, [_cells(kind, [r for r in results if r.kind == kind]) for kind in KINDS])


def show_handbook(report: HandbookReport) -> None:
    """Print the table and every question that went wrong."""
    click.echo(render(report.results))
    for each in report.results:
        faults = [] if each.expected else [f"{each.outcome.value} instead of {EXPECTED[each.kind].value}"]
        faults += ["must_quote missing"] if each.quoted is False else []
        faults += ["right document not cited"] if each.cites_right is False else []
        if faults:
            click.echo(f"  {each.id}: {', '.join(faults)}")
    click.echo(f"places that do not resolve: {len(report.broken)}")
    for problem in report.broken[:10]:
        click.echo(f"  {problem}")


def _cells(kind: Kind, results: Sequence[HandbookResult]) -> tuple[str, ...]:
    outcomes = Counter(each.outcome for each in results)
    return (
        kind,
        str(len(results)),
        *(str(outcomes[outcome]) for outcome in Outcome),
        _of([each.expected for each in results]),
        _of([each.quoted for each in results if each.quoted is not None]),
        _of([each.cites_right for each in results if each.cites_right is not None]),
    )


def _of(truths: Sequence[bool]) -> str:
    return f"{sum(truths)} of {len(truths)}" if truths else "–"


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
