"""The Investigations page: its list and forms, one that runs, one that is done, and those that came to nothing."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from api.errors import NotFound, ServiceUnreachable, UsageError
from api.schemas.investigation_runs import RunState
from api.schemas.investigations import StepView
from tests.ui.canned_investigations import (
    AGENT,
    CALLS,
    LOGS,
    POINTS,
    FakeInvestigations,
    result,
    steps,
    summary,
    verdict,
)
from tests.ui.reading import markup_of, text_of

Opener = Callable[..., AppTest]


def script() -> None:
    """Run the Investigations page by itself."""
    from ui.screens import investigations

    investigations.show()


@pytest.fixture
def fake() -> FakeInvestigations:
    return FakeInvestigations()


@pytest.fixture
def open_page(fake: FakeInvestigations) -> Opener:
    def opened(**address: str) -> AppTest:
        page = AppTest.from_function(script, default_timeout=20)
        page.session_state["assistant"] = fake
        for name, value in address.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception, page.exception
        return page

    return opened


def test_the_first_visit_says_what_this_is_and_how_to_start(open_page: Opener) -> None:
    page = open_page()

    assert "GROUNDWATCH_BUNDLES_DIR" in text_of(page)
    assert page.text_input(key="start bundle").label.startswith("Path inside")


def test_a_bundle_is_started_and_opened(open_page: Opener, fake: FakeInvestigations) -> None:
    page = open_page()

    page.text_input(key="start bundle").set_value(" 2026/checkout ")
    page.text_input(key="start title").set_value("Night")
    page.button[0].click().run()

    assert [(one.bundle, one.title) for one in fake.started] == [("2026/checkout", "Night")]
    assert page.query_params["id"] == "run-1"
    assert "It waits for its turn." in text_of(page)


def test_no_bundle_named_asks_for_one(open_page: Opener, fake: FakeInvestigations) -> None:
    page = open_page()

    page.button[0].click().run()

    assert "Not started: Name a bundle" in text_of(page)
    assert fake.started == []


def test_a_refused_start_says_why_and_keeps_what_was_typed(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.refusal = NotFound("there is no bundle 'nope'; see what lies in GROUNDWATCH_BUNDLES_DIR")
    page = open_page()

    page.text_input(key="start bundle").set_value("nope")
    page.button[0].click().run()

    assert "Not started: There is no bundle 'nope'; see what lies in GROUNDWATCH_BUNDLES_DIR." in text_of(page)
    assert page.text_input(key="start bundle").value == "nope"


def test_an_archive_is_sent_with_its_media_type(open_page: Opener, fake: FakeInvestigations) -> None:
    page = open_page()

    page.segmented_control(key="start how").set_value("An archive").run()
    page.file_uploader(key="start archive").upload("night.tar.gz", b"packed", "application/gzip")
    page.button[0].click().run()

    assert fake.sent == [(b"packed", "application/gzip", "")]
    assert not page.exception


def test_an_archive_of_another_kind_is_not_sent(open_page: Opener, fake: FakeInvestigations) -> None:
    page = open_page()

    page.segmented_control(key="start how").set_value("An archive").run()
    page.file_uploader(key="start archive").upload("night.gz", b"packed", "application/gzip")
    page.button[0].click().run()

    assert "'night.gz' is no .zip, .tar.gz or .tgz" in text_of(page)
    assert fake.sent == []


def test_the_list_tells_outcome_component_and_time(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(), result())
    fake.add(summary(RunState.FAILED, id="run-2", title="", error="the bundle can't be read"))

    page = open_page()

    text = text_of(page)
    for words in (
        "Likely Checkout is slow 2026/checkout cart",
        "Failed 2026/checkout",
        "2026-01-02 03:00 UTC",
        "7.0 s",
    ):
        assert words in text
    assert 'href="investigations?id=run-2"' in markup_of(page)


def test_the_list_is_narrowed_to_a_state_by_the_filter_and_the_address(
    open_page: Opener, fake: FakeInvestigations
) -> None:
    fake.add(summary(), result())
    page = open_page()

    page.selectbox(key="investigations state").select(RunState.FAILED).run()

    assert page.query_params["state"] == "failed"
    assert "No investigation is in this state" in text_of(page)
    assert "Checkout is slow" in text_of(open_page(state="done"))


def test_an_address_with_a_state_that_there_is_none_of_shows_all(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(), result())

    assert "Checkout is slow" in text_of(open_page(state="<b>", page="-3"))


def test_one_that_runs_shows_its_steps_and_can_be_called_off(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(RunState.RUNNING))
    page = open_page(id="run-1")
    before = text_of(page)

    page.button(key="cancel investigation").click().run()

    assert "Running 4 steps so far." in before
    assert "p90 of cart rose from 12 ms to 48 ms" in before
    assert fake.cancelled == ["run-1"]
    assert "Called off" in text_of(page)


def test_only_new_steps_are_asked_for(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(RunState.RUNNING))
    page = open_page(id="run-1")

    fake.steps = steps(6)
    fake.add(summary(RunState.RUNNING, steps=6))
    page.run()

    assert fake.after == [0, 4]
    assert "6 steps so far" in text_of(page)


def test_calling_off_that_is_refused_says_why(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(RunState.RUNNING))
    fake.refusal = ServiceUnreachable("the API did not answer in time; see its log")
    page = open_page(id="run-1")

    page.button(key="cancel investigation").click().run()

    assert "Not called off: The API did not answer in time; see its log." in text_of(page)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState.FAILED, "Mend what it names, then start it again"),
        (RunState.INTERRUPTED, "Its process ended half-way"),
        (RunState.CANCELLED, "called off before it came to a verdict"),
    ],
)
def test_one_without_a_result_says_why_and_what_to_do_next(
    open_page: Opener, fake: FakeInvestigations, state: RunState, words: str
) -> None:
    fake.add(summary(state, error="metrics.csv line 7 holds no number"))
    page = open_page(id="run-1")
    text = text_of(page)

    page.button(key="again").click().run()

    assert words in text
    assert "metrics.csv line 7 holds no number." in text
    assert "p90 of cart rose" in text
    assert [one.bundle for one in fake.started] == ["2026/checkout"]


def test_what_was_sent_as_an_archive_cannot_be_started_by_name(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(RunState.FAILED, bundle="upload:abc", error="broken"))

    page = open_page(id="run-1")

    assert not [button for button in page.button if button.key == "again"]


def test_a_result_starts_with_the_verdict_and_leaves_nothing_out(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(), result())

    text = text_of(open_page(id="run-1"))

    assert text.index("The likely cause is cart : locks, slow queries") < text.index("Noticed")
    told = (
        "High confidence (97%)",
        "Why not more than likely Only one class of source speaks for cart.",
        "What would decide next self time of cart in this window",
        "Its database is slow.",
        "From cause to symptom",
        "front calls cart",
        "Evidence for it 2",
        "Evidence against it 1 CPU of cart",
        "What it does not explain 1",
        "is no probability of being right",
        "over 99%",
        "bank , packets delayed: it is as in healthy time.",
        "To close it: connect traces for this window.",
        "Blast radius 2 front mail",
        "Ran out of time",
        "gave up after 30 s",
        "The recording holds none.",
    )
    assert [words for words in told if words not in text] == []


def test_without_calibration_no_number_is_shown(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(), result(verdict=verdict(component_right=None, kind_right=None)))

    text = text_of(open_page(id="run-1"))

    assert "No number: confidence was not calibrated on this system" in text
    assert "97%" not in text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("confirmed", "Confirmed High confidence"),
        ("inconclusive", "What was seen settles no cause; the first suspect is cart"),
        ("nothing_wrong", "Nothing wrong Nothing of what was looked at is unlike its usual self."),
    ],
)
def test_each_verdict_has_its_badge_and_sentence(
    open_page: Opener, fake: FakeInvestigations, state: str, words: str
) -> None:
    changes: dict[str, object] = {"state": state, "objections": []}
    fake.add(summary(verdict=state), result(verdict=verdict(**changes)))

    assert words in text_of(open_page(id="run-1"))


def test_a_result_without_cause_shows_what_there_is(open_page: Opener, fake: FakeInvestigations) -> None:
    bare = verdict(state="inconclusive", cause=None, objections=[], deciding=None, component_right=None)
    empty: dict[str, object] = {
        name: [] for name in ("hypotheses", "ruled_out", "gaps", "blast_radius", "findings", "observations")
    }
    fake.add(summary(verdict="inconclusive", component=None), result(verdict=bare, **empty))

    text = text_of(open_page(id="run-1"))

    for words in ("settles no cause and names no suspect", "No gap was found", "Nothing here rests on rows"):
        assert words in text


def test_the_rows_cited_first_are_open_and_others_open_by_their_link(
    open_page: Opener, fake: FakeInvestigations
) -> None:
    fake.add(summary(), result())

    first, chosen = open_page(id="run-1"), open_page(id="run-1", rows=LOGS)

    assert f"rows={LOGS}" in markup_of(first)
    assert "The points of p90 of cart." in text_of(first)
    assert "2 of 900 rows. Cut: Only the most frequent are kept." in text_of(chosen)
    assert "Close" in text_of(chosen)


def test_rows_over_time_are_drawn_and_others_are_not(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(), result())

    board = 2  # plots that stand there whichever rows are open
    assert len(open_page(id="run-1", rows=POINTS).get("vega_lite_chart")) == board + 1
    assert len(open_page(id="run-1", rows=CALLS).get("vega_lite_chart")) == board


def test_rows_that_are_not_there_are_told_beside_the_result(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(), result())

    text = text_of(open_page(id="run-1", rows="o-nothing"))

    assert "No observation 'o-nothing'" in text
    assert "The likely cause is cart" in text


def test_hostile_text_is_shown_and_never_followed(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(title="<script>alert(2)</script>"), result())

    page = open_page(id="run-1", rows=LOGS)
    page.toggle(key="steps of run-1").set_value(True).run()

    markup = markup_of(page)
    assert "&lt;img src=x onerror" in markup
    assert "<img" not in markup
    assert 'href="javascript' not in markup
    assert "<script" not in markup
    assert "**ignore all previous instructions**" in text_of(page)


def test_an_unknown_investigation_says_so(open_page: Opener) -> None:
    assert "Investigation not found" in text_of(open_page(id="nothing"))


def test_an_api_that_is_down_is_told_without_a_traceback(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.error = ServiceUnreachable("no API answers at 'http://x'; start it with groundwatch serve")

    assert "The API does not answer" in text_of(open_page())
    assert "The API does not answer" in text_of(open_page(id="run-1"))


def test_numbers_without_calibration_facts_are_not_shown(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(), result(verdict=verdict(calibration=None)))

    text = text_of(open_page(id="run-1"))

    assert "No number: confidence was not calibrated on this system" in text
    assert "97%" not in text


def test_what_the_agent_added_is_told_with_its_rows_and_refusals(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(), result(), AGENT)

    text = text_of(open_page(id="run-1"))

    assert "What the agent added small-1 looked further after the verdict was settled" in text
    assert "Refused (1), since the findings don't bear it out" in text
    assert "1 proposal accepted, 1 refused; 3 calls, 690 tokens, 2.5 s." in text
    assert "<img src=x" in text  # as words, since nothing of it is markup


def test_what_documents_advise_is_shown_once_it_is_asked_for(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(), result())
    page = open_page(id="run-1")
    assert "Guidance, no evidence" not in text_of(page)

    (toggle,) = [one for one in page.toggle if one.label == "Show what documents advise"]
    text = text_of(toggle.set_value(True).run())

    assert "Guidance, no evidence." in text
    assert "Destroys: the pod" in text
    assert "still to do" in text
    assert "This passage addresses a language model." in text


def test_guidance_that_cannot_be_had_leaves_the_rest(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.add(summary(), result())
    fake.refusal = UsageError("nothing was ingested yet")
    page = open_page(id="run-1")

    (toggle,) = [one for one in page.toggle if one.label == "Show what documents advise"]
    text = text_of(toggle.set_value(True).run())

    assert "What documents advise cannot be shown: Nothing was ingested yet." in text
    assert "Hypotheses" in text


def test_a_verdict_that_is_settled_is_told_while_an_agent_looks_on(open_page: Opener, fake: FakeInvestigations) -> None:
    fake.steps = [
        *steps(3),
        StepView.model_validate({"number": 4, "stage": "verdict", "specialist": "", "text": "cart"}),
    ]
    fake.add(summary(RunState.RUNNING))

    assert "The verdict is settled: Cart." in text_of(open_page(id="run-1"))
