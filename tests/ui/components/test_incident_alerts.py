"""The alerts of an incident as others wrote them: shown letter for letter, and linked only where that is an address."""

import pytest

from api.schemas.incidents import IncidentDetail
from tests.ui.canned_incidents import alert, incident
from ui.components.incident_alerts import alerts_markup
from ui.components.incident_words import services_markup


def _shown(**changes: object) -> str:
    detail = IncidentDetail(
        incident=incident(), alerts=[alert(**changes)], alerts_left_out=0, history=[], history_left_out=0
    )
    return str(alerts_markup(detail))


@pytest.mark.parametrize("link", ["http://[", "javascript:alert(1)", "data:text/html,x", "//elsewhere"])
def test_what_is_no_web_address_is_shown_without_a_link(link: str) -> None:
    shown = _shown(link=link, runbook="")

    assert "HighErrorRate" in shown
    assert "href" not in shown


def test_an_address_with_quotes_stays_inside_its_link() -> None:
    assert 'href="https://a/&#34;onclick=&#34;x"' in _shown(link='https://a/"onclick="x', runbook="")


def test_of_very_many_services_the_first_are_named_and_the_rest_counted() -> None:
    shown = str(services_markup(incident(services=[f"service-{number}" for number in range(300)])))

    assert shown.count("service-") == 8
    assert "and 292 more" in shown
