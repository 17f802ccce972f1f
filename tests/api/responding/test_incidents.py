"""Incidents as a caller sees them: kept before they are answered for, investigated within limits, settled in time."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from api.errors import NotFound, UsageError
from api.incidents.alerts import Severity
from api.incidents.facts import IncidentFacts
from api.incidents.grouping import Outcome
from api.incidents.incidents import IncidentState, Inquest
from api.responding.desk_starter import DeskStarter
from api.responding.incidents import Incidents
from api.schemas.incidents import IncidentAction
from api.schemas.investigation_runs import InvestigationRequest, InvestigationSummary, RunState
from api.storage.incident_inquests import StartLimits
from tests.api.alerting import MOMENT, Clock, FakeStarter, alert, minutes, open_incidents
from tests.api.investigating.offices import wait_until


@pytest.fixture
def clock() -> Clock:
    return Clock()


@contextmanager
def _working(incidents: Incidents) -> Iterator[Incidents]:
    with closing(incidents):
        incidents.open()
        yield incidents


def _stage(incidents: Incidents, name: str) -> Inquest:
    return incidents.summary(name).investigation.stage


def test_what_was_received_is_there_for_the_next_process(tmp_path: Path, clock: Clock) -> None:
    with closing(open_incidents(tmp_path, clock)) as first:
        received = first.receive([alert(), alert("Slow"), alert(), alert("Gone", resolved=True)])

    with closing(open_incidents(tmp_path, clock)) as second:
        (one,) = second.find().incidents

    assert received.incidents == [one.id]
    assert received.counts == {
        Outcome.OPENED: 1,
        Outcome.JOINED: 1,
        Outcome.REPEATED: 1,
        Outcome.UNKNOWN_RESOLVED: 1,
    }


def test_services_that_call_each_other_are_one_incident(tmp_path: Path, clock: Clock) -> None:
    with closing(open_incidents(tmp_path, clock, edges=[("front", "checkout")])) as incidents:
        incidents.receive([alert(service="front")])
        incidents.receive([alert(service="checkout")])
        incidents.receive([alert(service="elsewhere")])

        assert sorted(one.services for one in incidents.find().incidents) == [["elsewhere"], ["front", "checkout"]]


def test_each_incident_is_investigated_once(tmp_path: Path, clock: Clock) -> None:
    starter = FakeStarter()

    with _working(open_incidents(tmp_path, clock, starter=starter)) as incidents:
        (name,) = incidents.receive([alert(namespace="shop"), alert("Slow")]).incidents
        wait_until(lambda: _stage(incidents, name) is Inquest.ENDED)
        incidents.receive([alert("Later"), alert(namespace="shop")])
        news = incidents.news()
        wait_until(lambda: incidents.summary(name).messages == 4)

    (facts,) = starter.asked
    assert (facts.id, facts.service, facts.alert) == (name, "checkout", "HighErrorRate")
    assert (facts.labels, facts.started_at) == ((("namespace", "shop"),), MOMENT)
    assert news > 0


def test_incidents_that_an_earlier_process_left_are_investigated(tmp_path: Path, clock: Clock) -> None:
    with closing(open_incidents(tmp_path, clock)) as first:
        first.receive([alert()])
    starter = FakeStarter()

    with _working(open_incidents(tmp_path, clock, starter=starter)):
        wait_until(lambda: len(starter.asked) == 1)


def test_without_a_starter_nothing_is_investigated_and_incidents_still_end(tmp_path: Path, clock: Clock) -> None:
    with _working(open_incidents(tmp_path, clock)) as incidents:
        (name,) = incidents.receive([alert()]).incidents
        incidents.receive([alert(resolved=True)])
        clock.after(6)
        wait_until(lambda: incidents.summary(name).state is IncidentState.RESOLVED)

        assert _stage(incidents, name) is Inquest.WANTED


def test_a_storm_of_incidents_starts_no_more_investigations_than_is_set(tmp_path: Path, clock: Clock) -> None:
    starter = FakeStarter()
    limits = StartLimits(at_once=100, per_hour=3)

    with _working(open_incidents(tmp_path, clock, starter=starter, limits=limits)) as incidents:
        incidents.receive([alert(service=f"s{number}") for number in range(50)])
        wait_until(lambda: len(starter.asked) == 3)
        done = incidents.receive([alert(service="worst", severity=Severity.CRITICAL)]).incidents[0]
        clock.after(61)
        wait_until(lambda: _stage(incidents, done) is Inquest.ENDED)
        wait_until(lambda: len(starter.asked) == 6)

        assert incidents.find(limit=1).total == 51
        assert len({facts.id for facts in starter.asked}) == 6


@pytest.mark.parametrize("problem", ["the window is too long", None])
def test_why_an_investigation_did_not_start_is_said(tmp_path: Path, clock: Clock, problem: str | None) -> None:
    def refuse(_facts: object) -> str | None:
        if problem:
            raise UsageError(problem)
        return None

    with _working(open_incidents(tmp_path, clock, starter=FakeStarter(refuses=refuse))) as incidents:
        (name,) = incidents.receive([alert()]).incidents
        wait_until(lambda: incidents.summary(name).investigation.problem != "")

        assert problem is None or incidents.summary(name).investigation.problem == problem
        assert _stage(incidents, name) is Inquest.WANTED


@pytest.mark.parametrize("error", [RuntimeError("a bug"), NotFound("no such bundle")])
def test_what_nobody_foresaw_of_one_incident_leaves_the_others_looked_after(
    tmp_path: Path, clock: Clock, error: Exception
) -> None:
    def refuse(facts: IncidentFacts) -> str | None:
        if facts.service == "odd":
            raise error
        return f"run-{facts.id}"

    with _working(open_incidents(tmp_path, clock, starter=FakeStarter(refuses=refuse))) as incidents:
        (odd,) = incidents.receive([alert(service="odd", severity=Severity.CRITICAL)]).incidents
        wait_until(lambda: incidents.summary(odd).investigation.problem != "")
        (other,) = incidents.receive([alert(service="other")]).incidents
        wait_until(lambda: _stage(incidents, other) is Inquest.ENDED)

        assert _stage(incidents, odd) is Inquest.WANTED


def test_people_acknowledge_resolve_and_open_again(tmp_path: Path, clock: Clock) -> None:
    with closing(open_incidents(tmp_path, clock)) as incidents:
        (name,) = incidents.receive([alert()]).incidents
        states = [
            incidents.acknowledge(name, IncidentAction(who="Ada")).state,
            incidents.resolve(name, IncidentAction(who="Ada", note="rolled back")).state,
            incidents.reopen(name, IncidentAction(who="Ben")).state,
        ]

        assert [one.value for one in states] == ["acknowledged", "resolved", "open"]
        with pytest.raises(NotFound):
            incidents.link("none", "run-1")


def test_an_investigation_that_a_person_began_is_linked(tmp_path: Path, clock: Clock) -> None:
    with closing(open_incidents(tmp_path, clock)) as incidents:
        (name,) = incidents.receive([alert()]).incidents

        assert incidents.link(name, "run-7", "Ada").investigation.id == "run-7"
        assert incidents.detail(name).history[-1].text == "investigation run-7"


def test_changes_are_told_with_their_revision(tmp_path: Path, clock: Clock) -> None:
    with closing(open_incidents(tmp_path, clock)) as incidents:
        incidents.receive([alert(service="a")])
        seen, news = incidents.revision(), incidents.news()

        incidents.receive([alert(service="b")])

        assert [one.service for one in incidents.changes(seen)] == ["b"]
        assert incidents.news() > news


class _Desk:
    def __init__(self) -> None:
        self.asked: list[tuple[InvestigationRequest, str | None]] = []

    def start(self, request: InvestigationRequest, *, request_key: str | None = None) -> InvestigationSummary:
        self.asked.append((request, request_key))
        return InvestigationSummary(
            id=f"run-{len(self.asked)}",
            title=request.title,
            state=RunState.QUEUED,
            bundle="b",
            created_at=MOMENT,
            steps=0,
            attempts=0,
        )


@pytest.mark.parametrize(("later", "lead"), [(2, 12), (3_000, 360)])
def test_the_desk_is_asked_about_the_time_around_the_first_alert(
    tmp_path: Path, clock: Clock, later: float, lead: float
) -> None:
    desk = _Desk()
    clock.after(later)

    with _working(open_incidents(tmp_path, clock, starter=DeskStarter(desk, now=clock))) as incidents:
        (name,) = incidents.receive([alert("Slow", namespace="shop", severity=Severity.CRITICAL)]).incidents
        wait_until(lambda: len(desk.asked) == 1)

    ((request, key),) = desk.asked
    assert request.window is not None
    assert request.window.start == clock() - minutes(lead)
    assert (request.alert, request.component, request.severity) == ("Slow", "checkout", "critical")
    assert request.labels == {"namespace": "shop"}
    assert key is not None
    assert key.startswith(f"incident-{name}-")
