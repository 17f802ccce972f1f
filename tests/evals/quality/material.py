"""An assistant of a few documents that needs no index, and suites that ask it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from api.answering.answer import Outcome, StatementKind
from api.errors import NotFound
from api.schemas.answers import (
    Answer,
    AnswerEvent,
    AskEvent,
    AskRequest,
    Citation,
    Confidence,
    EvidenceEvent,
    Statement,
)
from api.schemas.evaluations import EvaluationReport, Score, SuiteReport
from api.schemas.knowledge import DocumentDetail, DocumentSummary
from api.schemas.search import SearchHit, SearchRequest, SearchResponse
from evals.quality.declaration import Declaration, Knowledge, Suite
from evals.quality.knowledge import Premises, Subject, Wanted
from evals.quality.probes import Probe, Selection
from evals.quality.results import CaseResult, Progress
from evals.quality.running import Opener, Plan
from evals.settings import EvalSettings
from ingest.knowledge.documents import DocumentKind, DocumentStatus
from ingest.knowledge.manifest import DocumentState
from tests.evals.material import HashingEmbedder

DOCUMENTS = {
    "runbooks/cart.md": "The cart service answers no request. Restart the cart pods.",
    "runbooks/queue.md": "The order queue is full. Scale the consumers of the queue.",
    "runbooks/disk.md": "The volume of the database is full. Grow the volume.",
}
CART, QUEUE = (
    Probe("cart", "alerts", "cart service down", frozenset({"runbooks/cart.md"})),
    Probe("queue", "alerts", "order queue full", frozenset({"docs/runbooks/queue.md"})),
)
UNKNOWN = Probe("moon", "strangers", "moon phase", frozenset())


@dataclass
class SmallDoor:
    """Finds documents by the words they share with a question, and quotes the first line of the best one.

    `confidence` is shown with every answer; `misquotes` cites words that no document holds.
    """

    texts: Mapping[str, str] = field(default_factory=lambda: dict(DOCUMENTS))
    confidence: float | None = None
    misquotes: bool = False
    asked: list[AskRequest] = field(default_factory=list)

    def search(self, request: SearchRequest) -> SearchResponse:
        hits = self._hits(request.query, frozenset())[: request.limit]
        return SearchResponse(query=request.query, hits=hits, generation=1, took_ms=0.1)

    def ask_events(self, request: AskRequest) -> Iterator[AskEvent]:
        self.asked.append(request)
        hits = self._hits(request.question, frozenset(request.filters.exclude_documents))
        yield EvidenceEvent(hits=hits)
        good = [hit for hit in hits if hit.score >= 2]
        yield AnswerEvent(answer=self._answer(request.question, good[:1], hits[:1]))

    def document(self, document_id: str) -> DocumentDetail:
        if document_id not in self.texts:
            raise NotFound(f"no document {document_id!r}")
        summary = DocumentSummary(
            id=document_id,
            source="docs",
            path=document_id,
            title=document_id,
            state=DocumentState.INDEXED,
            kind=DocumentKind.RUNBOOK,
        )
        return DocumentDetail(
            document=summary,
            text=self.texts[document_id],
            sections=[],
            passages=[],
        )

    def _hits(self, question: str, left_out: frozenset[str]) -> list[SearchHit]:
        words = set(question.lower().split())
        shared = {
            path: len(words & set(text.lower().replace(".", "").split()))
            for path, text in self.texts.items()
            if path not in left_out and f"docs/{path}" not in left_out
        }
        ranked = sorted((path for path, count in shared.items() if count), key=lambda path: (-shared[path], path))
        return [_hit(path, self.texts[path].splitlines()[0], float(shared[path])) for path in ranked]

    def _answer(self, question: str, cited: list[SearchHit], nearest: list[SearchHit]) -> Answer:
        fields = set(Citation.model_fields) - {"number"}
        changes = {"quote": "words of nobody"} if self.misquotes else {}
        statements = [
            Statement(
                text=hit.quote,
                kind=StatementKind.SENTENCE,
                citations=[Citation(number=1, **(hit.model_dump(include=fields) | changes))],
            )
            for hit in cited
        ]
        return Answer(
            id="a",
            question=question,
            outcome=Outcome.ANSWERED if cited else Outcome.ABSTAINED,
            reason="",
            statements=statements,
            confidence=Confidence(words="high" if cited else "none", value=self.confidence),
            missing=[],
            nearest=[] if cited else nearest,
            warnings=[],
            generation=1,
            took_ms=0.1,
        )


def subject(door: SmallDoor | None = None) -> Subject:
    """Return knowledge that a small door opens."""
    asked = door or SmallDoor()
    names = frozenset(name for path in asked.texts for name in (path, f"docs/{path}"))
    return Subject(asked, names, "words@1", 1, len(asked.texts), len(asked.texts))


def opener(door: SmallDoor | None = None) -> Opener:
    """Return what opens a small door, whatever knowledge is wanted."""

    @contextmanager
    def open_small(
        _kind: Knowledge, _premises: Premises, _wanted: Wanted, _progress: Progress | None
    ) -> Iterator[Subject]:
        yield subject(door)

    return open_small


def suite(folder: Path, name: str = "mine", questions: str = "", **declared: object) -> Suite:
    """Return a suite of its own questions, written below `folder`."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "questions.jsonl").write_text(questions)
    content = {"title": "Mine", "kind": "answers", "questions": "questions.jsonl", **declared}
    return Suite(name, folder / name, Declaration.model_validate(content), built_in=False)


def plan(folder: Path, *suites: Suite, **settings: object) -> Plan:
    """Return a plan to measure suites."""
    return Plan(
        suites, Premises(folder / "work", HashingEmbedder()), Selection(), EvalSettings.model_validate(settings)
    )


def case(id: str, *, failed: bool = False, group: str = "", **values: float) -> CaseResult:
    """Return a case with values; underscores of names are spaces."""
    named = {name.replace("_", " "): value for name, value in values.items()}
    return CaseResult(id, group, f"question {id}", named, faults=("it went wrong",) if failed else ())


def report(id: str = "20260101T000000Z-aaaa", *suites: SuiteReport) -> EvaluationReport:
    """Return the report of a run."""
    return EvaluationReport(
        id=id,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=1.0,
        trigger="person",
        revision="abc1234",
        embedding_model="words@1",
        generation=1,
        documents=3,
        passages=3,
        suites=list(suites),
    )


def score(name: str = "places resolve", value: float | None = 1.0, **facts: object) -> Score:
    """Return a score over ten cases."""
    return Score.model_validate({"name": name, "value": value, "n": 10, "unit": "share", **facts})


def _hit(path: str, quote: str, shared: float) -> SearchHit:
    return SearchHit(
        document_id=path,
        passage_id=f"{path}#1",
        source="docs",
        path=path,
        kind=DocumentKind.RUNBOOK,
        status=DocumentStatus.CURRENT,
        title=path,
        heading_path=[],
        line_start=1,
        line_end=1,
        char_start=0,
        char_end=len(quote),
        quote=quote,
        url=None,
        revision="1",
        updated_at=None,
        score=shared,
    )
