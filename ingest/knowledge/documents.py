"""Documents: their blocks, sections, and what is known about them."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from ingest.knowledge.extracts import NOTHING, Extract
from ingest.knowledge.spans import Span

# Namespace of all ids that are derived from names (RFC 9562, version 5); never change it.
_NAMESPACE = uuid.UUID("6f1f7f0e-3b3c-5d0a-9a53-47726f756e64")


class DocumentKind(StrEnum):
    """What a document is for; it decides boosts, decay and how an answer is drawn from it."""

    RUNBOOK = "runbook"
    ARCHITECTURE = "architecture"
    POSTMORTEM = "postmortem"
    REFERENCE = "reference"
    ALERT = "alert"  # one rule of a rule file


class DocumentStatus(StrEnum):
    """Whether a document may still be followed."""

    CURRENT = "current"
    DRAFT = "draft"
    DEPRECATED = "deprecated"
    SUPERSEDED = "superseded"


class BlockKind(StrEnum):
    """What one block of text is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    STEP = "step"  # an item of an ordered list
    ITEM = "item"  # an item of an unordered list
    CODE = "code"  # fenced or indented, fences included in the span
    TABLE_HEADER = "table_header"
    TABLE_ROW = "table_row"
    QUOTE = "quote"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a section in document order; `depth` is the nesting depth of lists and quotes (0 outside)."""

    kind: BlockKind
    span: Span
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it up to the next heading of any level.

    `span` covers the heading line too. `heading_path` runs from the outermost heading to this one and
    is empty for text before the first heading. `page` counts from 1 and is set for paged formats only.
    """

    heading_path: tuple[str, ...]
    span: Span
    blocks: tuple[Block, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What is known about a document beside its text.

    `path` is relative to the root of the source, with forward slashes. `revision` names the version of
    the content (for a folder: the first 12 hex digits of its SHA-256). `updated_at` is timezone-aware.
    `url` opens the document at its source; None where the source has no links. `review_by` is the day by
    which somebody promised to look at it again. `labels` are the source's own words for it; `access` names
    the groups that alone may read it, and is empty where everyone may.
    """

    id: str
    source: str
    path: str
    title: str
    kind: DocumentKind
    status: DocumentStatus
    revision: str
    services: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    updated_at: datetime | None = None
    url: str | None = None
    superseded_by: str | None = None
    review_by: date | None = None
    labels: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document: its facts, its whole text, the sections of that text, and what it states as structure."""

    facts: DocumentFacts
    text: str
    sections: tuple[Section, ...]
    extract: Extract = NOTHING


@dataclass(frozen=True, slots=True)
class ParsedText:
    """What a parser returns: text, its sections, and the metadata that the file itself states.

    `part` names one document of a file that holds several (an alert of a rule file) and is "" elsewhere; all
    parts of a file share its text, and the sections of each cover its own stretch. `extract` holds what the
    format itself states as structure; what the words state is found later. `format` names the format read.
    """

    text: str
    sections: tuple[Section, ...]
    title: str | None = None
    metadata: dict[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    part: str = ""
    extract: Extract = NOTHING
    format: str = ""


def document_id(source: str, path: str) -> str:
    """Return the stable id of the document at `path` of `source` (a UUID; the same in every generation)."""
    return str(uuid.uuid5(_NAMESPACE, f"{source}\n{path}"))


def passage_id(document: str, revision: str, start: int) -> str:
    """Return the id (a UUID) of the passage that starts at character `start` of that revision."""
    return str(uuid.uuid5(_NAMESPACE, f"{document}\n{revision}\n{start}"))
