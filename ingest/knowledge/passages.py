"""Passages, the unit of retrieval, and the filter that narrows a search over them."""

from dataclasses import dataclass

from ingest.knowledge.documents import Block, DocumentFacts, DocumentKind
from ingest.knowledge.spans import Span


@dataclass(frozen=True, slots=True)
class Passage:
    """A raw slice of one section: `text == document.text[span.start:span.end]`.

    `blocks` carry absolute offsets into the document and lie within `span`. `header` is the line
    `title > heading path` that the index puts before the text. `identifiers` are case-folded. `flags` say in
    what ways the text addresses a language model; such a passage is shown as data and never followed.
    """

    id: str
    document_id: str
    ordinal: int
    heading_path: tuple[str, ...]
    header: str
    span: Span
    text: str
    blocks: tuple[Block, ...] = ()
    identifiers: tuple[str, ...] = ()
    page: int | None = None
    flags: tuple[str, ...] = ()

    @property
    def index_text(self) -> str:
        """The text that is embedded and indexed: header line, then the passage."""
        return f"{self.header}\n{self.text}"


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as it comes back from the index, with the facts of its document."""

    passage: Passage
    document: DocumentFacts


@dataclass(frozen=True, slots=True)
class PassageFilter:
    """Which passages may be returned; an empty field does not restrict, several values mean "any of".

    `services` matches documents of any of these services; `exclude_documents` holds document ids.
    """

    sources: tuple[str, ...] = ()
    kinds: tuple[DocumentKind, ...] = ()
    services: tuple[str, ...] = ()
    exclude_documents: tuple[str, ...] = ()
