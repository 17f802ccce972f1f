"""Tests of the numbers of citations, and of names that stay as the telemetry has them."""

from tests.ui.canned_investigations import LOGS, POINTS, result
from ui.components.investigation_address import InvestigationView, investigation_view_in
from ui.components.investigation_citations import citations_of, findings_markup
from ui.components.investigation_words import instant_words

VIEW = InvestigationView(id="run-1")


def test_the_same_rows_keep_their_number_and_strangers_get_none() -> None:
    cited = citations_of(result(), VIEW)

    first = cited.chips([LOGS, "o-nothing", LOGS])
    second = cited.chips([POINTS, LOGS])

    assert first.count("<a ") == 1
    assert cited.numbers == {LOGS: 1, POINTS: 2}
    assert f'href="investigations?id=run-1&amp;rows={POINTS}"' in second


def test_a_sentence_that_starts_with_a_component_keeps_its_name() -> None:
    cited = citations_of(result(), VIEW)

    assert cited.sentence("cart wrote 3 lines") == "cart wrote 3 lines."
    assert cited.sentence("only one source speaks") == "Only one source speaks."


def test_a_long_list_of_findings_is_folded_and_a_stranger_is_named() -> None:
    cited = citations_of(result(), VIEW)

    markup = findings_markup(["metrics-1"] * 9 + ["metrics-99"], cited)

    assert "<summary>2 more</summary>" in markup
    assert "<code>metrics-99</code>, which is no finding of this investigation" in markup


def test_an_address_comes_back_as_it_was() -> None:
    view = InvestigationView(id="a b", rows="o&1", page=3)

    assert investigation_view_in(view.parameters()) == view
    assert view.address == "investigations?id=a+b&rows=o%261&page=3"


def test_an_instant_that_no_calendar_holds_stays_a_number() -> None:
    assert instant_words(-5) == "-5 µs"
    assert instant_words(10**18) == "1000000000000000000 µs"
    assert instant_words(0) == "1970-01-01 00:00 UTC"
