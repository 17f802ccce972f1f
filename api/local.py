"""The assistant that opens the index in this process."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Protocol

from api.answering import answer as domain
from api.filters import DocumentNames, passage_filter
from api.library import Library
from api.retrieval.search import Hit
from api.schemas.answers import Answer, AnswerEvent, AskEvent, AskRequest, EvidenceEvent, StatementEvent
from api.schemas.corrections import CorrectionStored, DocumentCorrection
from api.schemas.feedback import FeedbackRequest, FeedbackStored
from api.schemas.from_domain import to_answer, to_search_hit
from api.schemas.knowledge import DocumentDetail, DocumentPage, KnowledgeStatus
from api.schemas.places import Filters
from api.schemas.search import SearchRequest, SearchResponse
from api.serving import ServedKnowledge, Serving
from ingest.knowledge.passages import PassageFilter

_STREAMS = 8  # questions answered as a stream at the same time

OnEvidence = Callable[[Sequence[Hit]], None]


class FeedbackStore(Protocol):
    """Where feedback is kept."""

    def store(self, request: FeedbackRequest) -> FeedbackStored:
        """Keep feedback, in place of what was said of the same answer before; raises StorageFailed."""

    def close(self) -> None:
        """Let go of the database."""


class LocalAssistant:
    """An `Assistant` over the knowledge served in this process; safe to use from many threads."""

    def __init__(self, knowledge: ServedKnowledge, library: Library, feedback: FeedbackStore) -> None:
        self._knowledge, self._library, self._feedback = knowledge, library, feedback
        self._streams = ThreadPoolExecutor(_STREAMS, thread_name_prefix="ask")
        self._names: DocumentNames | None = None

    def search(self, request: SearchRequest) -> SearchResponse:
        """Return passages, best first."""
        started = time.perf_counter()
        with self._knowledge.answering() as serving:
            where = self._where(request.filters, serving)
            hits = serving.searcher.search(request.query, limit=request.limit, where=where)
            return SearchResponse(
                query=request.query,
                hits=[to_search_hit(hit) for hit in hits],
                generation=serving.description.generation,
                took_ms=_since(started),
            )

    def ask(self, request: AskRequest) -> Answer:
        """Answer a question, or abstain."""
        return self._answer(request, lambda _hits: None)

    def ask_events(self, request: AskRequest) -> Iterator[AskEvent]:
        """Answer a question as a stream; the evidence comes out while statements are still being chosen."""
        found: SimpleQueue[Sequence[Hit] | None] = SimpleQueue()
        answering: Future[Answer] = self._streams.submit(self._answer, request, found.put)
        answering.add_done_callback(lambda _done: found.put(None))
        hits = found.get()
        if hits is not None:
            yield EvidenceEvent(hits=[to_search_hit(hit) for hit in hits])
        answer = answering.result()
        for statement in answer.statements:
            yield StatementEvent(statement=statement)
        yield AnswerEvent(answer=answer)

    def status(self) -> KnowledgeStatus:
        """Return what is being served; before the first ingest too."""
        return self._library.status()

    def documents(
        self, *, source: str | None, state: str | None, kind: str | None, query: str, offset: int, limit: int
    ) -> DocumentPage:
        """Return documents whose title or path holds `query`; failed ones too."""
        return self._library.documents(source=source, state=state, kind=kind, query=query, offset=offset, limit=limit)

    def document(self, document_id: str) -> DocumentDetail:
        """Return one document with its text; raises NotFound."""
        return self._library.document(document_id)

    def correct(self, document_id: str, correction: DocumentCorrection) -> CorrectionStored:
        """Keep what a person says about a document until the next ingest applies it; raises NotFound."""
        return self._library.correct(document_id, correction)

    def send_feedback(self, request: FeedbackRequest) -> FeedbackStored:
        """Store what a reader thinks of an answer."""
        return self._feedback.store(request)

    def close(self) -> None:
        """Let go of the index and the database."""
        self._streams.shutdown(wait=False, cancel_futures=True)
        self._knowledge.close()
        self._feedback.close()

    def _answer(self, request: AskRequest, on_evidence: OnEvidence) -> Answer:
        started = time.perf_counter()
        with self._knowledge.answering() as serving:
            where = self._where(request.filters, serving)
            found: domain.Answer = serving.answerer.answer(request.question, where, on_evidence)
            generation = serving.description.generation
        return to_answer(found, id=uuid.uuid4().hex, generation=generation, took_ms=_since(started))

    def _where(self, filters: Filters, serving: Serving) -> PassageFilter:
        """Return what the names in `filters` mean in the generation that is being searched."""
        if not (filters.sources or filters.services or filters.exclude_documents):
            return PassageFilter(kinds=tuple(filters.kinds))
        generation = serving.description.generation
        kept = self._names
        if kept is None or kept.generation != generation:
            kept = self._names = DocumentNames.of(serving.reader.documents(), generation)
        return passage_filter(filters, kept, also_known=self._library.listed_names)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
