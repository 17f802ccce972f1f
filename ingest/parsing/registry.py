"""Parse any supported file: detect its format, render it, split it into sections."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from ingest.errors import DocumentUnreadable
from ingest.knowledge.documents import Block, LineIndex, ParsedText, Section
from ingest.parsing.damage import unreadable_when_damaged
from ingest.parsing.decoding import decode
from ingest.parsing.formats import Format, detect_format
from ingest.parsing.markdown import parse_markdown
from ingest.parsing.rendered import Rendered

MAX_BYTES = 50 * 1024 * 1024
"""The default limit of a file's size, and of a DOCX file's unpacked size."""

_SETTING = "GROUNDWATCH_MAX_DOCUMENT_BYTES"


def parse(path: str, data: bytes, *, max_bytes: int = MAX_BYTES) -> ParsedText:
    """Return the text of a file and its sections; `path` serves to tell the format only.

    Spans count in the text that is returned: for Markdown and plain text that is the file's own text with
    "\\n" line ends, for other formats the Markdown-like text that they are rendered into. Raises
    DocumentUnreadable, with a reason for a person, for every file that cannot be read.
    """
    if len(data) > max_bytes:
        raise DocumentUnreadable(
            f"has {len(data):,} bytes, more than the limit of {max_bytes:,}; split it, or raise {_SETTING}"
        )
    if not data.strip():
        raise DocumentUnreadable("is empty")
    with unreadable_when_damaged("cannot be parsed, which may be a fault of Groundwatch"):
        rendered = _render(detect_format(path, data), data, max_bytes)
        return _split(rendered)


def _render(found: Format, data: bytes, max_bytes: int) -> Rendered:
    # Each renderer is imported when it is needed: some bring libraries that take seconds to load.
    match found:
        case Format.MARKDOWN:
            decoded = decode(data)
            return Rendered(decoded.text, warnings=decoded.warnings)
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


def _split(rendered: Rendered) -> ParsedText:
    parsed = parse_markdown(rendered.text)
    if not parsed.sections:
        raise DocumentUnreadable("holds no text beside its front matter")
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
