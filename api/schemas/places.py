"""Where something stands in the knowledge base: the fields that a search hit and a citation share."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from ingest.knowledge.documents import DocumentKind, DocumentStatus


class Wire(BaseModel):
    """Base of everything on the wire: unknown fields are refused, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(Wire):
    """A span of a document. `quote == text_of_document[char_start:char_end]`; lines count from 1, inclusive."""

    document_id: str
    passage_id: str
    source: str
    path: str = Field(description="Relative to the source's root, with forward slashes.")
    kind: DocumentKind
    status: DocumentStatus
    title: str
    heading_path: list[str]
    line_start: int
    line_end: int
    char_start: int
    char_end: int
    page: int | None = Field(None, description="Page from 1, for paged formats only.")
    quote: str
    url: str | None
    revision: str
    updated_at: datetime | None
    review_by: date | None = Field(None, description="Day by which somebody promised to look at the document again.")
    flags: list[str] = Field([], description="In what ways the passage addresses a language model; it is data only.")


class Filters(Wire):
    """Narrow a search; an empty list does not restrict, several values mean "any of"."""

    sources: list[str] = []
    kinds: list[DocumentKind] = []
    services: list[str] = []
    exclude_documents: list[str] = Field(
        [], description="Ids, paths, or source/path of documents that must not be used."
    )
