"""Diagram files become documents: text as it is, draw.io and SVG as lists that say what was not read."""

import base64
import zlib
from urllib.parse import quote

import pytest

from ingest.errors import DocumentUnreadable, NotADocument
from ingest.knowledge.diagrams.reading import read_diagram
from ingest.parsing.drawings import parse_diagram, render_drawio, render_svg

_MODEL = """<mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>
<mxCell id="g" value="Backend" style="swimlane;" vertex="1" parent="1"/>
<mxCell id="a" value="&lt;b&gt;Web&lt;/b&gt;&lt;br&gt;shop" vertex="1" parent="g"/>
<mxCell id="b" value="Orders: main" style="shape=cylinder3;html=1" vertex="1" parent="1"/>
<object id="o" label="Queue &amp;amp; Co"><mxCell vertex="1" parent="1"/></object>
<mxCell id="t" value="just words" style="text;html=1" vertex="1" parent="1"/>
<mxCell id="e1" edge="1" source="a" target="b" parent="1" value="reads: rows"/>
<mxCell id="e2" edge="1" source="b" target="o" style="endArrow=none;startArrow=classic" parent="1"/>
<mxCell id="l" value="feeds" style="edgeLabel;html=1" vertex="1" parent="e2"/>
<mxCell id="e3" edge="1" source="a" parent="1"/>
<mxCell id="e4" edge="1" source="a" target="o" style="endArrow=none" parent="1"/>
</root></mxGraphModel>"""


def _packed(model: bytes) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(packer.compress(model) + packer.flush()).decode()


def _file(page: str) -> bytes:
    return f'<mxfile><diagram name="Overview">{page}</diagram></mxfile>'.encode()


@pytest.mark.parametrize("page", [_MODEL, _packed(quote(_MODEL).encode())], ids=["plain", "compressed"])
def test_a_drawio_page_becomes_a_list_of_boxes_and_arrows(page: str) -> None:
    rendered = render_drawio(_file(page))

    assert rendered.text.split("\n\n")[:2] == [
        "# Overview",
        "- frame: Backend\n- component: Web shop\n- database: Orders: main\n- queue: Queue & Co\n- text: just words\n"
        "- Web shop -> Orders: main: reads: rows\n- Queue & Co -> Orders: main: feeds",
    ]
    assert rendered.metadata == {"kind": "architecture"}
    assert len(rendered.warnings) == 2  # one loose arrow, one line without an arrowhead


def test_the_facts_of_a_drawio_file_are_read_back_from_its_list() -> None:
    text = render_drawio(_file(_MODEL)).text

    diagram = read_diagram("drawio", text)

    edge = diagram.dependencies[0]
    assert (edge.source, edge.target, edge.label) == ("Web shop", "Orders: main", "reads: rows")
    assert text[edge.span.start : edge.span.end] == "- Web shop -> Orders: main: reads: rows"


def test_a_page_that_unpacks_to_more_than_the_limit_is_refused() -> None:
    bomb = _file(_packed(b"<mxGraphModel>" + b" " * 5_000_000))

    with pytest.raises(DocumentUnreadable, match="unpacks to more"):
        render_drawio(bomb, max_bytes=1_000_000)


@pytest.mark.parametrize(
    "data",
    [
        b"<mxfile><diagram>not base64 at all!</diagram></mxfile>",
        b"<mxfile><diagram>AAAA</diagram></mxfile>",
        b"<mxfile>",
        b"<other/>",
        b"",
        b"\xff\xfe\x00",
        b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><mxfile>&b;</mxfile>',
        b"<a>" * 100_000 + b"</a>" * 100_000,
    ],
)
def test_a_broken_or_hostile_drawio_file_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(DocumentUnreadable):
        render_drawio(data)


def test_an_empty_drawing_is_no_document() -> None:
    with pytest.raises(NotADocument):
        render_drawio(_file("<mxGraphModel><root/></mxGraphModel>"))


def test_an_svg_gives_its_texts_in_reading_order_and_says_that_its_lines_were_not_read() -> None:
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg"><title>Shop</title><desc>How it fits</desc><style>.a{}</style>'
        b'<g transform="translate(10,20)"><text x="50" y="1">Second</text><text x="1" y="2">First</text></g>'
        b'<text x="0" y="500">Last</text><text y="3">Top</text></svg>'
    )

    rendered = render_svg(svg)

    assert rendered.title == "Shop"
    assert "- text: Top\n- text: First\n- text: Second\n- text: Last" in rendered.text
    assert rendered.text.endswith("How it fits")
    assert "were not read" in rendered.warnings[0]
    assert read_diagram("svg", rendered.text).components == ()


def test_an_svg_that_graphviz_or_drawio_wrote_keeps_its_arrows() -> None:
    graphviz = (
        b'<svg xmlns="http://www.w3.org/2000/svg"><g class="node"><title>a</title><text>Web</text></g>'
        b'<g class="node"><title>b</title><text>Orders</text></g>'
        b'<g class="edge"><title>a&#45;&gt;b</title><text>SQL</text></g></svg>'
    )
    source = _MODEL.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    drawio = f'<svg content="&lt;mxfile&gt;&lt;diagram&gt;{source}&lt;/diagram&gt;&lt;/mxfile&gt;"/>'.encode()

    assert "- Web -> Orders: SQL" in render_svg(graphviz).text
    assert "- Web shop -> Orders: main" in render_svg(drawio).text


@pytest.mark.parametrize("data", [b"<svg", b"<html/>", b'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///x">]><svg>&a;</svg>'])
def test_a_broken_or_hostile_svg_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentUnreadable):
        render_svg(data)


def test_a_diagram_file_is_one_architecture_document_with_its_facts() -> None:
    text = "\n@startuml\ntitle Shop overview\n[web] --> [api] : calls\nweb -- api\n@enduml\n"

    parsed = parse_diagram("docs/shop.puml", text)

    assert (parsed.title, parsed.metadata["kind"], parsed.text) == ("Shop overview", "architecture", text)
    assert [component.name for component in parsed.extract.components] == ["web", "api"]
    assert parsed.sections[0].span.line_start == 2
    assert len(parsed.warnings) == 1


def test_a_dsl_file_of_another_language_is_no_document() -> None:
    with pytest.raises(NotADocument):
        parse_diagram("jobs.dsl", "job('build') { }\n")
