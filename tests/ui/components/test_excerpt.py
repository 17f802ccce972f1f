"""Tests of excerpts: highlights by character, lines around them, and escaping."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from ui.components.excerpt import MAX_LINES, Highlight, NumberedText, excerpt_markup, merged


def marked_words(markup: Markup) -> list[str]:
    return [html.unescape(found) for found in re.findall(r"<mark>(.*?)</mark>", str(markup), re.DOTALL)]


def shown_lines(markup: Markup) -> list[int]:
    return [int(number) for number in re.findall(r'class="gw-no">(\d+)<', str(markup))]


def test_the_marked_characters_are_exactly_the_quoted_ones() -> None:
    text = "one\ntwo three four\nfive"

    markup = excerpt_markup(text, [Highlight(8, 13)])

    assert marked_words(markup) == ["three"]


def test_offsets_count_characters_and_not_bytes() -> None:
    text = "naïve café 🦊🦊\nthe – quoted – words\nend"
    start = text.index("quoted")

    assert marked_words(excerpt_markup(text, [Highlight(start, start + 6)])) == ["quoted"]


def test_three_lines_stand_around_a_mark() -> None:
    text = "\n".join(f"line {n}" for n in range(1, 21))
    start = text.index("line 10")

    assert shown_lines(excerpt_markup(text, [Highlight(start, start + 7)])) == [7, 8, 9, 10, 11, 12, 13]


def test_lines_left_out_between_two_marks_are_counted() -> None:
    text = "\n".join(f"line {n}" for n in range(1, 31))
    marks = [Highlight(text.index(f"line {n}\n"), text.index(f"line {n}\n") + 6) for n in (5, 20)]

    markup = excerpt_markup(text, marks)

    assert shown_lines(markup) == [*range(2, 9), *range(17, 24)]
    assert "8 more lines" in markup


def test_blank_lines_at_the_edges_are_not_shown() -> None:
    text = "a\n\n\nquoted\n\n\n"
    start = text.index("quoted")

    assert shown_lines(excerpt_markup(text, [Highlight(start, start + 6)])) == [1, 2, 3, 4]


def test_a_very_long_quote_is_cut_and_the_rest_counted() -> None:
    text = "row\n" * 200

    markup = excerpt_markup(text, [Highlight(0, len(text))])

    assert len(shown_lines(markup)) == MAX_LINES
    assert f"{200 - MAX_LINES} more lines" in markup


def test_document_text_is_escaped_inside_and_outside_of_marks() -> None:
    text = "<script>a</script> & <b>bold</b>"
    start = text.index("<b>")

    markup = excerpt_markup(text, [Highlight(start, start + 3)])

    assert "<script>" not in markup
    assert "&lt;script&gt;a&lt;/script&gt; &amp; <mark>&lt;b&gt;</mark>bold" in markup


def test_a_mark_over_several_lines_marks_each_of_them() -> None:
    text = "aa bb\ncc dd\nee"

    assert marked_words(excerpt_markup(text, [Highlight(3, 8)])) == ["bb", "cc"]


def test_only_a_line_feed_ends_a_line() -> None:
    numbered = NumberedText("a\u2028b\rc\nd")

    assert numbered.line_count == 2
    assert numbered.line_of(4) == 1


def test_marks_beyond_the_text_are_clipped() -> None:
    assert merged([Highlight(-5, 2), Highlight(8, 99), Highlight(50, 60)], 10) == [Highlight(0, 2), Highlight(8, 10)]


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=4))
def test_what_is_shown_is_the_text_letter_for_letter(text: str, ranges: list[tuple[int, int]]) -> None:
    marks = merged([Highlight(min(pair), max(pair)) for pair in ranges], len(text))
    numbered = NumberedText(text)

    lines = [str(numbered.line_markup(number, marks)) for number in range(1, numbered.line_count + 1)]
    shown = "\n".join(html.unescape(re.sub(r"<[^>]+>", "", line.partition('class="gw-text">')[2])) for line in lines)

    # html.unescape and the escapes of markupsafe agree on everything that the text itself can hold.
    assert shown == _unescaped_once(text.removesuffix("\n") if numbered.line_count > 1 or text == "\n" else text)


def _unescaped_once(text: str) -> str:
    return html.unescape(html.escape(text))
