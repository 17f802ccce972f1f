"""Tests of passages that address a model: which lines they cover, and their frame in the text."""

from api.schemas.knowledge import PassageSpan
from ui.components.document_text import Window, document_markup
from ui.components.hostile_text import WORDS, FlaggedLines, flagged_lines, hostile_band


def passage(first: int, last: int, *flags: str) -> PassageSpan:
    return PassageSpan(
        passage_id=f"{first}",
        heading_path=[],
        char_start=0,
        char_end=1,
        line_start=first,
        line_end=last,
        flags=[*flags],
    )


def test_passages_without_flags_are_left_alone() -> None:
    assert flagged_lines([passage(1, 4), passage(5, 6)]) == []


def test_passages_that_share_lines_become_one_stretch_with_the_flags_of_both() -> None:
    found = flagged_lines([passage(4, 6, "b"), passage(1, 4, "a")])

    assert found == [FlaggedLines(1, 6, ("a", "b"))]


def test_each_line_is_shown_once_and_only_flagged_ones_in_a_frame() -> None:
    text = "one\ntwo\nthree\nfour\nfive"

    markup = document_markup(text, Window(1, 5, 5), [], [FlaggedLines(2, 3, ("a",)), FlaggedLines(5, 9, ("b",))])

    assert [markup.count(f'id="L{number}"') for number in range(1, 6)] == [1] * 5
    framed = markup.split('<section class="gw-hostile"')[1].split("</section>")[0]
    assert [word in framed for word in ("one", "two", "three", "four")] == [False, True, True, False]


def test_a_frame_that_reaches_beyond_the_window_is_cut_to_it() -> None:
    markup = document_markup("a\nb\nc\nd", Window(2, 3, 4), [], [FlaggedLines(1, 4, ("a",))])

    assert [f'id="L{number}"' in markup for number in range(1, 5)] == [False, True, True, False]


def test_the_band_says_that_nothing_is_followed() -> None:
    assert WORDS in hostile_band(["tells a model to drop its instructions"])
    assert hostile_band([]) == ""
