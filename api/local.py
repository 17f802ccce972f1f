"""The assistant that opens the index in this process."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from queue import SimpleQueue
from typing import Protocol

from api.answering import answer as domain
from api.filters import DocumentNames, passage_filter
from api.knowledge_health import KnowledgeHealthReport, Retrievals
from api.library import Library
from api.retrieval.search import Hit
from api.schemas.answers import Answer, AnswerEvent, AskEvent, AskRequest, EvidenceEvent, StatementEvent
from api.schemas.corrections import CorrectionStored, DocumentCorrection
from api.schemas.feedback import FeedbackRequest, FeedbackStored
from api.schemas.from_domain import to_answer, to_search_hit
from api.schemas.knowledge import DocumentDetail, DocumentPage, KnowledgeStatus
from api.schemas.places import Filters
from api.schemas.search import SearchRequest, SearchResponse
from api.schemas.structure import AlertPage, ServiceDetail, ServicePage
from api.schemas.upkeep import KnowledgeHealth, RetryRequest, RetryStored, RunDetail, RunPage, SyncRequest, SyncStarted
from api.serving import ServedKnowledge, Serving
from api.structure_pages import StructurePages
from api.sync_runs import SyncRuns
from ingest.errors import StorageFailed
from ingest.knowledge.passages import PassageFilter

_STREAMS = 8  # questions answered as a stream at the same time

OnEvidence = Callable[[Sequence[Hit]], None]


class FeedbackStore(Protocol):
    """Where feedback is kept."""

    def store(self, request: FeedbackRequest) -> FeedbackStored:
        """Keep feedback, in place of what was said of the same answer before; raises StorageFailed."""

    def close(self) -> None:
        """Let go of the database."""


class RetrievalStore(Protocol):
    """What counts how often documents are retrieved."""

    def count(self, document_ids: Iterable[str]) -> None:
        """Count documents that a search returned."""

    def write(self) -> None:
        """Write what waits."""

    def totals(self) -> tuple[datetime | None, dict[str, int]]:
        """Return since when retrievals are counted, and the count of each document; raises StorageFailed."""


class LocalAssistant:
    """An `Assistant` over the knowledge served in this process; safe to use from many threads."""

    def __init__(
        self,
        knowledge: ServedKnowledge,
        library: Library,
        feedback: FeedbackStore,
        runs: SyncRuns,
        retrievals: RetrievalStore,
    ) -> None:
        self._knowledge, self._library, self._feedback = knowledge, library, feedback
        self._runs, self._retrievals = runs, retrievals
        self._structure = StructurePages(knowledge)
        self._health = KnowledgeHealthReport(knowledge, library.known_rows, self._counted)
        self._streams = ThreadPoolExecutor(_STREAMS, thread_name_prefix="ask")
        self._names: DocumentNames | None = None

    def search(self, request: SearchRequest) -> SearchResponse:
        """Return passages, best first."""
        started = time.perf_counter()
        with self._knowledge.answering() as serving:
            where = self._where(request.filters, serving)
            hits = serving.searcher.search(request.query, limit=request.limit, where=where)
            self._retrievals.count(hit.stored.document.id for hit in hits)
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

    def runs(self, *, source: str | None, limit: int) -> RunPage:
        """Return the newest runs, of all sources or of those that read one."""
        return self._runs.runs(source=source, limit=limit)

    def run(self, run_id: int, *, offset: int, limit: int) -> RunDetail:
        """Return one run with a part of its diff; raises NotFound."""
        return self._runs.run(run_id, offset=offset, limit=limit)

    def start_sync(self, request: SyncRequest) -> SyncStarted:
        """Start a run in a process of its own, unless one is at work."""
        return self._runs.start(request)

    def cancel_sync(self) -> SyncStarted:
        """Ask the run at work to stop before it promotes."""
        return self._runs.cancel()

    def retry(self, request: RetryRequest) -> RetryStored:
        """Let the next run read failed documents again."""
        return self._runs.retry(request)

    def services(self, *, query: str, offset: int, limit: int) -> ServicePage:
        """Return services whose name or alias holds `query`, by name."""
        return self._structure.services(query=query, offset=offset, limit=limit)

    def service(self, name: str) -> ServiceDetail:
        """Return one service by its name or an alias; raises NotFound, with near matches."""
        return self._structure.service(name)

    def alerts(self, *, query: str, without_runbook: bool, offset: int, limit: int) -> AlertPage:
        """Return alerts whose name holds `query`, by name; only those without a runbook where asked for."""
        return self._structure.alerts(query=query, without_runbook=without_runbook, offset=offset, limit=limit)

    def health(self) -> KnowledgeHealth:
        """Return what is wrong with the documents."""
        return self._health.health()

    def send_feedback(self, request: FeedbackRequest) -> FeedbackStored:
        """Store what a reader thinks of an answer."""
        return self._feedback.store(request)

    def close(self) -> None:
        """Let go of the index and the database."""
        self._streams.shutdown(wait=False, cancel_futures=True)
        self._knowledge.close()
        self._retrievals.write()
        self._feedback.close()

    def _counting(self, then: OnEvidence) -> OnEvidence:
        def count(hits: Sequence[Hit]) -> None:
            self._retrievals.count(hit.stored.document.id for hit in hits)
            then(hits)

        return count

    def _counted(self) -> Retrievals:
        try:
            return Retrievals(*self._retrievals.totals())
        except StorageFailed:
            return Retrievals(None, {})  # the report says so by leaving the list out

    def _answer(self, request: AskRequest, on_evidence: OnEvidence) -> Answer:
        started = time.perf_counter()
        with self._knowledge.answering() as serving:
            where = self._where(request.filters, serving)
            found: domain.Answer = serving.answerer.answer(request.question, where, self._counting(on_evidence))
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
