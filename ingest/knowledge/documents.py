"""Documents and the places in them: spans, blocks, sections, and what is known about a document."""

import uuid
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# Namespace of all ids that are derived from names (RFC 9562, version 5); never change it.
_NAMESPACE = uuid.UUID("6f1f7f0e-3b3c-5d0a-9a53-47726f756e64")


class DocumentKind(StrEnum):
    """What a document is for; it decides boosts, decay and how an answer is drawn from it."""

    RUNBOOK = "runbook"
    ARCHITECTURE = "architecture"
    POSTMORTEM = "postmortem"
    REFERENCE = "reference"


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
class Span:
    """A half-open range of characters `[start, end)` of a document's text, with its lines.

    `start` and `end` are offsets in characters (code points) from 0; `line_start` and `line_end`
    count from 1 and both are included.
    """

    start: int
    end: int
    line_start: int
    line_end: int


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
    `url` opens the document at its source; None where the source has no links.
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
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document: its facts, its whole text, and the sections of that text."""

    facts: DocumentFacts
    text: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class LineIndex:
    """Offsets of line starts, to turn character offsets into line numbers and back."""

    starts: tuple[int, ...]
    length: int

    @classmethod
    def of(cls, text: str) -> "LineIndex":
        """Index the lines of `text`; only "\\n" ends a line, as in editors and on code hosts."""
        starts = [0]
        position = text.find("\n")
        while position != -1:
            starts.append(position + 1)
            position = text.find("\n", position + 1)
        return cls(tuple(starts), len(text))

    def line_of(self, offset: int) -> int:
        """Return the line number, from 1, of the character at `offset`."""
        return bisect_right(self.starts, offset)

    def start_of(self, line: int) -> int:
        """Return the offset at which `line` (from 1) starts; the text's length beyond its last line."""
        return self.starts[line - 1] if line <= len(self.starts) else self.length

    def span(self, start: int, end: int) -> Span:
        """Return the span `[start, end)`; an empty one stays on the line of `start`."""
        return Span(start, end, self.line_of(start), self.line_of(max(start, end - 1)))


@dataclass(frozen=True, slots=True)
class ParsedText:
    """What a parser returns: text, its sections, and the metadata that the file itself states."""

    text: str
    sections: tuple[Section, ...]
    title: str | None = None
    metadata: dict[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def document_id(source: str, path: str) -> str:
    """Return the stable id of the document at `path` of `source` (a UUID; the same in every generation)."""
    return str(uuid.uuid5(_NAMESPACE, f"{source}\n{path}"))


def passage_id(document: str, revision: str, start: int) -> str:
    """Return the id (a UUID) of the passage that starts at character `start` of that revision."""
    return str(uuid.uuid5(_NAMESPACE, f"{document}\n{revision}\n{start}"))
