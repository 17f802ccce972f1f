"""Documents as resources: listed in pages, read by lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

from api.errors import NotFound, UsageError
from api.mcp.desk import Desk
from api.mcp.document_lines import DocumentLines, read_lines
from api.schemas.knowledge import DocumentSummary
from ingest.knowledge.manifest import DocumentState

URI_TEMPLATE = "groundwatch://documents/{id}{?line_start,line_end}"
PAGE = 100

_SCHEME, _HOST = "groundwatch", "documents"
_MEDIA_TYPES = {"markdown": "text/markdown", "md": "text/markdown"}


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """Some of the documents; `cursor` leads to the next ones, None at the end."""

    documents: Sequence[DocumentSummary]
    cursor: str | None


def list_resources(desk: Desk, cursor: str | None) -> ResourcePage:
    """Return documents by source and path; raises UsageError for a cursor that is none of ours."""
    offset = 0
    if cursor is not None:
        if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
            raise UsageError(f"cursor {cursor[:80]!r} was not given out here; list from the start, without a cursor")
        offset = int(cursor)
    page = desk.documents(
        source=None, state=DocumentState.INDEXED.value, kind=None, query="", offset=offset, limit=PAGE
    )
    end = offset + len(page.documents)
    return ResourcePage(page.documents, str(end) if page.documents and end < page.total else None)


def read_resource(desk: Desk, uri: str) -> DocumentLines:
    """Return the lines that a URI means; raises NotFound, and UsageError for a URI of another form."""
    parts = urlsplit(uri)
    document = unquote(parts.path.removeprefix("/"))
    if parts.scheme != _SCHEME or parts.netloc != _HOST or not document:
        raise NotFound(f"there is no resource {uri[:200]!r}; resources have the form {URI_TEMPLATE}")
    numbers = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if strangers := numbers.keys() - {"line_start", "line_end"}:
        raise UsageError(f"{sorted(strangers)[0]!r} means nothing in {uri[:200]!r}; use {URI_TEMPLATE}")
    first, last = (_line(numbers, name) for name in ("line_start", "line_end"))
    return read_lines(desk, document, first or 1, last)


def resource_uri(document_id: str, line_start: int | None = None) -> str:
    """Return the URI of a document, or of its part from a line on."""
    tail = f"?line_start={line_start}" if line_start else ""
    return f"{_SCHEME}://{_HOST}/{quote(document_id, safe='')}{tail}"


def media_type(document: DocumentSummary) -> str:
    """Return the media type of a document's text."""
    if document.path.lower().endswith((".md", ".markdown")):
        return "text/markdown"
    return _MEDIA_TYPES.get(document.format.lower(), "text/plain")


def _line(numbers: dict[str, str], name: str) -> int | None:
    said = numbers.get(name)
    if said is None:
        return None
    if not said.isascii() or not said.isdigit() or len(said) > 9 or int(said) < 1:
        raise UsageError(f"{name}={said[:80]!r} is no line number; lines count from 1")
    return int(said)
