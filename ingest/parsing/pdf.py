"""Text PDFs as Markdown-like text with the offset of each page, through pypdf."""

import io
import logging
from typing import TYPE_CHECKING

from ingest.errors import DocumentUnreadable
from ingest.parsing.damage import unreadable_when_damaged
from ingest.parsing.pdf_layout import lay_out
from ingest.parsing.pdf_lines import Line, LineCollector
from ingest.parsing.rendered import Rendered, words

if TYPE_CHECKING:
    from pypdf import PdfReader

_NO_TITLES = (
    "untitled",
    "microsoft word",
    "powerpoint",
    "document",
    ".doc",
    ".indd",
    ".pdf",
    ".tex",
    "slide 1",
)


def render_pdf(data: bytes) -> Rendered:
    """Render a PDF that holds text: paragraphs are put together again, running heads are dropped.

    A paragraph that runs over the end of a page belongs to the page on which it begins. Raises
    DocumentUnreadable for encrypted, damaged and scanned files.
    """
    # Damaged files make pypdf log what is then also raised or harmless; it has no switch for that.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with unreadable_when_damaged("is a damaged PDF file; open it and print it to a new PDF", *_vendor_errors()):
        reader = _open(data)
        pages = [_lines(reader, number) for number in range(len(reader.pages))]
        stated = _stated_title(reader)
    if not any(line.text for page in pages for line in page):
        raise DocumentUnreadable(
            f"holds no text on any of its {len(pages)} pages, so it is probably scanned; run text recognition"
            " (OCR, for example ocrmypdf, which Groundwatch does not ship) over it first"
        )
    layout = lay_out(pages)
    empty = [number for number, page in enumerate(pages, start=1) if not page]
    title = layout.title if layout.title and layout.title in (stated or layout.title) else stated
    return Rendered(layout.text, title, layout.page_starts, {"pages": len(pages)}, _warnings(empty))


def _vendor_errors() -> tuple[type[Exception], ...]:
    from pypdf.errors import PyPdfError

    return (PyPdfError,)


def _open(data: bytes) -> "PdfReader":
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentUnreadable("is password-protected; save a copy without a password")
    if not reader.pages:
        raise DocumentUnreadable("is a PDF without pages")
    return reader


def _lines(reader: "PdfReader", number: int) -> list[Line]:
    collector = LineCollector()
    reader.pages[number].extract_text(visitor_text=collector.visit)
    return collector.lines()


def _stated_title(reader: "PdfReader") -> str | None:
    """Return the title in the file's properties, unless it is what a program wrote there by default."""
    metadata = reader.metadata
    title = words(str(metadata.title or "")) if metadata is not None else ""
    if " " not in title or any(sign in title.lower() for sign in _NO_TITLES):
        return None
    return title


def _warnings(empty: list[int]) -> tuple[str, ...]:
    if not empty:
        return ()
    shown = ", ".join(str(number) for number in empty[:10]) + (" and more" if len(empty) > 10 else "")
    return (f"no text on page {shown}: pictures are not read",)
