"""Documents, sources and the state of the knowledge base on the wire."""

from datetime import date, datetime

from pydantic import Field

from api.schemas.places import Wire
from api.schemas.structure import DocumentStructure
from ingest.knowledge.documents import DocumentKind, DocumentStatus
from ingest.knowledge.manifest import DocumentState


class DocumentSummary(Wire):
    """One document as ingest knows it; a failed one has a `reason`, and a `revision` only if it was indexed before.

    `reached` says how far a failed one came, `transient` whether the next run tries it again by itself;
    `secrets` and `hostile` count what was replaced by marks and what was flagged.
    """

    id: str
    source: str
    path: str
    title: str
    state: DocumentState
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
    review_by: date | None = None
    labels: list[str] = []
    format: str = ""
    reached: str = ""
    transient: bool = False
    secrets: int = 0
    hostile: int = 0
    duplicate_of: str | None = Field(None, description="Id of the document that leads this near-duplicate.")


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
    flags: list[str] = []


class DocumentDetail(Wire):
    """A whole document: facts, the text that offsets count in, its sections and passages, what was extracted."""

    document: DocumentSummary
    text: str
    sections: list[SectionSpan]
    passages: list[PassageSpan]
    structure: DocumentStructure = DocumentStructure()


class SourceStatus(Wire):
    """One source with its counts and its last run; `next_run` is when its schedule reads it next."""

    source: str
    location: str
    indexed: int
    failed: int
    passages: int
    last_run: datetime | None
    seconds: float | None
    complete: bool
    problems: list[str] = []
    type: str = "folder"
    declared: bool = False
    ignored: int = 0
    tombstoned: int = 0
    schedule: str = ""
    next_run: datetime | None = None
    revision: str = ""


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
