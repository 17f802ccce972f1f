"""Parse any supported file: detect its format, render it, split it into sections."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import replace

from ingest.errors import DocumentUnreadable, NotADocument
from ingest.knowledge.documents import Block, ParsedText, Section
from ingest.knowledge.spans import LineIndex
from ingest.parsing.damage import unreadable_when_damaged
from ingest.parsing.decoding import decode
from ingest.parsing.formats import Format, detect_format
from ingest.parsing.markdown import parse_markdown
from ingest.parsing.rendered import Rendered

MAX_BYTES = 50 * 1024 * 1024
"""The default limit of a file's size, and of a DOCX file's unpacked size."""

_SETTING = "GROUNDWATCH_MAX_DOCUMENT_BYTES"


Cleaner = Callable[[str], str]
"""Takes what must not be stored out of a text, before anything else sees it; the number of lines stays."""


def parse(path: str, data: bytes, *, max_bytes: int = MAX_BYTES, clean: Cleaner = str) -> ParsedText:
    """Return the first document of a file; see `parse_parts`."""
    return parse_parts(path, data, max_bytes=max_bytes, clean=clean)[0]


def parse_parts(path: str, data: bytes, *, max_bytes: int = MAX_BYTES, clean: Cleaner = str) -> tuple[ParsedText, ...]:
    """Return the documents of a file, one but for rule files; `path` serves to tell the format only.

    Spans count in the text that is returned: for formats that are text that is the file's own text with
    "\n" line ends, for other formats the Markdown-like text that they are rendered into. Raises
    DocumentUnreadable, with a reason for a person, for every file that cannot be read, and NotADocument
    for one that is no document.
    """
    if len(data) > max_bytes:
        raise DocumentUnreadable(
            f"has {len(data):,} bytes, more than the limit of {max_bytes:,}; split it, or raise {_SETTING}"
        )
    if not data.strip():
        raise DocumentUnreadable("is empty")
    with unreadable_when_damaged("cannot be parsed, which may be a fault of Groundwatch"):
        found = detect_format(path, data)
        return tuple(replace(part, format=found.value) for part in _parts(path, found, data, max_bytes, clean))


def _parts(path: str, found: Format, data: bytes, max_bytes: int, clean: Cleaner) -> tuple[ParsedText, ...]:
    # Each parser is imported when it is needed: some bring libraries that take seconds to load.
    match found:
        case Format.STRUCTURED:
            from ingest.parsing.structured import parse_structured

            return parse_structured(path, clean(decode(data).text))
        case Format.DIAGRAM:
            from ingest.parsing.drawings import parse_diagram

            return (parse_diagram(path, clean(decode(data).text)),)
    return (_split(_cleaned(_render(found, data, max_bytes), clean)),)


def _cleaned(rendered: Rendered, clean: Cleaner) -> Rendered:
    """Return a rendered text without what must not be stored; its pages start on the lines that they did."""
    text = clean(rendered.text)
    before, after = LineIndex.of(rendered.text), LineIndex.of(text)
    pages = tuple(after.start_of(before.line_of(start)) for start in rendered.page_starts)
    return replace(rendered, text=text, title=rendered.title and clean(rendered.title), page_starts=pages)


def _render(found: Format, data: bytes, max_bytes: int) -> Rendered:
    match found:
        case Format.HTML:
            from ingest.parsing.html import render_html

            return render_html(data)
        case Format.DOCX:
            from ingest.parsing.docx import render_docx

            return render_docx(data, max_bytes=max_bytes)
        case Format.PDF:
            from ingest.parsing.pdf import render_pdf

            return render_pdf(data)
        case Format.RST:
            from ingest.parsing.restructuredtext import render_rst

            return render_rst(data)
        case Format.TEXT:
            from ingest.parsing.plaintext import render_text

            return render_text(data)
        case Format.ASCIIDOC:
            from ingest.parsing.asciidoc import render_asciidoc

            return render_asciidoc(data)
        case Format.MARKDOWN:
            decoded = decode(data)
            return Rendered(decoded.text, warnings=decoded.warnings)
        case _:
            return _render_rows_and_drawings(found, data, max_bytes)


def _render_rows_and_drawings(found: Format, data: bytes, max_bytes: int) -> Rendered:
    match found:
        case Format.PPTX:
            from ingest.parsing.pptx import render_pptx

            return render_pptx(data, max_bytes=max_bytes)
        case Format.XLSX:
            from ingest.parsing.spreadsheet import render_xlsx

            return render_xlsx(data, max_bytes=max_bytes)
        case Format.CSV:
            from ingest.parsing.spreadsheet import render_csv

            return render_csv(data)
        case Format.NOTEBOOK:
            from ingest.parsing.notebook import render_notebook

            return render_notebook(data)
        case Format.DRAWIO:
            from ingest.parsing.drawings import render_drawio

            return render_drawio(data, max_bytes=max_bytes)
        case Format.SVG:
            from ingest.parsing.drawings import render_svg

            return render_svg(data)
        case _:
            raise AssertionError(f"no renderer for {found!r}")  # parsed without rendering


def _split(rendered: Rendered) -> ParsedText:
    parsed = parse_markdown(rendered.text)
    if not parsed.sections:
        raise NotADocument("holds no text beside its front matter")
    sections = parsed.sections
    if rendered.page_starts:
        lines = LineIndex.of(rendered.text)
        pages = (_by_page(section, rendered.page_starts, lines) for section in sections)
        sections = tuple(part for parts in pages for part in parts)
    return ParsedText(
        parsed.text,
        sections,
        rendered.title or parsed.title,
        {**parsed.metadata, **rendered.metadata},
        rendered.warnings + parsed.warnings,
    )


def _by_page(section: Section, page_starts: tuple[int, ...], lines: LineIndex) -> Iterator[Section]:
    """Cut a section where its blocks pass to another page, so that each part lies on one page."""
    groups: list[tuple[int, list[Block]]] = []
    for block in section.blocks:
        page = bisect_right(page_starts, block.span.start)
        if groups and groups[-1][0] == page:
            groups[-1][1].append(block)
        else:
            groups.append((page, [block]))
    for number, (page, blocks) in enumerate(groups):
        last = number == len(groups) - 1
        end = section.span.end if last else max(block.span.end for block in blocks)
        span = lines.span(blocks[0].span.start, end)
        yield replace(section, span=span, blocks=tuple(blocks), page=page)
