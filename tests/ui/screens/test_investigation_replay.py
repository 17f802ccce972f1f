"""The replay of a finished investigation: each step has an address, and shows what was known by then."""

import pytest
from streamlit.testing.v1 import AppTest

from api.schemas.investigations import StepView
from tests.ui.canned_investigations import LOGS, POINTS, FakeInvestigations, result, summary
from tests.ui.reading import markup_of, text_of
from tests.ui.screens.test_investigation_board import opened

STEPS = (
    ("plan", "", "metrics and logs look", ""),
    ("query", "metrics", "metrics: looks at 30 minutes", ""),
    ("observation", "metrics", "the points of p90", POINTS),
    ("finding", "metrics", "p90 of cart rose", "metrics-1"),
    ("observation", "logs", "templates of lines", LOGS),
    ("verdict", "", "likely cart", ""),
)


@pytest.fixture
def fake() -> FakeInvestigations:
    fake = FakeInvestigations()
    fake.steps = [
        StepView(number=number, stage=stage, specialist=who, text=text, ref=ref)  # type: ignore[arg-type]  # pydantic reads the word
        for number, (stage, who, text, ref) in enumerate(STEPS, 1)
    ]
    fake.add(summary(steps=len(STEPS)), result())
    return fake


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def test_a_step_shows_what_was_known_by_then_and_no_more(fake: FakeInvestigations) -> None:
    text = text_of(opened(fake, id="run-1", step="3"))

    assert "Replay: step 3 of 6" in text
    assert "The points of p90 of cart." in text
    assert "No finding yet." in text
    assert "Still to come: 4 findings, 2 observations, the verdict." in text
    assert "templates of lines" not in text


def test_each_step_has_an_address(fake: FakeInvestigations) -> None:
    page = opened(fake, id="run-1", step="3")

    press(page, "replay next")
    assert page.query_params["step"] == "4"
    assert "Known by then 1 finding p90 of cart rose from 12 ms to 48 ms" in text_of(page)
    press(page, "replay previous")
    assert page.query_params["step"] == "3"
    page.slider(key="replay step").set_value(6).run()
    assert page.query_params["step"] == "6"
    assert "the verdict." not in text_of(page)


def test_rows_keep_the_step_in_their_address(fake: FakeInvestigations) -> None:
    assert f"rows={POINTS}&amp;step=4" in markup_of(opened(fake, id="run-1", step="4"))


def test_it_plays_holds_and_ends_at_the_last_step(fake: FakeInvestigations) -> None:
    page = opened(fake, id="run-1", step="4")

    press(page, "replay play")
    assert page.button(key="replay play").label == "Pause"
    press(page, "replay play")
    assert page.button(key="replay play").label == "Play"
    assert page.query_params["step"] == "4"


@pytest.mark.parametrize("step", ["99999", "-3", "<b>"])
def test_a_step_that_there_is_not_shows_one_that_there_is(fake: FakeInvestigations, step: str) -> None:
    assert "Replay: step" in text_of(opened(fake, id="run-1", step=step))


def test_the_result_links_to_the_replay_and_back(fake: FakeInvestigations) -> None:
    assert 'href="investigations?id=run-1&amp;step=1"' in markup_of(opened(fake, id="run-1"))
    assert 'href="investigations?id=run-1"' in markup_of(opened(fake, id="run-1", step="2"))


def test_without_steps_there_is_nothing_to_replay() -> None:
    fake = FakeInvestigations(steps=[])
    fake.add(summary(steps=0), result())

    assert "nothing to replay" in text_of(opened(fake, id="run-1", step="2"))
