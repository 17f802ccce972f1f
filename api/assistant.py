"""What Groundwatch does for a caller, whoever calls: HTTP routes, the command line, later MCP.

Two classes keep this promise: `api.local.LocalAssistant` opens the index in this process,
`api.client.ApiClient` asks a running API.
"""

from collections.abc import Iterator
from typing import Protocol

from api.schemas.answers import Answer, AskEvent, AskRequest
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
from api.schemas.knowledge import DocumentDetail, DocumentPage, KnowledgeStatus
from api.schemas.search import SearchRequest, SearchResponse
from api.schemas.structure import AlertPage, ServiceDetail, ServicePage
from api.schemas.upkeep import KnowledgeHealth, RetryRequest, RetryStored, RunDetail, RunPage, SyncRequest, SyncStarted


class Assistant(Protocol):
    """Every method raises errors of api.errors, whose text tells a person what to do next."""

    def search(self, request: SearchRequest) -> SearchResponse:
        """Return passages, best first."""

    def ask(self, request: AskRequest) -> Answer:
        """Answer a question, or abstain."""

    def ask_events(self, request: AskRequest) -> Iterator[AskEvent]:
        """Answer a question as a stream: evidence, statements, and the whole answer last."""

    def status(self) -> KnowledgeStatus:
        """Return what is being served; before the first ingest too."""

    def documents(
        self, *, source: str | None, state: str | None, kind: str | None, query: str, offset: int, limit: int
    ) -> DocumentPage:
        """Return documents whose title or path holds `query`; failed ones too."""

    def document(self, document_id: str) -> DocumentDetail:
        """Return one document with its text; raises NotFound."""

    def correct(self, document_id: str, correction: DocumentCorrection) -> CorrectionStored:
        """Keep the right kind or services of a document until the next ingest applies them; raises NotFound."""

    def runs(self, *, source: str | None, limit: int) -> RunPage:
        """Return the newest runs, of all sources or of those that read one."""

    def run(self, run_id: int, *, offset: int, limit: int) -> RunDetail:
        """Return one run with a part of its diff; raises NotFound."""

    def start_sync(self, request: SyncRequest) -> SyncStarted:
        """Start a run in a process of its own, unless one is at work."""

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

    def conversations(self, *, offset: int, limit: int) -> ConversationPage:
        """Return conversations, the one that was added to last first."""

    def conversation(self, conversation_id: str, *, offset: int, limit: int) -> Conversation:
        """Return a conversation with some of its turns, oldest first; raises NotFound."""

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete a conversation with its answers; raises NotFound."""

    def export_conversation(self, conversation_id: str, format: ExportFormat) -> ExportedConversation:
        """Return a whole conversation as a file; raises NotFound."""

    def stored_answer(self, answer_id: str) -> StoredAnswer:
        """Return one stored answer as far as it may still be shown; raises NotFound."""

    def evaluations(self, *, offset: int, limit: int) -> EvaluationPage:
        """Return the newest runs of the evaluations."""

    def evaluation(self, run_id: str) -> EvaluationReport:
        """Return one run of the evaluations; raises NotFound."""

    def evaluation_comparison(self, run_id: str) -> Comparison:
        """Return one run beside earlier ones; raises NotFound."""

    def send_feedback(self, request: FeedbackRequest) -> FeedbackStored:
        """Store what a reader thinks of an answer."""

    def close(self) -> None:
        """Let go of the index or the connection."""
