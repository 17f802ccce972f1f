"""Tests of the alerts view: the list, its filters, and the definition of an alert."""

from tests.ui.conftest import Opener
from tests.ui.fakes import FakeAssistant
from tests.ui.reading import markup_of, text_of


def test_an_alert_shows_severity_rules_and_its_runbook(open_knowledge: Opener) -> None:
    page = open_knowledge(view="alerts")

    assert "OrdersDiskAlmostFull critical 1 rule Order database disk is filling up" in text_of(page)
    assert "CheckoutQueueStuck warning 1 rule No runbook" in text_of(page)


def test_only_those_without_a_runbook_can_be_listed(open_knowledge: Opener) -> None:
    page = open_knowledge(view="alerts")

    page.toggle(key="alerts only").set_value(True).run()

    assert page.query_params["only"] == "1"
    assert "OrdersDiskAlmostFull" not in text_of(page)


def test_the_definition_shows_expression_place_and_how_the_runbook_was_found(open_knowledge: Opener) -> None:
    page = open_knowledge(view="alerts", text="OrdersDisk")

    text = text_of(page)
    for words in ("node_filesystem_avail_bytes < 0.15", "For 10m", "severity: critical", "a link of its rule"):
        assert words in text
    assert '<details class="gw-fold" open>' in markup_of(page)


def test_what_rules_say_stays_text(open_knowledge: Opener) -> None:
    markup = markup_of(open_knowledge(view="alerts", text="Checkout"))

    assert "<script>1" not in markup
    assert 'href="javascript' not in markup


def test_where_all_have_runbooks_the_filter_says_so(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.known_alerts = fake.known_alerts[1:]

    assert "Every alert has a runbook." in text_of(open_knowledge(view="alerts", only="1"))


def test_many_alerts_come_in_pages(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.known_alerts = [fake.known_alerts[0].model_copy(update={"name": f"Alert{number}"}) for number in range(120)]

    page = open_knowledge(view="alerts", text="Alert", page="2")

    assert "51 to 100 of 120" in text_of(page)
    assert "view=alerts&amp;text=Alert&amp;page=3" in markup_of(page)
