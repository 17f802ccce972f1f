"""PPTX as Markdown-like text, one page a slide, through python-pptx."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.errors import DocumentUnreadable
from ingest.parsing.damage import unreadable_when_damaged
from ingest.parsing.docx import check_archive
from ingest.parsing.pptx_text import text_blocks
from ingest.parsing.rendered import Rendered, heading, join, paragraph, quote, table, words

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.shapes.base import BaseShape
    from pptx.shapes.graphfrm import GraphicFrame
    from pptx.slide import Slide

_DEFAULT_LIMIT = 50 * 1024 * 1024
_NO_TITLES = frozenset({"", "powerpoint presentation", "presentation", "untitled", "title", "slide 1"})
_DEEPEST = 20  # groups within groups
_BETWEEN = "\n\n"


def render_pptx(data: bytes, *, max_bytes: int = _DEFAULT_LIMIT) -> Rendered:
    """Render a presentation: slides in order, their shapes from the top, the speaker's notes as a quote.

    `max_bytes` bounds the unpacked size. Raises DocumentUnreadable for damaged, oversized or empty files.
    """
    check_archive(data, max_bytes, "PPTX")
    with unreadable_when_damaged("cannot be read as PPTX", *_vendor_errors()):
        presentation = _open(data)
        unread = _Unread()
        slides = [_slide(slide, number, unread) for number, slide in enumerate(presentation.slides, start=1)]
        stated = words(presentation.core_properties.title or "")
        title = stated if stated.lower() not in _NO_TITLES else None
        first = next(filter(None, map(_slide_title, presentation.slides)), None)
    if not unread.any_text:
        raise DocumentUnreadable("holds no text on any slide; if the slides are pictures, describe them in their notes")
    starts: list[int] = []
    position = 0
    for slide in slides:
        starts.append(position)
        position += len(slide) + len(_BETWEEN)
    return Rendered(_BETWEEN.join(slides), title or first, tuple(starts), {}, unread.warnings())


@dataclass(slots=True)
class _Unread:
    """What was seen of a presentation and what of it was left unread, by slide."""

    any_text: bool = False
    pictures: list[int] = field(default_factory=list)
    charts: list[int] = field(default_factory=list)
    drawings: list[int] = field(default_factory=list)

    def warnings(self) -> tuple[str, ...]:
        kinds = (
            (self.pictures, "picture", "only its description"),
            (self.charts, "chart", "only its title"),
            (self.drawings, "embedded drawing or object", "nothing of it"),
        )
        return tuple(
            f"{len(slides)} {name}{'s' if len(slides) > 1 else ''} not read, {what} was (slide {_numbers(slides)})"
            for slides, name, what in kinds
            if slides
        )


def _numbers(slides: Iterable[int]) -> str:
    distinct = sorted(set(slides))
    return ", ".join(str(number) for number in distinct[:10]) + (" and more" if len(distinct) > 10 else "")


def _vendor_errors() -> tuple[type[Exception], ...]:
    import zipfile

    from lxml.etree import LxmlError  # type: ignore[import-untyped]  # lxml ships no hints
    from pptx.exc import PythonPptxError

    return (zipfile.BadZipFile, PythonPptxError, LxmlError)


def _open(data: bytes) -> "Presentation":
    import pptx

    return pptx.Presentation(io.BytesIO(data))


def _slide(slide: "Slide", number: int, unread: _Unread) -> str:
    """Return the text of one slide under a heading, which is its title where it has one."""
    title = _slide_title(slide)
    own = slide.shapes.title
    skipped = own.shape_id if own is not None else None
    blocks = [heading(1, title or f"Slide {number}")]
    if slide.element.get("show") == "0":
        blocks.append(paragraph("(This slide is hidden in the presentation.)"))
    found = [
        block
        for shape in _in_order(slide.shapes)
        if shape.shape_id != skipped
        for block in _shape(shape, number, unread)
    ]
    notes = _notes(slide)
    unread.any_text |= bool(title or notes or any(block.strip() for block in found))
    return join([*blocks, *found, *([quote(["**Speaker notes**", *notes])] if notes else [])])


def _slide_title(slide: "Slide") -> str:
    title = slide.shapes.title
    return words(title.text_frame.text.replace("\v", " ")) if title is not None else ""


def _notes(slide: "Slide") -> list[str]:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    return text_blocks(frame, bulleted=False) if frame is not None else []


def _in_order(shapes: "Iterable[BaseShape]", depth: int = 0) -> "Iterator[BaseShape]":
    """Yield shapes from the top down and from left to right, groups opened where they stand."""
    from pptx.shapes.group import GroupShape

    for shape in sorted(shapes, key=lambda each: (each.top or 0, each.left or 0)):
        if isinstance(shape, GroupShape):
            if depth < _DEEPEST:
                yield from _in_order(shape.shapes, depth + 1)
        else:
            yield shape


def _shape(shape: "BaseShape", number: int, unread: _Unread) -> list[str]:
    from pptx.shapes.autoshape import Shape
    from pptx.shapes.graphfrm import GraphicFrame
    from pptx.shapes.picture import Picture

    if isinstance(shape, Picture):
        unread.pictures.append(number)
        return _described_picture(shape, number)
    if isinstance(shape, GraphicFrame):
        return _frame(shape, number, unread)
    if isinstance(shape, Shape):
        return text_blocks(shape.text_frame, bulleted=_is_body(shape))
    return []


def _frame(shape: "GraphicFrame", number: int, unread: _Unread) -> list[str]:
    if shape.has_table:
        return [table([cell.text.replace("\v", " ") for cell in row.cells] for row in shape.table.rows)]
    if not shape.has_chart:
        unread.drawings.append(number)
        return []
    unread.charts.append(number)
    chart = shape.chart
    title = words(chart.chart_title.text_frame.text) if chart.has_title and chart.chart_title.has_text_frame else ""
    return [paragraph(f"Chart: {title or _description(shape) or shape.name} (its figures were not read)")]


def _described_picture(shape: "BaseShape", number: int) -> list[str]:
    described = _description(shape).replace("[", "(").replace("]", ")")
    return [f"![{described}](#slide-{number})"] if described else []


def _description(shape: "BaseShape") -> str:
    found = next(iter(shape.element.xpath("./*/p:cNvPr/@descr")), "")
    return words(str(found))


def _is_body(shape: "BaseShape") -> bool:
    """Return whether a shape's paragraphs are bullets by default, as those of content placeholders are."""
    from pptx.enum.shapes import PP_PLACEHOLDER

    bulleted = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY)
    return shape.is_placeholder and shape.placeholder_format.type in bulleted
