"""Any file becomes sections with exact spans, or one reason why it cannot be read."""

import io
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from ingest.errors import DocumentUnreadable, NotADocument
from ingest.knowledge.documents import BlockKind, ParsedText
from ingest.parsing.registry import parse

_NAMES = (
    *("a.md", "a.html", "a.docx", "a.pdf", "a.rst", "a.txt", "README", "a.html.md.erb", "a.json", "a.xml", "a.adoc"),
    *("a.pptx", "a.xlsx", "a.csv", "a.ipynb", "a.yaml", "a.mmd", "a.puml", "a.dot", "a.dsl", "a.drawio", "a.svg"),
)


def _pdf(*pages: str) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1)
    for page in pages:
        for number, line in enumerate(page.split("\n")):
            canvas.setFont("Helvetica-Bold" if line.isupper() else "Helvetica", 14 if line.isupper() else 10)
            canvas.drawString(72, 700 - 30 * number, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _docx() -> bytes:
    document = docx.Document()
    document.add_heading("Ledger", 1)
    document.add_paragraph("Stop it", style="List Number")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _assert_spans_hold(parsed: ParsedText) -> None:
    for section in parsed.sections:
        assert section.blocks
        for block in section.blocks:
            assert section.span.start <= block.span.start < block.span.end <= section.span.end
            assert parsed.text[block.span.start : block.span.end].strip()
            assert parsed.text.count("\n", 0, block.span.start) + 1 == block.span.line_start


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.md", b"# Ledger\n\n1. Stop it\n"),
        ("a.html", b"<h1>Ledger</h1><ol><li>Stop it</ol>"),
        ("a.rst", b"Ledger\n======\n\n1. Stop it\n"),
        ("a.txt", b"Ledger\n======\n\n1. Stop it\n"),
        ("a.docx", _docx()),
        ("a.pdf", _pdf("LEDGER\n1. Stop it")),
    ],
)
def test_every_format_ends_in_the_same_sections_and_blocks(path: str, data: bytes) -> None:
    parsed = parse(path, data)

    (section,) = parsed.sections
    step = section.blocks[-1] if section.blocks[-1].kind is BlockKind.STEP else section.blocks[-2]
    assert [part.lower() for part in section.heading_path] == ["ledger"]
    assert step.kind is BlockKind.STEP
    assert parsed.text[step.span.start : step.span.end] == "1. Stop it"
    assert parsed.title is not None
    assert parsed.title.lower() == "ledger"
    _assert_spans_hold(parsed)


def test_a_section_over_two_pages_is_cut_so_that_each_part_has_one_page() -> None:
    parsed = parse("a.pdf", _pdf("LEDGER\nFirst words here.", "Second words here.\nNEXT\nThird words here."))

    assert [(section.page, section.heading_path) for section in parsed.sections] == [
        (1, ("LEDGER",)),
        (2, ("LEDGER",)),
        (2, ("NEXT",)),
    ]
    _assert_spans_hold(parsed)


def test_warnings_of_decoding_and_of_front_matter_are_kept() -> None:
    parsed = parse("a.md", "---\na: [\n---\n# Café\n\ndéjà vu".encode("cp1252"))

    assert len(parsed.warnings) == 2


@pytest.mark.parametrize(
    ("path", "data", "reason"),
    [
        ("a.md", b"  \n", "is empty"),
        ("a.pdf", b"", "is empty"),
        ("a.md", b"\x00\x01\x02", "looks binary"),
        ("a.pdf", b"not a pdf at all", "damaged PDF"),
        ("a.docx", b"not a docx at all", "damaged or truncated"),
    ],
)
def test_what_cannot_be_read_says_why(path: str, data: bytes, reason: str) -> None:
    with pytest.raises(DocumentUnreadable, match=reason):
        parse(path, data)


def test_a_file_of_front_matter_only_is_no_document() -> None:
    with pytest.raises(NotADocument, match="beside its front matter"):
        parse("_index.md", b"---\ntitle: only\n---\n")


def test_a_file_over_the_limit_names_its_size_the_limit_and_the_setting() -> None:
    reason = "has 1,200 bytes, more than the limit of 1,000.*GROUNDWATCH_MAX_DOCUMENT_BYTES"

    with pytest.raises(DocumentUnreadable, match=reason):
        parse("a.md", b"x" * 1200, max_bytes=1000)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(_NAMES), data=st.binary(max_size=400))
def test_no_bytes_raise_anything_else(path: str, data: bytes) -> None:
    _parse_or_refuse(path, data)


_MARKUP = [
    "<ul>",
    "<li>",
    "<table><tr><td>",
    "</td>",
    "<pre>",
    "<p>",
    "| a |",
    "```",
    "1. ",
    "* ",
    ".. x::",
    ":r:`",
]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    path=st.sampled_from(("a.html", "a.rst", "a.md", "a.txt")),
    parts=st.lists(st.sampled_from([*_MARKUP, "\n", "\n\n", "   ", "====\n", "words "]) | st.text(max_size=8)),
)
def test_no_heap_of_markup_raises_anything_else(path: str, parts: list[str]) -> None:
    _parse_or_refuse(path, "".join(parts).encode("utf-8", errors="replace"))


@pytest.mark.parametrize("path", ["a.pdf", "a.docx"])
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=6), cut=st.floats(0.2, 1))
def test_no_damage_to_a_file_raises_anything_else(path: str, edits: list[tuple[float, bytes]], cut: float) -> None:
    data = bytearray(_SOUND[path])
    for place, replacement in edits:
        start = int(place * len(data))
        data[start : start + len(replacement)] = replacement
    _parse_or_refuse(path, bytes(data[: int(cut * len(data))]))


_SOUND = {"a.pdf": _pdf("LEDGER\nWords here."), "a.docx": _docx()}


def _parse_or_refuse(path: str, data: bytes) -> None:
    try:
        parsed = parse(path, data)
    except DocumentUnreadable:
        return
    _assert_spans_hold(parsed)


@pytest.mark.corpus
def test_every_office_page_and_text_document_of_the_corpus_is_read(shared: Path) -> None:
    root = shared / "corpus"
    paths = [path for path in sorted(root.rglob("*")) if path.suffix in (".html", ".docx", ".pdf", ".rst")]

    for path in paths:
        _assert_spans_hold(parse(path.relative_to(root).as_posix(), path.read_bytes()))

    assert len(paths) >= 90
