"""Tests of evidence cards and rows: repeated documents, passages that address a model, overdue reviews."""

from datetime import date

from api.schemas.search import DocumentName
from tests.ui.material import DISK
from ui.components.evidence import Evidence, card_markup, compact_markup

QUOTE = "`OrdersDiskAlmostFull` fires at 85 % of the data volume."
ALSO = DocumentName(document_id="d<2>", source="wiki", path="disk.md", title="Disk <b>full</b>", url=None)


def test_documents_that_nearly_repeat_a_hit_are_named_and_linked() -> None:
    markup = compact_markup([DISK.hit(QUOTE).model_copy(update={"also": [ALSO]})], heading="Found")

    assert "Also in: <a" in markup
    assert 'href="knowledge?document=d%3C2%3E"' in markup
    assert "Disk &lt;b&gt;full" in markup


def test_a_card_names_them_too() -> None:
    assert "Also in:" in card_markup(Evidence(1, (DISK.cite(QUOTE, 1),)), DISK.text, [ALSO])


def test_a_card_of_a_passage_that_addresses_a_model_has_a_band() -> None:
    citation = DISK.cite(QUOTE, 1).model_copy(update={"flags": ["hides text from readers"]})

    markup = card_markup(Evidence(1, (citation,)), DISK.text)

    assert "gw-card gw-hostile" in markup
    assert "never followed.</strong> <span>It hides text from readers." in markup


def test_a_review_that_is_overdue_is_loud_on_cards_and_rows() -> None:
    facts = {"review_by": date(2020, 1, 1)}
    card = card_markup(Evidence(1, (DISK.cite(QUOTE, 1).model_copy(update=facts),)), DISK.text)
    row = compact_markup([DISK.hit(QUOTE).model_copy(update=facts)], heading="Found")

    assert "Review overdue since 2020-01-01" in card
    assert "Review overdue since 2020-01-01" in row
