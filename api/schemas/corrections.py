"""What a person says about a document, on the wire: it wins over what ingest detected."""

from pydantic import Field, model_validator

from api.schemas.places import Wire
from ingest.knowledge.documents import DocumentKind


class DocumentCorrection(Wire):
    """The right kind or services of a document; what is left out stays as it was."""

    kind: DocumentKind | None = Field(None, examples=["runbook"])
    services: list[str] | None = Field(None, max_length=50, examples=[["checkout", "payments"]])

    @model_validator(mode="after")
    def _says_something(self) -> "DocumentCorrection":
        if self.kind is None and self.services is None:
            raise ValueError("give kind, services, or both")
        return self


class CorrectionStored(Wire):
    """A stored correction, as it will be applied; `effect` says when."""

    document_id: str
    source: str
    path: str
    kind: DocumentKind | None
    services: list[str] | None
    effect: str
