"""From an alert to a verdict, to steering, to another verdict: the real API, the real app, and a person in Chromium.

With UI_SCREENSHOTS set to a folder, what is seen is saved there.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from evals.alert_to_verdict import alert, feed
from evals.made_up_shop import GUILTY
from evals.otlp_load import free_port, served
from tests.ui.test_browser import CONTRAST, SIGHTS, Reader, served_app

by = pytest.importorskip("selenium.webdriver.common.by", reason="selenium is not installed").By
keys = pytest.importorskip("selenium.webdriver.common.keys", reason="selenium is not installed").Keys
pytestmark = [pytest.mark.browser, pytest.mark.slow]

WHO = "Ana"


class Walker(Reader):
    """A reader who types and presses keys."""

    def type(self, label: str, words: str) -> None:
        """Type into the field with a label."""
        self._driver.find_element(by.CSS_SELECTOR, f'input[aria-label="{label}"]').send_keys(words)

    def press(self, words: str) -> None:
        """Press the button that shows some words."""
        script = "[...document.querySelectorAll('button')].find((one) => one.innerText.includes(arguments[0])).click()"
        self.run(script, words)

    def follow(self, selector: str) -> None:
        """Open what the first link that fits a selector leads to."""
        self.wait(lambda: self.finds(selector))
        address = str(self.run("return document.querySelector(arguments[0]).href", selector))
        self._driver.get(address)
        self.wait(lambda: self.finds(".stMainBlockContainer .stHtml"))

    def tabbed(self, count: int) -> str:
        """Press Tab so often and return the words of all that had the focus."""
        told = []
        body = self._driver.find_element(by.TAG_NAME, "body")
        for _ in range(count):
            body = self._driver.switch_to.active_element
            body.send_keys(keys.TAB)
            script = "const it = document.activeElement; return (it.innerText || '') + ' ' + (it.ariaLabel || '')"
            told.append(str(self.run(script)))
        return "\n".join(told)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real API with the telemetry of a shop in trouble, after an alert about it."""
    port = free_port()
    server = served(tmp_path_factory.mktemp("walk") / "data", port)
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, timeout=30) as http:
            feed(http, healthy_minutes=25)
            http.post("/webhooks/alertmanager", json=alert()).raise_for_status()
        yield url
    finally:
        server.terminate()
        server.wait(60)


@pytest.fixture(scope="module")
def walker(repository: Path, api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    """A person at the app over that API."""
    with served_app(repository, api) as address:
        walker = Walker(address, tmp_path_factory.mktemp("chromium"))
        yield walker
        walker.close()


def incident_of(api: str) -> str:
    return str(httpx.get(f"{api}/v1/incidents").json()["incidents"][0]["id"])


SENTENCE = "return document.querySelector('.gw-finding-sentence').innerText"


@pytest.mark.parametrize(("width", "height", "dark"), SIGHTS)
def test_from_alert_to_verdict_to_steering_to_another_verdict(
    walker: Walker, api: str, request: pytest.FixtureRequest, width: int, height: int, dark: bool
) -> None:
    look = request.node.callspec.id
    walker.look(width=width, height=height, dark=dark)

    walker.open("incidents")
    walker.wait_for_text("ShopErrors")
    walker.save(f"walk-1-incidents-{look}")
    walker.open("incidents", id=incident_of(api))
    walker.wait(lambda: walker.finds(".gw-finding-sentence"))
    assert GUILTY in str(walker.run(SENTENCE))
    walker.save(f"walk-2-verdict-{look}")
    walker.follow("a[href*='investigations?id=']")
    walker.wait_for_text("What people did")
    assert walker.run("return document.documentElement.scrollWidth <= window.innerWidth")

    walker.follow(f'a[aria-label="Reject cause {GUILTY}"]')
    walker.wait(lambda: walker.finds('input[aria-label="Why (needed to reject)"]'))
    walker.settle()
    walker.type("Why (needed to reject)", "we turned it off an hour ago")
    walker.type("Your name", WHO)
    walker.press("Record")
    walker.wait(lambda: GUILTY not in str(walker.run(SENTENCE)))
    walker.wait_for_text("The verdict changes")
    walker.save(f"walk-3-steered-{look}")
    assert walker.run(CONTRAST) == []

    walker.open("incidents", id=incident_of(api))
    walker.wait(lambda: walker.finds(".gw-finding-sentence"))
    assert GUILTY not in str(walker.run(SENTENCE))
    walker.save(f"walk-4-incident-after-{look}")
    walker.follow("a[href*='investigations?id=']")
    walker.wait_for_text("rejected a cause")
    walker.settle()
    walker.press("Withdraw act")
    walker.wait_for_text("no longer counts")
    walker.wait(lambda: GUILTY in str(walker.run(SENTENCE)))
    assert walker.complaints() == []


def test_the_keyboard_reaches_what_a_person_does(walker: Walker, api: str) -> None:
    walker.look(width=1280, height=900, dark=False)
    walker.open("incidents", id=incident_of(api))
    walker.wait(lambda: walker.finds(".gw-finding-sentence"))
    walker.settle()
    incident = walker.tabbed(25)
    walker.follow("a[href*='investigations?id=']")
    walker.wait_for_text("What people did")
    walker.settle()

    investigation = walker.tabbed(140)

    assert [one for one in ("Acknowledge", "Resolve", "Evidence") if one not in incident] == []
    assert [one for one in ("Download report", "Fact", "Reject finding") if one not in investigation] == []
