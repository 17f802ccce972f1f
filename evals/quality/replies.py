"""Ask through the door that everyone uses and note what came back: documents, outcome, confidence, broken places."""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from api.answering.answer import Outcome
from api.errors import NotFound
from api.schemas.answers import Answer, AnswerEvent, AskEvent, AskRequest, EvidenceEvent
from api.schemas.knowledge import DocumentDetail
from api.schemas.places import Filters, Place
from api.schemas.search import SearchHit, SearchRequest, SearchResponse
from ingest.errors import KnowledgeError
from ingest.knowledge.spans import LineIndex


class Door(Protocol):
    """What is asked: a running API, or the index opened in this process."""

    def ask_events(self, request: AskRequest) -> Iterator[AskEvent]:
        """Answer a question as a stream."""

    def search(self, request: SearchRequest) -> SearchResponse:
        """Return passages, best first."""

    def document(self, document_id: str) -> DocumentDetail:
        """Return one document with its text."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document that a search found, by all names it may be called: its path, and those that nearly repeat it."""

    path: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `found` are documents, best first; `broken` says which places do not resolve."""

    outcome: Outcome
    found: tuple[Found, ...]
    cited: frozenset[str]
    cited_paths: tuple[str, ...]
    statements: tuple[str, ...]
    quotes: tuple[str, ...]
    passages: tuple[str, ...]
    missing: tuple[str, ...]
    confidence: float | None
    broken: tuple[str, ...]
    seconds: float


class Interviewer:
    """Ask one assistant, and check every place that it names against the document itself."""

    def __init__(self, assistant: Door, *, writer: bool = False) -> None:
        self._assistant, self._writer = assistant, writer
        self._texts: dict[str, tuple[str, LineIndex] | None] = {}

    def search(self, question: str, limit: int) -> tuple[Found, ...]:
        """Return the documents found, each once, best first."""
        return _documents(self._assistant.search(SearchRequest(query=question, limit=limit)).hits)

    def ask(self, question: str, left_out: Collection[str] = ()) -> Reply:
        """Ask a question, of all documents but those left out."""
        filters = Filters(exclude_documents=sorted(left_out))
        request = AskRequest(question=question, filters=filters, writer="auto" if self._writer else "none")
        started = time.perf_counter()
        hits: list[SearchHit] = []
        answer: Answer | None = None
        for event in self._assistant.ask_events(request):
            if isinstance(event, EvidenceEvent):
                hits = event.hits
            elif isinstance(event, AnswerEvent):
                answer = event.answer
        if answer is None:
            raise KnowledgeError(f"no answer came to {question[:80]!r}; see the log of the API, then run again")
        return self._reply(answer, hits, time.perf_counter() - started)

    def _reply(self, answer: Answer, hits: Sequence[SearchHit], seconds: float) -> Reply:
        citations = [citation for statement in answer.statements for citation in statement.citations]
        places: list[Place] = [*citations, *answer.nearest]
        return Reply(
            outcome=answer.outcome,
            found=_documents(hits),
            cited=frozenset(name for citation in citations for name in _names(citation)),
            cited_paths=tuple(dict.fromkeys(citation.path for citation in citations)),
            statements=tuple(statement.text for statement in answer.statements),
            quotes=tuple(dict.fromkeys(citation.quote for citation in citations)),
            passages=tuple(hit.quote for hit in hits),
            missing=tuple(answer.missing),
            confidence=answer.confidence.value,
            broken=tuple(problem for place in places if (problem := self._problem(place))),
            seconds=seconds,
        )

    def _problem(self, place: Place) -> str:
        """Return why a place does not resolve; empty where it does."""
        known = self._text(place.document_id)
        where = f"{place.path} [{place.char_start}:{place.char_end}]"
        if known is None:
            return f"{where}: no such document"
        text, lines = known
        if not place.quote or text[place.char_start : place.char_end] != place.quote:
            return f"{where}: the document does not say {place.quote[:60]!r} there"
        span = lines.span(place.char_start, place.char_end)
        if (span.line_start, span.line_end) != (place.line_start, place.line_end):
            return (
                f"{where}: stands on lines {span.line_start}-{span.line_end}, not {place.line_start}-{place.line_end}"
            )
        return ""

    def _text(self, document_id: str) -> tuple[str, LineIndex] | None:
        if document_id not in self._texts:
            try:
                text = self._assistant.document(document_id).text
            except NotFound:
                self._texts[document_id] = None
            else:
                self._texts[document_id] = (text, LineIndex.of(text))
        return self._texts[document_id]


def names_of(path: str, source: str) -> frozenset[str]:
    """Return what a document may be called: its path, and its path below its source."""
    return frozenset((path, f"{source}/{path}"))


def rank_of(right: frozenset[str], found: Sequence[Found], depth: int) -> int:
    """Return the rank, from 1, of the first right document among the first `depth`; 0 where there is none."""
    return next((rank for rank, one in enumerate(found[:depth], start=1) if one.names & right), 0)


def _documents(hits: Sequence[SearchHit]) -> tuple[Found, ...]:
    by_id: dict[str, Found] = {}
    for hit in hits:
        # A document that nearly repeats the one that leads is shown beneath it, so it is found at that rank.
        also = [name for one in hit.also for name in names_of(one.path, one.source)]
        by_id.setdefault(hit.document_id, Found(hit.path, _names(hit).union(also)))
    return tuple(by_id.values())


def _names(place: Place) -> frozenset[str]:
    return names_of(place.path, place.source)
