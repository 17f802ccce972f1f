"""What people do about an investigation: the form, what was done, and what others did meanwhile."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from api.errors import UsageError
from api.schemas.investigation_acts import ActKind
from api.schemas.investigation_runs import RunState
from tests.ui.canned_investigations import HOSTILE, FakeInvestigations, result, summary, verdict
from tests.ui.canned_steering import SteeredInvestigations, act_view
from tests.ui.reading import markup_of, text_of
from tests.ui.screens.test_investigations import script

Opener = Callable[..., AppTest]


@pytest.fixture
def fake() -> SteeredInvestigations:
    fake = SteeredInvestigations()
    fake.add(summary(), result())
    return fake


@pytest.fixture
def open_page(fake: SteeredInvestigations) -> Opener:
    return lambda **address: opened(fake, **address)


def opened(fake: FakeInvestigations, **address: str) -> AppTest:
    page = AppTest.from_function(script, default_timeout=20)
    page.session_state["assistant"] = fake
    for name, value in ({"id": "run-1"} | address).items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    return page


def choose(page: AppTest, way: str) -> AppTest:
    page.session_state["act way"] = way
    return page.run()


def send(page: AppTest, label: str) -> AppTest:
    button = next(one for one in page.button if one.label == label)
    return button.click().run()


def test_a_connection_that_takes_no_acts_offers_none() -> None:
    plain = FakeInvestigations()
    plain.add(summary(), result())

    page = opened(plain)

    assert "What people did" not in text_of(page)
    assert "gw-decide" not in markup_of(page)


def test_without_acts_it_says_that_nobody_did_anything(open_page: Opener) -> None:
    page = open_page()

    assert "Nobody has done anything about it yet." in text_of(page)
    assert "gw-decide" in markup_of(page)


def test_a_fact_is_told_with_the_name_that_other_forms_know_then(
    open_page: Opener, fake: SteeredInvestigations
) -> None:
    page = choose(open_page(), "Fact")

    page.text_area(key="act text").set_value("we failed over")
    page.text_input(key="who acts on Fact").set_value("Ana")
    send(page, "Add fact")

    assert [(one.kind, one.text, one.who) for one in fake.acted] == [(ActKind.FACT, "we failed over", "Ana")]
    assert page.session_state["who acts"] == "Ana"
    text = text_of(page)
    assert "Ana added a fact" in text
    assert "The verdict stays likely, cart." in text
    assert "Recorded as act 1." in text
    assert page.session_state["act way"] is None


def test_a_link_beside_a_finding_fills_the_form_in_and_does_nothing_yet(
    open_page: Opener, fake: SteeredInvestigations
) -> None:
    name = result().findings[0].id

    page = open_page(act="reject_finding", on=name)

    assert page.session_state["act way"] == "Finding"
    assert page.selectbox(key="act finding").value == name
    assert page.radio(key="act yes").value == "Reject"
    assert fake.acted == []

    page.text_input(key="act text").set_value("the sensor is broken")
    send(page, "Record")

    assert [(one.kind, one.finding, one.text) for one in fake.acted] == [
        (ActKind.REJECT_FINDING, name, "the sensor is broken")
    ]


def test_a_cause_is_confirmed_with_what_is_wrong_with_it(open_page: Opener, fake: SteeredInvestigations) -> None:
    page = open_page(act="confirm_cause", on="cart")

    page.selectbox(key="act fault").set_value("disk")
    send(page, "Record")

    assert [(one.kind, one.component, one.fault) for one in fake.acted] == [(ActKind.CONFIRM_CAUSE, "cart", "disk")]


def test_what_is_missing_is_said_and_what_was_typed_is_not_sent(open_page: Opener, fake: SteeredInvestigations) -> None:
    page = open_page(act="reject_cause", on="cart")

    send(page, "Record")

    assert "text is missing; reject_cause needs component and text" in text_of(page)
    assert fake.acted == []


def test_a_refusal_of_the_api_is_said(open_page: Opener, fake: SteeredInvestigations) -> None:
    fake.no_act = UsageError("others act on it all the time; send it again")
    page = choose(open_page(), "Question")

    page.text_input(key="act text").set_value("when did it begin?")
    send(page, "Ask")

    assert "Not done: Others act on it all the time; send it again." in text_of(page)


def test_another_window_is_prefilled_with_the_one_that_was_looked_at(
    open_page: Opener, fake: SteeredInvestigations
) -> None:
    page = choose(open_page(), "Window")

    assert page.text_input(key="act start").value == "2023-11-14T22:13:20Z"
    page.text_input(key="act start").set_value("2023-11-14T22:00:00Z")
    send(page, "Investigate window")

    assert fake.acted[0].window is not None
    assert fake.acted[0].window.start.isoformat() == "2023-11-14T22:00:00+00:00"


def test_a_time_that_is_none_is_refused_by_name(open_page: Opener, fake: SteeredInvestigations) -> None:
    page = choose(open_page(), "Window")

    page.text_input(key="act start").set_value("yesterday")
    send(page, "Investigate window")

    assert "window.start" in text_of(page).lower()
    assert fake.acted == []


def test_an_act_is_withdrawn_and_struck_through(open_page: Opener, fake: SteeredInvestigations) -> None:
    fake.views.append(act_view(1))
    page = open_page()

    send(page, "Withdraw act")

    assert [(one.kind, one.act) for one in fake.acted] == [(ActKind.WITHDRAW, 1)]
    assert "gw-withdrawn" in markup_of(page)


def news_script() -> None:
    """Run the bar of a page that was drawn before anybody acted."""
    from ui.screens.steering import _show_news

    _show_news("run-1", 0)


def test_what_others_do_meanwhile_waits_behind_a_bar(fake: SteeredInvestigations) -> None:
    page = AppTest.from_function(news_script, default_timeout=20)
    page.session_state["assistant"] = fake

    page.run()
    before = text_of(page)
    fake.views.append(act_view(1, who="Bo"))
    page.run()

    assert before == ""
    assert "1 new act by Bo. The verdict is likely, front." in text_of(page)
    assert [one.label for one in page.button] == ["Show"]


def test_hostile_words_of_people_stay_words(open_page: Opener, fake: SteeredInvestigations) -> None:
    fake.views.append(act_view(1, came=HOSTILE, text=HOSTILE, who=HOSTILE))

    markup = markup_of(open_page())

    assert "<img" not in markup
    assert "&lt;img" in markup


def test_while_it_runs_only_what_can_wait_for_findings_is_offered(
    open_page: Opener, fake: SteeredInvestigations
) -> None:
    fake.add(summary(RunState.RUNNING))

    page = open_page()

    assert list(page.segmented_control(key="act way").options) == ["Fact", "Theory", "Cause"]


def test_findings_that_people_rejected_stay_in_sight_and_a_person_who_confirmed_is_named(
    open_page: Opener, fake: SteeredInvestigations
) -> None:
    name = result().findings[0].id
    decided = verdict(state="confirmed", decided_by="Ana", component_right=None, kind_right=None, calibration=None)
    fake.add(summary(follows="run-0"), result(rejected=[name], verdict=decided))

    text = text_of(open_page())

    assert "Findings that people rejected" in text
    assert "(rejected)" in text
    assert "Confirmed by Ana" in text
    assert "No number: a person decided" in text
    assert "Goes on from" in text


def test_a_step_of_a_runbook_is_recorded_by_the_link_beside_it(open_page: Opener, fake: SteeredInvestigations) -> None:
    page = open_page(act="step", on="12:runbooks/disk.md")

    page.radio(key="act outcome").set_value("impossible")
    page.text_input(key="act text").set_value("no access")
    send(page, "Record")

    one = fake.acted[0]
    assert (one.kind, one.document, one.line, one.outcome, one.text) == (
        ActKind.STEP, "runbooks/disk.md", 12, "impossible", "no access",
    )  # fmt: skip
    assert "went through a step of a runbook at line 12, impossible" in text_of(page)


def test_without_such_a_link_steps_are_not_offered(open_page: Opener) -> None:
    assert "Step" not in open_page().segmented_control(key="act way").options
