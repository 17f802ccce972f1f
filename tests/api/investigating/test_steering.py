"""Acts at the desk: kept with what came of them, weighed at once or once the specialists are done, by many at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from api.errors import NotFound, UsageError
from api.investigation.verdicts import VerdictState
from api.investigation.windows import moment_of
from api.schemas.investigation_acts import ActKind, ActRequest, ActView
from api.schemas.investigation_runs import AskedWindow, RunState
from tests.api.investigated import CPU, WINDOW, FakeInvestigator
from tests.api.investigating.offices import Office, open_office, wait_until

REJECT = ActRequest(kind=ActKind.REJECT_CAUSE, component="cart", text="I looked, it is well", who="Ana")
FACT = ActRequest(kind=ActKind.FACT, component="front", text="its certificate expired", who="Bo")
LATER = AskedWindow(start=moment_of(WINDOW.start) + timedelta(minutes=1), end=moment_of(WINDOW.end))


@pytest.fixture
def investigator() -> FakeInvestigator:
    return FakeInvestigator()


@pytest.fixture
def office(tmp_path: Path, investigator: FakeInvestigator) -> Iterator[Office]:
    with closing(open_office(tmp_path, investigator)) as opened:
        yield opened
        investigator.gate.set()


@pytest.fixture
def done(office: Office) -> str:
    """An investigation that is done."""
    return office.ended(office.ask().id).id


def verdict_of(office: Office, investigation_id: str) -> tuple[VerdictState | None, str | None]:
    found = office.desk.summary(investigation_id)
    return found.verdict, found.component


def test_an_act_changes_the_verdict_for_all_who_read_it(office: Office, done: str) -> None:
    before = verdict_of(office, done)

    view = office.desk.act(done, REJECT)

    result = office.desk.detail(done).result
    assert result is not None
    assert before == (VerdictState.LIKELY, "cart")
    assert verdict_of(office, done)[1] == "front"
    assert result.verdict.cause is not None
    assert result.verdict.cause.component == "front"
    assert result.unresolved == []
    assert view.came.before is not None
    assert view.came.after is not None
    assert (view.came.before.component, view.came.after.component) == ("cart", "front")
    assert "rejected by Ana: I looked, it is well" in office.desk.report(done)


def test_what_a_person_said_is_an_observation_with_its_rows(office: Office, done: str) -> None:
    view = office.desk.act(done, FACT)

    rows = office.desk.observation(done, view.came.observations[0])

    assert (rows.query.source.value, rows.query.instance) == ("human", "Bo")
    assert rows.rows[0][3] == "its certificate expired"


def test_what_is_done_while_it_runs_is_weighed_once_it_is_done(office: Office, investigator: FakeInvestigator) -> None:
    investigator.gate.clear()
    asked = office.ask()
    wait_until(lambda: office.desk.summary(asked.id).state is RunState.RUNNING)

    view = office.desk.act(asked.id, REJECT)
    investigator.gate.set()
    office.ended(asked.id)

    assert view.came.after is None
    detail = office.desk.detail(asked.id)
    assert detail.result is not None
    assert detail.result.verdict.cause is not None
    assert detail.result.verdict.cause.component == "front"
    assert (detail.investigation.component, detail.acts) == ("front", 1)


def test_what_needs_findings_waits_for_them(office: Office, investigator: FakeInvestigator) -> None:
    investigator.gate.clear()
    asked = office.ask()

    with pytest.raises(UsageError, match="send it again once it is done"):
        office.desk.act(asked.id, ActRequest(kind=ActKind.QUESTION, text="when did it begin?"))


def test_the_same_key_does_it_once_and_another_act_under_it_is_refused(office: Office, done: str) -> None:
    first = office.desk.act(done, FACT, request_key="k1")

    again = office.desk.act(done, FACT, request_key="k1")

    assert again.number == first.number == 1
    assert len(office.desk.acts(done).acts) == 1
    with pytest.raises(UsageError, match="Idempotency-Key 'k1' was used"):
        office.desk.act(done, REJECT, request_key="k1")


def test_many_act_at_once_and_none_is_lost(office: Office, done: str) -> None:
    start = threading.Barrier(4)

    def act(number: int) -> ActView:
        start.wait()
        return office.desk.act(done, FACT.model_copy(update={"text": f"fact {number}"}))

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(act, range(4)))

    assert sorted(one.number for one in made) == [1, 2, 3, 4]
    result = office.desk.detail(done).result
    assert result is not None
    assert sum(one.source.value == "human" for one in result.findings) == 4


def test_an_act_is_withdrawn_once(office: Office, done: str) -> None:
    office.desk.act(done, REJECT)
    undo = ActRequest(kind=ActKind.WITHDRAW, act=1, who="Bo")

    view = office.desk.act(done, undo)

    assert view.came.text.startswith("Act 1 no longer counts.")
    assert verdict_of(office, done)[1] == "cart"
    assert [one.withdrawn for one in office.desk.acts(done).acts] == [True, False]
    for number in (1, 2, 9):
        with pytest.raises(UsageError, match=f"act {number} is"):
            office.desk.act(done, undo.model_copy(update={"act": number}))


def test_another_window_goes_on_as_a_new_investigation_that_knows_what_was_said(office: Office, done: str) -> None:
    told: list[tuple[str, str, str]] = []
    office.desk.on_going_on(lambda *both: told.append(both))
    office.desk.act(done, REJECT)

    view = office.desk.act(done, ActRequest(kind=ActKind.WINDOW, window=LATER, who="Bo"))

    new = view.came.investigation
    assert new is not None
    assert office.ended(new).follows == done
    found = office.desk.detail(new).result
    assert found is not None
    assert [one.act.kind for one in office.desk.acts(new).acts] == [ActKind.REJECT_CAUSE]
    assert office.desk.detail(done).followed_by == new
    assert told == [(done, new, "Bo")]


def test_the_window_of_the_new_one_is_the_one_that_was_asked_for(tmp_path: Path) -> None:
    seen = []

    class Looking(FakeInvestigator):
        def investigate(self, incident, telemetry, **rest):  # type: ignore[no-untyped-def]  # as its parent
            seen.append((incident.window, incident.baseline))
            return super().investigate(incident, telemetry, **rest)

    with closing(open_office(tmp_path, Looking())) as office:
        done = office.ended(office.ask().id).id
        view = office.desk.act(done, ActRequest(kind=ActKind.WINDOW, window=LATER))
        office.ended(view.came.investigation or "")

    window, baseline = seen[-1]
    assert (moment_of(window.start), moment_of(window.end)) == (LATER.start, LATER.end)
    assert baseline == seen[0][1]


def test_what_is_not_there_is_named(office: Office, done: str) -> None:
    with pytest.raises(UsageError, match="finding 'metrics-99' is not one of this investigation"):
        office.desk.act(done, ActRequest(kind=ActKind.CONFIRM_FINDING, finding="metrics-99"))
    with pytest.raises(UsageError, match="observation 'o0' is not one of this investigation"):
        office.desk.act(done, FACT.model_copy(update={"observations": ["o0"]}))
    with pytest.raises(NotFound):
        office.desk.act("nobody", FACT)
    with pytest.raises(NotFound):
        office.desk.acts("nobody")


def test_a_fact_may_rest_on_an_observation(office: Office, done: str) -> None:
    office.desk.act(done, FACT.model_copy(update={"observations": [CPU.id]}))

    result = office.desk.detail(done).result
    assert result is not None
    assert CPU.id in result.findings[-1].observations


def test_nothing_can_be_done_about_one_that_was_called_off(office: Office, investigator: FakeInvestigator) -> None:
    investigator.gate.clear()
    asked = office.ask()
    office.desk.cancel(asked.id)

    with pytest.raises(UsageError, match="is cancelled, so nothing can be done about it; start it again"):
        office.desk.act(asked.id, FACT)


def test_acts_go_with_their_investigation(office: Office, done: str) -> None:
    office.desk.act(done, FACT)

    office.desk.delete(done)

    with pytest.raises(NotFound):
        office.desk.acts(done)


def test_a_query_of_a_bundle_that_holds_nothing_says_so(office: Office, done: str) -> None:
    asked = ActRequest.model_validate({"kind": "query", "source": "log", "component": "cart", "text": "timeout"})

    view = office.desk.act(done, asked)

    assert view.came.text == "Nothing: no log line of cart in the window holds 'timeout'."
    assert view.came.observations == []


def test_an_act_that_is_not_kept_leaves_no_trace(office: Office, done: str) -> None:
    with pytest.raises(UsageError, match="can't be answered here"):
        office.desk.act(done, ActRequest(kind=ActKind.QUESTION, text="when did it begin?"))

    assert office.desk.acts(done).last == 0
