"""What Groundwatch does for a caller, whoever calls: HTTP routes, the command line, later MCP.

Two classes keep this promise: `api.local.LocalAssistant` opens the index in this process,
`api.client.ApiClient` asks a running API.
"""

from collections.abc import Iterator
from typing import Protocol

from api.schemas.answers import Answer, AskEvent, AskRequest
from api.schemas.corrections import CorrectionStored, DocumentCorrection
from api.schemas.feedback import FeedbackRequest, FeedbackStored
from api.schemas.knowledge import DocumentDetail, DocumentPage, KnowledgeStatus
from api.schemas.search import SearchRequest, SearchResponse


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

    def send_feedback(self, request: FeedbackRequest) -> FeedbackStored:
        """Store what a reader thinks of an answer."""

    def close(self) -> None:
        """Let go of the index or the connection."""
