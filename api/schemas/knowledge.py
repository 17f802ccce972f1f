"""Documents, sources and the state of the knowledge base on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas.places import Wire
from ingest.knowledge.documents import DocumentKind, DocumentStatus


class DocumentSummary(Wire):
    """One document as ingest knows it; a failed one has a `reason`, and a `revision` only if it was indexed before."""

    id: str
    source: str
    path: str
    title: str
    state: Literal["indexed", "failed"]
    kind: DocumentKind | None
    kind_reason: str = ""
    status: DocumentStatus | None = None
    services: list[str] = []
    owners: list[str] = []
    revision: str = ""
    updated_at: datetime | None = None
    url: str | None = None
    superseded_by: str | None = None
    passages: int = 0
    size: int = Field(0, description="Bytes at the source.")
    reason: str = ""
    attempts: int = 0
    warnings: list[str] = []


class DocumentPage(Wire):
    """Some of the documents, ordered by source and path; `total` counts all that match."""

    documents: list[DocumentSummary]
    total: int
    offset: int
    limit: int


class SectionSpan(Wire):
    """A section of a document's text."""

    heading_path: list[str]
    char_start: int
    char_end: int
    line_start: int
    line_end: int
    page: int | None = None


class PassageSpan(Wire):
    """A passage of a document's text."""

    passage_id: str
    heading_path: list[str]
    char_start: int
    char_end: int
    line_start: int
    line_end: int


class DocumentDetail(Wire):
    """A whole document: facts, the text that offsets count in, its sections and passages."""

    document: DocumentSummary
    text: str
    sections: list[SectionSpan]
    passages: list[PassageSpan]


class SourceStatus(Wire):
    """One source with its counts and its last run."""

    source: str
    location: str
    indexed: int
    failed: int
    passages: int
    last_run: datetime | None
    seconds: float | None
    complete: bool
    problems: list[str] = []


class KnowledgeStatus(Wire):
    """What is being served, and from where. `generation` is None before the first ingest."""

    generation: int | None
    model: str | None
    built_at: datetime | None
    documents: int
    passages: int
    failed: int
    store: str = Field(description="Folder of the embedded index, or URL of the Qdrant server.")
    kinds: dict[str, int] = Field({}, description="Indexed documents by kind.")
    statuses: dict[str, int] = Field({}, description="Indexed documents by status.")
    sources: list[SourceStatus] = []
