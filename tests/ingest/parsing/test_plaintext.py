"""Plain text is taken as it is."""

import pytest

from ingest.parsing.plaintext import render_text


def test_the_text_stays_and_a_short_first_line_is_the_title() -> None:
    rendered = render_text(b"\nLedger notes\n============\r\n  words\n")

    assert rendered.text == "\nLedger notes\n============\n  words\n"
    assert rendered.title == "Ledger notes"


@pytest.mark.parametrize("first", ["The ledger stopped at noon.", "word " * 40])
def test_a_sentence_or_a_long_line_is_no_title(first: str) -> None:
    assert render_text(first.encode()).title is None
