"""The connection to the API, opened once for all readers of this app."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import streamlit as st

from api.schemas.answers import AskEvent, AskRequest
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
from api.schemas.incidents import (
    IncidentAction,
    IncidentDetail,
    IncidentPage,
    IncidentState,
    IncidentSummary,
    Severity,
)
from api.schemas.investigation_runs import (
    EndEvent,
    InvestigationDetail,
    InvestigationPage,
    InvestigationRequest,
    InvestigationSummary,
    RunState,
    StepEvent,
)
from api.schemas.investigations import ObservationDetail
from api.schemas.knowledge import DocumentDetail, DocumentPage, KnowledgeStatus
from api.schemas.structure import AlertPage, ServiceDetail, ServicePage
from api.schemas.upkeep import KnowledgeHealth, RetryRequest, RetryStored, RunDetail, RunPage, SyncRequest, SyncStarted

DEFAULT_URL = "http://127.0.0.1:8080"


class Assistant(Protocol):
    """What the pages ask of the API; every method raises errors of api.errors."""

    def ask_events(self, request: AskRequest) -> Iterator[AskEvent]:
        """Answer a question as a stream: evidence, statements, and the whole answer last."""

    def conversations(self, *, offset: int, limit: int) -> ConversationPage:
        """Return conversations, the one that was added to last first."""

    def conversation(self, conversation_id: str, *, offset: int, limit: int) -> Conversation:
        """Return a conversation with some of its turns, oldest first; raises NotFound."""

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete a conversation with its answers; raises NotFound."""

    def export_conversation(self, conversation_id: str, format: ExportFormat) -> ExportedConversation:
        """Return a whole conversation as a file; raises NotFound."""

    def stored_answer(self, answer_id: str) -> StoredAnswer:
        """Return one stored answer; raises NotFound."""

    def evaluations(self, *, offset: int, limit: int) -> EvaluationPage:
        """Return the newest runs of the evaluations."""

    def evaluation(self, run_id: str) -> EvaluationReport:
        """Return one run of the evaluations; raises NotFound."""

    def evaluation_comparison(self, run_id: str) -> Comparison:
        """Return one run beside earlier ones; raises NotFound."""

    def status(self) -> KnowledgeStatus:
        """Return what is being served; before the first ingest too."""

    def documents(
        self, *, source: str | None, state: str | None, kind: str | None, query: str, offset: int, limit: int
    ) -> DocumentPage:
        """Return documents whose title or path holds `query`; failed ones too."""

    def document(self, document_id: str) -> DocumentDetail:
        """Return one document with its text; raises NotFound."""

    def correct(self, document_id: str, correction: DocumentCorrection) -> CorrectionStored:
        """Tell the right kind or services of a document; the next ingest applies them."""

    def runs(self, *, source: str | None, limit: int) -> RunPage:
        """Return the newest runs, of all sources or of those that read one."""

    def run(self, run_id: int, *, offset: int, limit: int) -> RunDetail:
        """Return one run with a part of its diff; raises NotFound."""

    def start_sync(self, request: SyncRequest) -> SyncStarted:
        """Start a run, unless one is at work."""

    def cancel_sync(self) -> SyncStarted:
        """Ask the run at work to stop before it promotes."""

    def retry(self, request: RetryRequest) -> RetryStored:
        """Let the next run read failed documents again."""

    def services(self, *, query: str, offset: int, limit: int) -> ServicePage:
        """Return services whose name or alias holds `query`, by name."""

    def service(self, name: str) -> ServiceDetail:
        """Return one service by its name or an alias; raises NotFound, with near matches."""

    def alerts(self, *, query: str, without_runbook: bool, offset: int, limit: int) -> AlertPage:
        """Return alerts whose name holds `query`, by name; only those without a runbook where asked for."""

    def health(self) -> KnowledgeHealth:
        """Return what is wrong with the documents."""

    def send_feedback(self, request: FeedbackRequest) -> FeedbackStored:
        """Store what a reader thinks of an answer."""

    def start_investigation(self, request: InvestigationRequest) -> InvestigationSummary:
        """Ask for the investigation of a bundle that lies where the API finds it."""

    def investigations(self, *, state: RunState | None, offset: int, limit: int) -> InvestigationPage:
        """Return investigations, newest first."""

    def investigation(self, investigation_id: str) -> InvestigationDetail:
        """Return one with what came of it; raises NotFound."""

    def investigation_events(self, investigation_id: str, *, after: int = 0) -> Iterator[StepEvent | EndEvent]:
        """Follow an investigation until it ends."""

    def observation(self, investigation_id: str, observation_id: str) -> ObservationDetail:
        """Return one observation with its rows; raises NotFound."""

    def investigation_report(self, investigation_id: str) -> str:
        """Return the report as Markdown; raises UsageError where it is not done."""

    def cancel_investigation(self, investigation_id: str) -> InvestigationSummary:
        """Call one off unless it has ended; raises NotFound."""

    def incidents(
        self,
        *,
        state: IncidentState | None,
        service: str,
        severity: Severity | None,
        query: str,
        offset: int,
        limit: int,
    ) -> IncidentPage:
        """Return incidents, those that go on and the worst of them first."""

    def incident(self, incident_id: str) -> IncidentDetail:
        """Return one with its alerts and its history; raises NotFound."""

    def acknowledge_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """Say that somebody is at it; raises NotFound, and UsageError for one that has ended."""

    def resolve_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """End one; raises NotFound."""

    def reopen_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """Open one again; raises NotFound."""


@dataclass(frozen=True, slots=True)
class ApiAddress:
    """Where the API answers, and the key to present there."""

    url: str
    api_key: str | None = field(repr=False)


def api_address() -> ApiAddress:
    """Return the address from `GROUNDWATCH_URL` and `GROUNDWATCH_API_KEY`."""
    url = os.environ.get("GROUNDWATCH_URL") or DEFAULT_URL
    return ApiAddress(url, os.environ.get("GROUNDWATCH_API_KEY") or None)


def assistant() -> Assistant:
    """Return the assistant of this session: the running API, unless the session brought its own."""
    if "assistant" in st.session_state:
        own: Assistant = st.session_state["assistant"]
        return own
    address = api_address()
    return _client(address.url, address.api_key)


@st.cache_resource(show_spinner=False)
def _client(url: str, api_key: str | None) -> Assistant:
    from api.client import ApiClient

    return ApiClient(url, api_key)
