"""The assistant that opens the index in this process."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from queue import SimpleQueue
from typing import Protocol

from api.answering import answer as domain
from api.conversations.thread import Reading
from api.evaluations import EvaluationHistory
from api.filters import DocumentNames, passage_filter
from api.kept_conversations import Conversations, Understood
from api.knowledge_health import KnowledgeHealthReport, Retrievals
from api.library import Library
from api.retrieval.search import Hit
from api.schemas.answers import Answer, AnswerEvent, AskEvent, AskRequest, EvidenceEvent, StatementEvent
from api.schemas.comparisons import Comparison
from api.schemas.conversations import (
    Conversation,
    ConversationPage,
    ExportedConversation,
    ExportFormat,
    StoredAnswer,
)
from api.schemas.corrections import CorrectionStored, DocumentCorrection
from api.schemas.evaluations import EvaluationPage, EvaluationReport
from api.schemas.feedback import FeedbackRequest, FeedbackStored
from api.schemas.from_domain import StatementNumbers, to_answer, to_search_hit
from api.schemas.knowledge import DocumentDetail, DocumentPage, KnowledgeStatus
from api.schemas.places import Filters
from api.schemas.search import SearchRequest, SearchResponse
from api.schemas.structure import AlertPage, ServiceDetail, ServicePage
from api.schemas.upkeep import KnowledgeHealth, RetryRequest, RetryStored, RunDetail, RunPage, SyncRequest, SyncStarted
from api.serving import ServedKnowledge, Serving
from api.structure_pages import StructurePages
from api.sync_runs import SyncRuns
from api.writing.writer import Writer
from ingest.errors import StorageFailed
from ingest.knowledge.passages import PassageFilter

_STREAMS = 8  # questions answered as a stream at the same time

OnEvidence = Callable[[Sequence[Hit]], None]
OnStatement = Callable[[domain.Statement], None]
WriterOfAnswer = Callable[[], Writer | None]
"""Gives a writer for one answer, which keeps to the budget of one; None where no language model is configured."""


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


class InvestigationDoor(Protocol):
    """What answers those who ask for an investigation."""

    def answer(self, question: str, about: str | None) -> Answer | None:
        """Return the answer, or None where a question asks for none; `about` is the one that the turn before was of."""


class LocalAssistant:
    """An `Assistant` over the knowledge served in this process; safe to use from many threads."""

    def __init__(
        self,
        knowledge: ServedKnowledge,
        library: Library,
        feedback: FeedbackStore,
        runs: SyncRuns,
        retrievals: RetrievalStore,
        conversations: Conversations,
        evaluations: EvaluationHistory,
        writer: WriterOfAnswer = lambda: None,
    ) -> None:
        self._knowledge, self._library, self._feedback = knowledge, library, feedback
        self._runs, self._retrievals = runs, retrievals
        self._conversations, self._evaluations, self._writer = conversations, evaluations, writer
        self._structure = StructurePages(knowledge)
        self._health = KnowledgeHealthReport(knowledge, library.known_rows, self._counted)
        self._streams = ThreadPoolExecutor(_STREAMS, thread_name_prefix="ask")
        self._names: DocumentNames | None = None
        self._investigations: InvestigationDoor | None = None

    def connect_investigations(self, door: InvestigationDoor) -> None:
        """Let questions that say so start and read investigations; without this they are answered from documents."""
        self._investigations = door

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
        return self._answer(request, lambda _hits: None, None)

    def ask_events(self, request: AskRequest) -> Iterator[AskEvent]:
        """Answer a question as a stream; the evidence comes out while statements are still being chosen.

        What a language model writes comes out statement by statement, each after it was checked.
        """
        found: SimpleQueue[Sequence[Hit] | domain.Statement | None] = SimpleQueue()
        answering: Future[Answer] = self._streams.submit(self._answer, request, found.put, found.put)
        answering.add_done_callback(lambda _done: found.put(None))
        numbers, said = StatementNumbers(), 0
        while (piece := found.get()) is not None:
            if isinstance(piece, domain.Statement):
                said += 1
                yield StatementEvent(statement=numbers.on_wire(piece))
            else:
                yield EvidenceEvent(hits=[to_search_hit(hit) for hit in piece])
        answer = answering.result()
        for statement in answer.statements if not said else ():
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

    def conversations(self, *, offset: int, limit: int) -> ConversationPage:
        """Return conversations, the one that was added to last first."""
        return self._conversations.page(offset=offset, limit=limit)

    def conversation(self, conversation_id: str, *, offset: int, limit: int) -> Conversation:
        """Return a conversation with some of its turns, oldest first; raises NotFound."""
        return self._conversations.conversation(conversation_id, offset=offset, limit=limit)

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete a conversation with its answers; raises NotFound."""
        self._conversations.delete(conversation_id)

    def export_conversation(self, conversation_id: str, format: ExportFormat) -> ExportedConversation:
        """Return a whole conversation as a file; raises NotFound."""
        return self._conversations.export(conversation_id, format)

    def stored_answer(self, answer_id: str) -> StoredAnswer:
        """Return one stored answer as far as it may still be shown; raises NotFound."""
        return self._conversations.answer(answer_id)

    def evaluations(self, *, offset: int, limit: int) -> EvaluationPage:
        """Return the newest runs of the evaluations."""
        return self._evaluations.page(offset=offset, limit=limit)

    def evaluation(self, run_id: str) -> EvaluationReport:
        """Return one run of the evaluations; raises NotFound."""
        return self._evaluations.report(run_id)

    def evaluation_comparison(self, run_id: str) -> Comparison:
        """Return one run beside earlier ones; raises NotFound."""
        return self._evaluations.comparison(run_id)

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

    def _answer(self, request: AskRequest, on_evidence: OnEvidence, on_statement: OnStatement | None) -> Answer:
        started = time.perf_counter()
        understood = self._conversations.begin_or_resume(request)
        told = self._told_of_investigation(request, understood)
        if told is not None:
            plain = replace(understood, reading=Reading(request.question, "", "it is about an investigation"))
            return self._conversations.keep(plain, told)
        hits: list[Hit] = []

        def evidence(found: Sequence[Hit]) -> None:
            hits.extend(found)
            on_evidence(found)

        with self._knowledge.answering() as serving:
            where = self._where(request.filters, serving)
            found: domain.Answer = serving.answerer.answer(understood.question, where, self._counting(evidence))
            generation = serving.description.generation
        writer = self._writer() if request.writer == "auto" else None
        if writer is not None:  # the generation is let go of first: a model takes its time
            found = writer.write(understood.question, found, hits, on_statement)
        answer = to_answer(found, id=uuid.uuid4().hex, generation=generation, took_ms=_since(started))
        return self._conversations.keep(understood, answer)

    def _told_of_investigation(self, request: AskRequest, understood: Understood) -> Answer | None:
        if request.investigations == "none" or self._investigations is None:
            return None
        return self._investigations.answer(request.question, request.investigation_id or understood.investigation_id)

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
