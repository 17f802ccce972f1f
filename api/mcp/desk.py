"""What the tools and resources need of an assistant."""

from typing import Protocol

from api.schemas.answers import Answer, AskRequest
from api.schemas.knowledge import DocumentDetail, DocumentPage, KnowledgeStatus
from api.schemas.search import SearchRequest, SearchResponse
from api.schemas.structure import AlertPage, ServiceDetail, ServicePage


class Desk(Protocol):
    """The part of `api.assistant.Assistant` that reads."""

    def search(self, request: SearchRequest) -> SearchResponse:
        """Return passages, best first."""

    def ask(self, request: AskRequest) -> Answer:
        """Answer a question, or abstain."""

    def status(self) -> KnowledgeStatus:
        """Return what is being served."""

    def documents(
        self, *, source: str | None, state: str | None, kind: str | None, query: str, offset: int, limit: int
    ) -> DocumentPage:
        """Return documents whose title or path holds `query`."""

    def document(self, document_id: str) -> DocumentDetail:
        """Return one document with its text; raises NotFound."""

    def services(self, *, query: str, offset: int, limit: int) -> ServicePage:
        """Return services by name."""

    def service(self, name: str) -> ServiceDetail:
        """Return one service; raises NotFound."""

    def alerts(self, *, query: str, without_runbook: bool, offset: int, limit: int) -> AlertPage:
        """Return alerts by name."""
