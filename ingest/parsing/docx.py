"""DOCX as Markdown-like text, through unstructured; code is found by its style or font beforehand."""

import io
import re
import zipfile
from typing import TYPE_CHECKING

from ingest.errors import DocumentUnreadable
from ingest.parsing.damage import unreadable_when_damaged
from ingest.parsing.rendered import (
    ListEntry,
    Rendered,
    code_block,
    heading,
    join,
    list_block,
    paragraph,
    table,
    words,
)
from ingest.parsing.unstructured_setup import prepare_unstructured

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.styles.style import CharacterStyle
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run
    from unstructured.documents.elements import Element

_DEFAULT_LIMIT = 50 * 1024 * 1024
_CODE_MARK = "\ue000"
_CODE_STYLE = re.compile(r"code|preformatted|verbatim|plain text|macro", re.IGNORECASE)
CODE_FONT = re.compile(r"mono|courier|consolas|menlo|monaco|code|cascadia|lucida console", re.IGNORECASE)
"""The names of fonts of fixed width, in which documents write commands."""

_NUMBER = re.compile(r"^(\d{1,4})[.)]\s+")
_NO_TITLES = frozenset({"", "word document", "document", "untitled", "title"})  # what writers put by default
_LEFT_OUT = frozenset({"Header", "Footer", "PageBreak", "Image"})


def render_docx(data: bytes, *, max_bytes: int = _DEFAULT_LIMIT) -> Rendered:
    """Render a Word document; page headers and footers are left out.

    `max_bytes` bounds the unpacked size. Raises DocumentUnreadable for damaged, oversized or empty files.
    """
    check_archive(data, max_bytes, "DOCX")
    with unreadable_when_damaged("cannot be read as DOCX", *_vendor_errors()):
        document = _open(data)
        _mark_code(document)
        elements = _partition(document)
        text = join(_blocks(elements))
        title = _stated_title(document) or _first_heading(elements)
    if not text:
        raise DocumentUnreadable("holds no text; if its pages are pictures, export them with text recognition")
    return Rendered(text, title)


def check_archive(data: bytes, max_bytes: int, kind: str) -> None:
    """Refuse an office archive that unpacks to more than `max_bytes`, is damaged, or has a password."""
    with unreadable_when_damaged(f"is a damaged or truncated {kind} file", zipfile.BadZipFile):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        encrypted = any(part.flag_bits & 0x1 for part in parts)
    if unpacked > max_bytes:
        raise DocumentUnreadable(
            f"unpacks to {unpacked:,} bytes, more than the limit of {max_bytes:,}; split the document"
        )
    if encrypted:
        raise DocumentUnreadable("is a password-protected archive; save it without a password")


def _vendor_errors() -> tuple[type[Exception], ...]:
    from docx.exceptions import PythonDocxError
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError  # type: ignore[import-untyped]  # lxml ships no hints

    return (zipfile.BadZipFile, PythonDocxError, OpcError, LxmlError)


def _open(data: bytes) -> "WordDocument":
    import docx

    return docx.Document(io.BytesIO(data))


def _mark_code(document: "WordDocument") -> None:
    """Put a mark before the text of each paragraph of code, which unstructured passes on."""
    for found in document.paragraphs:
        if found.text.strip() and _is_code(found):
            first = next(run for run in found.runs if run.text)
            first.text = _CODE_MARK + first.text


def _is_code(found: "Paragraph") -> bool:
    """Return whether a paragraph has a style for code, or all of its text a font of fixed width."""
    runs = [run for run in found.runs if run.text.strip()]
    if not runs:
        return False
    style = found.style
    if style is not None and (_CODE_STYLE.search(style.name or "") or CODE_FONT.search(style.font.name or "")):
        return True
    return all(CODE_FONT.search(run.font.name or "") or _CODE_STYLE.search(_style_name(run)) for run in runs)


def _style_name(run: "Run") -> str:
    # A file without a default style gives None here, against python-docx's own hints.
    style: CharacterStyle | None = run.style
    return style.name or "" if style is not None else ""


def _partition(document: "WordDocument") -> "list[Element]":
    prepare_unstructured()
    from unstructured.partition.docx import partition_docx

    marked = io.BytesIO()
    document.save(marked)
    marked.seek(0)
    found = partition_docx(file=marked, languages=[""])
    return [element for element in found if element.category not in _LEFT_OUT]


def _blocks(elements: "list[Element]") -> list[str]:
    """Return the rendered blocks; neighbouring list items and lines of code are put together."""
    blocks: list[str] = []
    entries: list[ListEntry] = []
    code: list[str] = []
    for element in elements:
        is_code = element.text.startswith(_CODE_MARK)
        is_item = element.category == "ListItem" and not is_code
        if entries and not is_item:
            blocks.append(list_block(entries))
            entries = []
        if code and not is_code:
            blocks.append(code_block("\n".join(code)))
            code = []
        if is_code:
            code.append(element.text.removeprefix(_CODE_MARK))
        elif is_item:
            entries.append(_entry(element))
        else:
            blocks.append(_block(element))
    return [*blocks, list_block(entries) if entries else "", code_block("\n".join(code)) if code else ""]


def _block(element: "Element") -> str:
    if element.category == "Title":
        return heading((element.metadata.category_depth or 0) + 1, element.text) if words(element.text) else ""
    if element.category == "Table" and element.metadata.text_as_html:
        return table(_rows(element.metadata.text_as_html))
    return paragraph(element.text.replace("\v", "\n"))


def _entry(element: "Element") -> ListEntry:
    """Return a list item; unstructured writes the automatic number before the text."""
    depth = element.metadata.category_depth or 0
    number = _NUMBER.match(element.text)
    if number is not None:
        return ListEntry(depth, f"{number.group(1)}.", element.text[number.end() :])
    # Markdown knows no lettered items: "a. …" keeps its letter in the text, since other steps refer to it.
    return ListEntry(depth, "-", element.text)


def _rows(html: str) -> list[list[str]]:
    from lxml.html import fragment_fromstring  # type: ignore[import-untyped]  # lxml ships no hints

    return [
        [" ".join(cell.itertext()) for cell in row.iter("td", "th")] for row in fragment_fromstring(html).iter("tr")
    ]


def _stated_title(document: "WordDocument") -> str | None:
    title = words(document.core_properties.title or "")
    return title if title.lower() not in _NO_TITLES else None


def _first_heading(elements: "list[Element]") -> str | None:
    return next((words(element.text) for element in elements if element.category == "Title"), None)
