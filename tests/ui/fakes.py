"""An assistant that knows a few documents and has its answers ready."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from api.errors import GroundwatchError, NotFound
from api.schemas.answers import Answer, AnswerEvent, AskEvent, AskRequest, EvidenceEvent, StatementEvent
from api.schemas.conversations import (
    Conversation,
    ConversationPage,
    ExportedConversation,
    ExportFormat,
    StoredAnswer,
)
from api.schemas.corrections import CorrectionStored, DocumentCorrection
from api.schemas.feedback import FeedbackRequest, FeedbackStored
from api.schemas.knowledge import DocumentDetail, DocumentPage, DocumentSummary, KnowledgeStatus, SourceStatus
from api.schemas.search import SearchRequest, SearchResponse
from api.schemas.structure import AlertPage, AlertSummary, ServiceDetail, ServicePage, ServiceSummary
from api.schemas.upkeep import (
    ChangedDocument,
    KnowledgeHealth,
    RetryRequest,
    RetryStored,
    RunDetail,
    RunPage,
    RunSummary,
    SyncRequest,
    SyncStarted,
)
from ingest.knowledge.manifest import DocumentState
from tests.ui.canned_answers import (
    abstained_answer,
    conflict_answer,
    hits_of,
    hostile_answer,
    partial_answer,
    runbook_answer,
)
from tests.ui.canned_conversations import CannedConversations
from tests.ui.canned_investigations import FakeInvestigations
from tests.ui.kept_knowledge import (
    BARE_ALERT,
    CHANGES,
    DISK_ALERT,
    ORDERS,
    POSTGRES,
    RULES,
    finished_run,
    orders_detail,
    troubled_health,
)
from tests.ui.material import ALL

BROKEN = DocumentSummary(
    id="document-broken",
    source="handbook",
    path="postmortems/scan.pdf",
    title="scan.pdf",
    state=DocumentState.FAILED,
    kind=None,
    reason="no text in 4 pages: it is a scan; install the extra 'ocr' or add a text version",
    attempts=2,
    size=90_210,
    reached="fetched",
)


def knowledge_status() -> KnowledgeStatus:
    """Return the state after one ingest with a failure."""
    source = SourceStatus(
        source="handbook",
        location="/srv/handbook",
        indexed=len(ALL),
        failed=1,
        passages=12,
        last_run=datetime(2025, 6, 1, 2, 0, tzinfo=UTC),
        seconds=4.2,
        complete=True,
        problems=["1 file could not be read"],
        declared=True,
    )
    return KnowledgeStatus(
        generation=7,
        model="all-MiniLM-L6-v2",
        built_at=datetime(2025, 6, 1, 2, 0, 4, tzinfo=UTC),
        documents=len(ALL),
        passages=12,
        failed=1,
        store="/srv/groundwatch/knowledge",
        kinds={"runbook": 2, "architecture": 1, "postmortem": 1},
        statuses={"current": 3, "superseded": 1},
        sources=[source, RULES],
    )


def empty_status() -> KnowledgeStatus:
    """Return the state before the first ingest."""
    return KnowledgeStatus(
        generation=None, model=None, built_at=None, documents=0, passages=0, failed=0, store="/srv/groundwatch"
    )


@dataclass
class FakeAssistant:
    """Answers what it knows and abstains from everything else; raises `error` where it is set."""

    state: KnowledgeStatus = field(default_factory=knowledge_status)
    error: GroundwatchError | None = None
    events: list[AskEvent] | None = None
    listed: list[DocumentSummary] = field(default_factory=lambda: [*(m.summary() for m in ALL), BROKEN])
    details: dict[str, DocumentDetail] = field(default_factory=lambda: {m.document_id: m.detail() for m in ALL})
    asked: list[AskRequest] = field(default_factory=list)
    corrections: list[DocumentCorrection] = field(default_factory=list)
    feedback: list[FeedbackRequest] = field(default_factory=list)
    kept_runs: list[RunSummary] = field(default_factory=lambda: [finished_run(12), finished_run(11, counts={})])
    held: str = ""
    changes: list[ChangedDocument] = field(default_factory=lambda: list(CHANGES))
    known_services: list[ServiceSummary] = field(default_factory=lambda: [ORDERS, POSTGRES])
    known_alerts: list[AlertSummary] = field(default_factory=lambda: [BARE_ALERT, DISK_ALERT])
    found_health: KnowledgeHealth = field(default_factory=troubled_health)
    syncs: list[SyncRequest] = field(default_factory=list)
    cancels: int = 0
    retries: list[RetryRequest] = field(default_factory=list)
    refusal: GroundwatchError | None = None
    threads: CannedConversations = field(default_factory=CannedConversations)
    investigating: FakeInvestigations = field(default_factory=FakeInvestigations)

    def search(self, request: SearchRequest) -> SearchResponse:
        self._fail()
        return SearchResponse(query=request.query, hits=[], generation=7, took_ms=1.0)

    def ask(self, request: AskRequest) -> Answer:
        self._fail()
        self.asked.append(request)
        known = [runbook_answer(), conflict_answer(), partial_answer(), hostile_answer()]
        found = [answer for answer in known if answer.question == request.question]
        return self.threads.keep(request, found[0] if found else abstained_answer(request.question))

    def ask_events(self, request: AskRequest) -> Iterator[AskEvent]:
        answer = self.ask(request)
        if self.events is not None:
            yield from self.events
            return
        yield EvidenceEvent(hits=hits_of(answer))
        for statement in answer.statements:
            yield StatementEvent(statement=statement)
        yield AnswerEvent(answer=answer)

    def conversations(self, *, offset: int, limit: int) -> ConversationPage:
        self._fail()
        return self.threads.page(offset=offset, limit=limit)

    def conversation(self, conversation_id: str, *, offset: int, limit: int) -> Conversation:
        self._fail()
        return self.threads.conversation(conversation_id, offset=offset, limit=limit)

    def delete_conversation(self, conversation_id: str) -> None:
        self._refuse()
        self.threads.delete(conversation_id)

    def export_conversation(self, conversation_id: str, format: ExportFormat) -> ExportedConversation:
        self._fail()
        return self.threads.export(conversation_id, format)

    def stored_answer(self, answer_id: str) -> StoredAnswer:
        self._fail()
        return self.threads.answer(answer_id)

    def status(self) -> KnowledgeStatus:
        self._fail()
        return self.state

    def documents(
        self, *, source: str | None, state: str | None, kind: str | None, query: str, offset: int, limit: int
    ) -> DocumentPage:
        self._fail()
        found = [
            document
            for document in self.listed
            if (source is None or document.source == source)
            and (state is None or document.state == state)
            and (kind is None or (document.kind is not None and document.kind.value == kind))
            and query.lower() in f"{document.title} {document.path}".lower()
        ]
        return DocumentPage(documents=found[offset : offset + limit], total=len(found), offset=offset, limit=limit)

    def document(self, document_id: str) -> DocumentDetail:
        self._fail()
        if document_id not in self.details:
            raise NotFound(f"no document {document_id!r}; list them with GET /v1/documents")
        return self.details[document_id]

    def correct(self, document_id: str, correction: DocumentCorrection) -> CorrectionStored:
        self._fail()
        self.corrections.append(correction)
        document = self.document(document_id).document
        return CorrectionStored(
            document_id=document_id,
            source=document.source,
            path=document.path,
            kind=correction.kind,
            services=correction.services,
            effect="The next ingest of 'handbook' applies it.",
        )

    def runs(self, *, source: str | None, limit: int) -> RunPage:
        self._fail()
        found = [run for run in self.kept_runs if source is None or source in run.sources]
        return RunPage(runs=found[:limit], held=self.held)

    def run(self, run_id: int, *, offset: int, limit: int) -> RunDetail:
        self._fail()
        found = [run for run in self.kept_runs if run.id == run_id]
        if not found:
            raise NotFound(f"no run {run_id}; list them with GET /v1/runs")
        changes = self.changes if found[0].counts else []
        return RunDetail(run=found[0], changes=changes[offset : offset + limit], total=len(changes))

    def start_sync(self, request: SyncRequest) -> SyncStarted:
        self._refuse()
        self.syncs.append(request)
        return SyncStarted(state="started", detail="a run starts in a process of its own")

    def cancel_sync(self) -> SyncStarted:
        self._refuse()
        self.cancels += 1
        return SyncStarted(state="busy", detail="the run stops before it promotes")

    def retry(self, request: RetryRequest) -> RetryStored:
        self._refuse()
        self.retries.append(request)
        return RetryStored(documents=len(request.document_ids), effect="the next run reads it again")

    def services(self, *, query: str, offset: int, limit: int) -> ServicePage:
        self._fail()
        found = [service for service in self.known_services if query.lower() in service.name.lower()]
        page = found[offset : offset + limit]
        return ServicePage(services=page, total=len(found), offset=offset, limit=limit, generation=7)

    def service(self, name: str) -> ServiceDetail:
        self._fail()
        if name != "orders":
            raise NotFound(f"no service {name!r}; near it: orders")
        return orders_detail()

    def alerts(self, *, query: str, without_runbook: bool, offset: int, limit: int) -> AlertPage:
        self._fail()
        found = [
            alert
            for alert in self.known_alerts
            if query.lower() in alert.name.lower() and not (without_runbook and alert.runbooks)
        ]
        page = found[offset : offset + limit]
        return AlertPage(alerts=page, total=len(found), offset=offset, limit=limit, generation=7)

    def health(self) -> KnowledgeHealth:
        self._fail()
        return self.found_health

    def send_feedback(self, request: FeedbackRequest) -> FeedbackStored:
        self._fail()
        self.feedback.append(request)
        stored_at = datetime(2025, 6, 2, 3, 0, tzinfo=UTC)
        return FeedbackStored(id=len(self.feedback), answer_id=request.answer_id, stored_at=stored_at)

    def close(self) -> None:
        pass

    def _refuse(self) -> None:
        """Raise `refusal` where it is set, for requests that change something."""
        self._fail()
        if self.refusal is not None:
            raise self.refusal

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error
