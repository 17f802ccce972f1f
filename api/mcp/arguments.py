"""What the tools take; the descriptions are read by language models."""

from typing import Annotated

from pydantic import Field

from api.schemas.places import Filters, Wire
from ingest.knowledge.documents import DocumentKind

_Names = Annotated[list[str], Field(max_length=50)]
_Part = Annotated[str, Field(max_length=200)]
_Offset = Annotated[int, Field(ge=0, description="How many to leave out at the start.")]


class Narrowed(Wire):
    """Filters that searching and asking share."""

    sources: _Names = Field([], description="Only documents of these sources; knowledge_status lists them.")
    kinds: list[DocumentKind] = Field([], max_length=50, description="Only documents of these kinds.")
    services: _Names = Field([], description="Only documents about these services; list_services lists them.")
    exclude_documents: _Names = Field([], description="Not these documents: ids, paths or source/path.")

    def filters(self) -> Filters:
        """Return them in the form of the API."""
        return Filters(
            sources=self.sources,
            kinds=self.kinds,
            services=self.services,
            exclude_documents=self.exclude_documents,
        )


class Search(Narrowed):
    """Arguments of search_knowledge."""

    query: str = Field(
        min_length=1,
        max_length=8_000,
        description='An alert name, an error message, a metric, a PromQL expression, or words; "quoted" phrases count.',
    )
    limit: int = Field(5, ge=1, le=20, description="How many passages.")


class Question(Narrowed):
    """Arguments of ask."""

    question: str = Field(
        min_length=1,
        max_length=8_000,
        description="One question that stands alone, or the text of an alert. Name the service, alert or error.",
    )


class Lines(Wire):
    """Arguments of get_document."""

    document: str = Field(
        min_length=1, max_length=1_000, description="Id of a document (document_id of a passage), or its source/path."
    )
    line_start: int = Field(1, ge=1, description="First line, from 1.")
    line_end: int | None = Field(None, ge=1, description="Last line; left out, as many as can be shown.")


class Listed(Wire):
    """Arguments of list_documents."""

    query: _Part = Field("", description="Part of the title or of source/path.")
    source: str | None = Field(None, max_length=200, description="Only of this source.")
    kind: DocumentKind | None = Field(None, description="Only of this kind.")
    offset: _Offset = 0
    limit: int = Field(50, ge=1, le=200, description="How many documents.")


class Services(Wire):
    """Arguments of list_services."""

    query: _Part = Field("", description="Part of a name or alias.")
    offset: _Offset = 0
    limit: int = Field(50, ge=1, le=200, description="How many services.")


class Alerts(Wire):
    """Arguments of list_alerts."""

    query: _Part = Field("", description="Part of a name.")
    without_runbook: bool = Field(False, description="Only alerts that no runbook is about.")
    offset: _Offset = 0
    limit: int = Field(20, ge=1, le=100, description="How many alerts.")


class Named(Wire):
    """Arguments of get_service and get_alert."""

    name: str = Field(min_length=1, max_length=200, description="The name; case does not matter.")


class Nothing(Wire):
    """A tool without arguments."""
