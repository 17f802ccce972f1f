"""Diagrams as documents: files in a diagram language as they are, draw.io and SVG as lists of what they draw."""

import re
from pathlib import PurePosixPath

from ingest.errors import NotADocument
from ingest.knowledge.diagrams.drawio import read_pages
from ingest.knowledge.diagrams.graph import clean_label
from ingest.knowledge.diagrams.outline import Page, write_outline
from ingest.knowledge.diagrams.reading import language_of, read_diagram
from ingest.knowledge.diagrams.svg import read_svg
from ingest.knowledge.documents import Block, BlockKind, ParsedText, Section
from ingest.knowledge.extracts import Extract
from ingest.knowledge.spans import LineIndex
from ingest.parsing.rendered import Rendered, join, paragraph

MAX_BYTES = 50 * 1024 * 1024

_TITLES = (
    re.compile(r"^[ \t]*(?:title|accTitle)\b[ \t:]{1,20}([^\n{]{2,200})$", re.MULTILINE),
    re.compile(r"^[ \t]*workspace[ \t]{1,20}\"([^\"\n]{2,200})\"", re.MULTILINE),
    re.compile(r"^[ \t]*(?:strict[ \t]{1,9})?(?:di)?graph[ \t]{1,9}\"([^\"\n]{2,200})\"[ \t]{0,9}\{", re.MULTILINE),
)


def parse_diagram(path: str, text: str) -> ParsedText:
    """Return a diagram file as one document of kind architecture: its own text as one block of code.

    What could not be read of it is said in `warnings`. Raises NotADocument where the text is in none of the
    diagram languages.
    """
    extension = PurePosixPath(path.replace("\\", "/").lower()).suffix
    language = language_of(extension, text) or language_of("", text)
    if language is None or language in ("drawio", "svg"):
        raise NotADocument("is in no diagram language that is read (Mermaid, PlantUML, Graphviz, Structurizr)")
    lines = LineIndex.of(text)
    diagram = read_diagram(language, text, lines=lines)
    title = next((clean_label(found[1]) for pattern in _TITLES if (found := pattern.search(text))), "") or None
    begin = len(text) - len(text.lstrip())
    span = lines.span(begin, len(text.rstrip()))
    section = Section((title,) if title else (), span, (Block(BlockKind.CODE, span),))
    extract = Extract(components=diagram.components, dependencies=diagram.dependencies)
    metadata: dict[str, object] = {"kind": "architecture", "language": language}
    return ParsedText(text, (section,), title, metadata, diagram.problems, extract=extract)


def render_drawio(data: bytes, *, max_bytes: int = MAX_BYTES) -> Rendered:
    """Render a draw.io file: a heading for each page, then its boxes and arrows, one a line."""
    pages = read_pages(data, max_bytes=max_bytes)
    if not any(page.boxes or page.arrows for page in pages):
        raise NotADocument("is a drawing without any words")
    return Rendered(write_outline(pages), metadata={"kind": "architecture"}, warnings=_notes(pages))


def render_svg(data: bytes, *, max_bytes: int = MAX_BYTES) -> Rendered:
    """Render an SVG picture: title and description, then its texts, or its boxes and arrows where it states them."""
    picture = read_svg(data, max_bytes=max_bytes)
    if not any(page.boxes or page.arrows for page in picture.pages):
        if not (picture.title or picture.description):
            raise NotADocument("is a picture without any words")
        text = join(("# " + (picture.title or picture.description), paragraph(picture.description)))
        return Rendered(text, warnings=("is a picture that was not read, only its title and description",))
    blocks = (write_outline(picture.pages), paragraph(picture.description))
    return Rendered(join(blocks), picture.title or None, warnings=_notes(picture.pages))


def _notes(pages: tuple[Page, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(note for page in pages for note in page.notes))
