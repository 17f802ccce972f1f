"""Blocks of Markdown-like text are written so that a Markdown parser reads them as what they are."""

from ingest.knowledge.documents import BlockKind
from ingest.parsing.markdown import parse_markdown
from ingest.parsing.rendered import (
    ListEntry,
    code_block,
    join,
    list_block,
    list_item,
    paragraph,
    quote,
    table,
)


def _kinds(text: str) -> list[tuple[BlockKind, int]]:
    return [(block.kind, block.depth) for section in parse_markdown(text).sections for block in section.blocks]


def test_a_paragraph_that_looks_like_markup_stays_a_paragraph() -> None:
    text = join([paragraph("# not a heading"), paragraph("<none> is shown"), paragraph("``` no fence")])

    assert {kind for kind, _ in _kinds(text)} == {BlockKind.PARAGRAPH}


def test_the_fence_outgrows_backticks_in_the_code() -> None:
    assert code_block("a\n```\nb", "sh").split("\n") == ["````sh", "a", "```", "b", "````"]


def test_bars_in_cells_are_escaped_and_short_rows_filled() -> None:
    assert table([["a", "b"], ["x|y"]]).split("\n") == ["| a | b |", "| --- | --- |", "| x\\|y |  |"]


def test_code_in_a_step_belongs_to_the_step() -> None:
    text = list_item("10.", ["Run", code_block("ls"), "then wait"])

    assert text.split("\n") == ["10. Run", "", "    ```", "    ls", "    ```", "", "    then wait"]


def test_nested_entries_are_indented_by_the_marker_above() -> None:
    text = list_block([ListEntry(0, "1.", "a"), ListEntry(2, "-", "b"), ListEntry(0, "2.", "c")])

    assert text == "1. a\n   - b\n2. c"
    assert (BlockKind.ITEM, 1) in _kinds(text)


def test_a_quote_marks_every_line() -> None:
    assert quote(["a\nb", "c"]) == "> a\n> b\n>\n> c"
