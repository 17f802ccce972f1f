"""Tests of the marks that stand for secrets."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from ui.components.inline import inline_markup
from ui.components.secret_marks import data_markup


def test_a_mark_becomes_a_label_and_the_rest_stays_text() -> None:
    markup = data_markup("<b> ⟦secret aws-key⟧ </b>")

    assert markup.startswith("&lt;b&gt; <span")
    assert ">⟦secret aws-key⟧</span> &lt;/b&gt;" in markup


def test_what_only_resembles_a_mark_stays_text() -> None:
    assert "span" not in data_markup("⟦secret <i>⟧ ⟦other⟧ ⟦secret")


def test_a_mark_in_code_is_a_label_too() -> None:
    assert '<code>key: <span class="gw-secret"' in inline_markup("`key: ⟦secret token⟧`")


@given(st.text(alphabet="⟦⟧secrt- <>&\"'a\n", max_size=60))
def test_what_a_person_reads_is_the_text_letter_for_letter(text: str) -> None:
    assert html.unescape(re.sub(r"<[^>]*>", "", str(data_markup(text)))) == text
