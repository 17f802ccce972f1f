"""Build the sample handbook's DOCX and PDF from text, so that the same input gives the same bytes.

Run `python -m evals.build_handbook` after a change in `evals/handbook_sources/`. A source holds one
block a line: `#` to `###` headings, `1.` and `-` list items, `|` table rows, all else paragraphs.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable

HERE = Path(__file__).parent
Kind = Literal["heading", "numbered", "bullet", "row", "paragraph"]

_BLOCK = re.compile(r"(?P<heading>#{1,3}) (?P<title>.+)|\d+\. (?P<numbered>.+)|- (?P<bullet>.+)|\| (?P<row>.+) \|")
_ZIP_TIME = (2026, 7, 15, 9, 0, 0)


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """One line of a source; `level` is 1 to 3 for headings and 0 for the rest."""

    kind: Kind
    text: str
    level: int = 0

    @property
    def cells(self) -> list[str]:
        """The cells of a table row."""
        return [cell.strip() for cell in self.text.split("|")]


def read_blocks(source: Path) -> list[SourceBlock]:
    """Return the blocks of a source file in order."""
    lines = source.read_text(encoding="utf-8").splitlines()
    return [_block(line) for line in lines if line.strip()]


def build_docx(blocks: list[SourceBlock]) -> bytes:
    """Return a Word file with heading styles, a numbered list and tables.

    Its entries are compressed, so their bytes are the same everywhere, those of the file with one zlib only.
    """
    import docx

    document = docx.Document()
    properties = document.core_properties
    properties.author = "team-orders"
    properties.title = blocks[0].text
    properties.comments = ""
    properties.created = properties.modified = datetime(*_ZIP_TIME)
    for kind, group in _runs(blocks):
        _add_to_docx(document, kind, group)
    buffer = io.BytesIO()
    document.save(buffer)
    return _with_fixed_times(buffer.getvalue())


def build_pdf(blocks: list[SourceBlock]) -> bytes:
    """Return a PDF with real text, A4, page numbers in the footer, dates fixed, streams uncompressed.

    Compressed bytes differ between zlib builds; plain ones do not.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    buffer = io.BytesIO()
    template = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        title=blocks[0].text,
        author="team-payments",
        invariant=1,
        pageCompression=0,
        leftMargin=64,
        rightMargin=64,
        topMargin=64,
        bottomMargin=64,
    )
    story = [flowable for kind, group in _runs(blocks) for flowable in _pdf_flowables(kind, group)]
    template.build(story, onFirstPage=_draw_footer, onLaterPages=_draw_footer)
    return buffer.getvalue()


def build_handbook(target: Path) -> list[Path]:
    """Write the binary documents below `target` and return their paths."""
    sources = HERE / "handbook_sources"
    contents = {
        target / "architecture" / "order-flow.docx": build_docx(read_blocks(sources / "order-flow.txt")),
        target / "postmortems" / "2026-04-03-double-charges.pdf": build_pdf(
            read_blocks(sources / "double-charges.txt")
        ),
    }
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return list(contents)


def _block(line: str) -> SourceBlock:
    match = _BLOCK.fullmatch(line.strip())
    if match is None:
        return SourceBlock("paragraph", line.strip())
    if match["heading"]:
        return SourceBlock("heading", match["title"], len(match["heading"]))
    if match["numbered"]:
        return SourceBlock("numbered", match["numbered"])
    return SourceBlock("bullet", match["bullet"]) if match["bullet"] else SourceBlock("row", match["row"])


def _runs(blocks: list[SourceBlock]) -> Iterator[tuple[Kind, list[SourceBlock]]]:
    """Group neighbours of one kind: the rows of a table, the items of a list."""
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        yield kind, list(group)


def _add_to_docx(document: "WordDocument", kind: Kind, group: list[SourceBlock]) -> None:
    if kind == "row":
        table = document.add_table(rows=len(group), cols=len(group[0].cells), style="Table Grid")
        for row, block in zip(table.rows, group, strict=True):
            for cell, text in zip(row.cells, block.cells, strict=True):
                cell.text = text
        return
    styles = {"numbered": "List Number", "bullet": "List Bullet", "paragraph": "Normal"}
    for block in group:
        style = f"Heading {block.level}" if kind == "heading" else styles[kind]
        document.add_paragraph(block.text, style=style)


def _with_fixed_times(content: bytes) -> bytes:
    """Write a zip again, sorted but for its first entry, all entries of one date."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
        first, *rest = old.namelist()
        for name in [first, *sorted(rest)]:
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.create_system = 3  # the same on every system
            new.writestr(entry, old.read(name), zipfile.ZIP_DEFLATED)
    return result.getvalue()


def _pdf_flowables(kind: Kind, group: list[SourceBlock]) -> list["Flowable"]:
    from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
    from reportlab.platypus import Paragraph, Spacer, Table

    styles = getSampleStyleSheet()
    body = styles["BodyText"]
    if kind == "heading":
        return [Paragraph(escape(block.text), styles[f"Heading{block.level}"]) for block in group]
    if kind == "row":
        rows = [block.cells for block in group]
        return [Table(rows, hAlign="LEFT", style=[("GRID", (0, 0), (-1, -1), 0.4, "grey")]), Spacer(0, 8)]
    marks = [f"{number}." if kind == "numbered" else "-" for number in range(1, len(group) + 1)]
    if kind == "paragraph":
        return [Paragraph(escape(block.text), body) for block in group]
    item = ParagraphStyle("Item", parent=body, leftIndent=16)
    return [Paragraph(escape(block.text), item, bulletText=mark) for block, mark in zip(group, marks, strict=True)]


def _draw_footer(canvas: "Canvas", _template: object) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(64, 40, f"Larkspur Books, INC-0431, page {canvas.getPageNumber()}")


if __name__ == "__main__":
    for built in build_handbook(HERE / "handbook"):
        print(f"wrote {built.relative_to(HERE.parent)}")
