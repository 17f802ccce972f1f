"""Presentations become one page a slide, with titles, bullets, tables, notes and what was not read."""

import io
from typing import Any

import pptx
import pytest
from pptx.chart.data import ChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.presentation import Presentation
from pptx.slide import Slide
from pptx.util import Inches

from ingest.errors import DocumentUnreadable
from ingest.parsing.pptx import render_pptx
from ingest.parsing.registry import parse


@pytest.fixture
def presentation() -> Presentation:
    return pptx.Presentation()


def _slide(presentation: Presentation, title: str, *lines: tuple[int, str]) -> Slide:
    slide: Slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    assert slide.shapes.title is not None
    slide.shapes.title.text = title
    frame = slide.placeholders[1].text_frame
    for number, (level, text) in enumerate(lines):
        found = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        found.text, found.level = text, level
    return slide


def _box(slide: Slide, text: str, top: float) -> None:
    slide.shapes.add_textbox(Inches(1), Inches(top), Inches(4), Inches(1)).text_frame.text = text


def _saved(presentation: Presentation) -> bytes:
    file = io.BytesIO()
    presentation.save(file)
    return file.getvalue()


def test_a_slide_is_a_heading_with_its_bullets_nested(presentation: Presentation) -> None:
    _slide(presentation, "Ledger", (0, "Stop it"), (1, "all writers"), (0, "Start it"))

    assert render_pptx(_saved(presentation)).text == "# Ledger\n\n- Stop it\n  - all writers\n- Start it"


def test_each_slide_is_a_page(presentation: Presentation) -> None:
    _slide(presentation, "One", (0, "a"))
    _slide(presentation, "", (0, "b"))
    _slide(presentation, "Three", (0, "c"))

    parsed = parse("a.pptx", _saved(presentation))

    assert [(section.page, section.heading_path) for section in parsed.sections] == [
        (1, ("One",)),
        (2, ("Slide 2",)),
        (3, ("Three",)),
    ]
    assert parsed.title == "One"


def test_text_boxes_stand_from_the_top_down_also_within_groups(presentation: Presentation) -> None:
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    _box(slide, "low", 5)
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(3), Inches(1), Inches(1)).text_frame.text = "middle"
    _box(slide, "high", 1)

    assert render_pptx(_saved(presentation)).text == "# Slide 1\n\nhigh\n\nmiddle\n\nlow"


def test_numbered_paragraphs_are_steps_and_fixed_width_ones_code(presentation: Presentation) -> None:
    slide = _slide(presentation, "T", (0, "Stop"), (0, "Start"), (0, "kubectl get pods"))
    paragraphs = slide.placeholders[1].text_frame.paragraphs
    for found in paragraphs[:2]:
        found._p.get_or_add_pPr().insert(0, _auto_number())
    paragraphs[2].runs[0].font.name = "Courier New"

    assert render_pptx(_saved(presentation)).text == "# T\n\n1. Stop\n2. Start\n\n```\nkubectl get pods\n```"


def test_tables_and_notes_are_read(presentation: Presentation) -> None:
    slide = _slide(presentation, "T")
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    for number, text in enumerate(["Alert", "Team", "Lag", "Payments"]):
        table.cell(number // 2, number % 2).text = text
    notes = slide.notes_slide.notes_text_frame
    assert notes is not None
    notes.text = "Ask first."

    text = render_pptx(_saved(presentation)).text

    assert "| Alert | Team |\n| --- | --- |\n| Lag | Payments |" in text
    assert text.endswith("> **Speaker notes**\n>\n> Ask first.")


def test_charts_and_hidden_slides_are_told(presentation: Presentation) -> None:
    slide = _slide(presentation, "T")
    slide._element.set("show", "0")
    data: Any = ChartData()  # type: ignore[no-untyped-call]  # python-pptx gives no hints here
    data.categories = ["a"]
    data.add_series("Errors", (1,))
    size = Inches(2)
    chart: Any = slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, size, size, size, size, data)
    chart = chart.chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Errors by hour"

    rendered = render_pptx(_saved(presentation))

    assert "Chart: Errors by hour (its figures were not read)" in rendered.text
    assert "hidden in the presentation" in rendered.text
    assert rendered.warnings == ("1 chart not read, only its title was (slide 1)",)


def test_a_picture_gives_its_description(presentation: Presentation) -> None:
    slide = _slide(presentation, "T")
    picture = slide.shapes.add_picture(io.BytesIO(_PNG), Inches(1), Inches(1))
    picture._element._nvXxPr.cNvPr.set("descr", "The queue in front of the ledger")

    rendered = render_pptx(_saved(presentation))

    assert "![The queue in front of the ledger](#slide-1)" in rendered.text
    assert rendered.warnings == ("1 picture not read, only its description was (slide 1)",)


def test_an_empty_presentation_says_what_to_do(presentation: Presentation) -> None:
    presentation.slides.add_slide(presentation.slide_layouts[6])

    with pytest.raises(DocumentUnreadable, match="holds no text on any slide"):
        render_pptx(_saved(presentation))


def test_one_that_unpacks_to_too_much_is_refused(presentation: Presentation) -> None:
    with pytest.raises(DocumentUnreadable, match="unpacks to"):
        render_pptx(_saved(presentation), max_bytes=1000)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_one_that_is_cut_off_is_damaged(presentation: Presentation, share: float) -> None:
    data = _saved(presentation)

    with pytest.raises(DocumentUnreadable, match="damaged or truncated PPTX"):
        render_pptx(data[: int(share * len(data))])


def _auto_number() -> object:
    from pptx.oxml import parse_xml

    name = "http://schemas.openxmlformats.org/drawingml/2006/main"
    return parse_xml(f'<a:buAutoNum xmlns:a="{name}" type="arabicPeriod"/>')


_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003"
    "010100c9fe92ef0000000049454e44ae426082"
)
