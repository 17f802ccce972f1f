"""The Incidents page: its first visit, the list and its filters, one incident with its verdict, and what is done."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from api.errors import ServiceUnreachable
from api.schemas.incidents import IncidentInquest, IncidentState, Inquest
from tests.ui.canned_incidents import FakeIncidents, incident
from tests.ui.canned_investigations import result, summary
from tests.ui.reading import markup_of, text_of

Opener = Callable[..., AppTest]
ENDED = incident(id="inc-2", title="Disk at db", state=IncidentState.RESOLVED)


def script() -> None:
    """Run the Incidents page by itself."""
    from ui.screens import incidents

    incidents.show()


@pytest.fixture
def fake() -> FakeIncidents:
    known = FakeIncidents(incident(), ENDED)
    known.add(summary(), result())
    return known


@pytest.fixture
def open_page(fake: FakeIncidents) -> Opener:
    def opened(**address: str) -> AppTest:
        page = AppTest.from_function(script, default_timeout=20)
        page.session_state["assistant"] = fake
        for name, value in address.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception, page.exception
        return page

    return opened


def test_the_first_visit_says_how_alerts_come_in(open_page: Opener, fake: FakeIncidents) -> None:
    fake.known.clear()

    page = open_page()

    assert "Point a sender at this API" in text_of(page)
    assert "/webhooks/alertmanager" in page.code[0].value


def test_the_list_tells_how_bad_each_is_and_how_far_its_cause_is_settled(open_page: Opener) -> None:
    said = text_of(open_page())

    assert "HighErrorRate at cart" in said
    assert "Critical" in said
    assert "1 of 2 alerts" in said


def test_filters_live_in_the_address(open_page: Opener, fake: FakeIncidents) -> None:
    page = open_page(state="resolved", text="Disk")

    assert fake.wanted[-1] == (IncidentState.RESOLVED, None, "Disk")
    assert "HighErrorRate" not in text_of(page)
    page.text_input(key="incidents text").set_value("nothing").run()
    assert page.query_params["text"] == "nothing"
    assert "No incident fits" in text_of(page)


def test_an_incident_shows_the_verdict_its_gaps_its_alerts_and_its_timeline(open_page: Opener) -> None:
    page = open_page(id="inc-1")
    said = text_of(page)

    assert "Likely" in said
    assert "What was not seen" in said
    assert "Opened: by HighErrorRate" in said
    assert "2 entries earlier are not shown" in said
    assert "investigations?id=run-1" in markup_of(page)


def test_what_alerts_say_is_data_and_only_web_links_are_links(open_page: Opener) -> None:
    markup = markup_of(open_page(id="inc-1"))

    assert "<img src=x" not in markup
    assert 'href="javascript' not in markup
    assert 'href="https://runbooks.example/cart"' in markup


def test_one_that_waits_says_why(open_page: Opener, fake: FakeIncidents) -> None:
    waits = IncidentInquest(stage=Inquest.WANTED, problem="no source is connected; name your systems")
    fake.known[0] = incident(investigation=waits)

    assert "No source is connected" in text_of(open_page(id="inc-1"))


@pytest.mark.parametrize(
    ("shown", "button", "act"), [("inc-1", 0, "acknowledge"), ("inc-1", 1, "resolve"), ("inc-2", 0, "reopen")]
)
def test_what_a_person_does_carries_the_name(
    open_page: Opener, fake: FakeIncidents, shown: str, button: int, act: str
) -> None:
    page = open_page(id=shown)

    page.text_input(key="who acts").set_value("Ada")
    page.button[button].click().run()

    assert fake.acted == [(act, shown, "Ada")]


def test_an_unknown_incident_leads_back_to_the_list(open_page: Opener) -> None:
    assert "Incident not found" in text_of(open_page(id="nope"))


def test_without_an_api_the_page_says_what_to_start(open_page: Opener, fake: FakeIncidents) -> None:
    fake.down = ServiceUnreachable("no API answers; start it with groundwatch serve")

    assert "The API does not answer" in text_of(open_page())
