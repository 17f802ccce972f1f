"""One failure is one incident: what alerts of one service, of neighbours, flaps, repeats and resolutions make."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from api.incidents.alerts import Alert, Purpose, Severity
from api.incidents.grouping import Grouping, Outcome
from api.incidents.incidents import Incident, IncidentState, Inquest, Moment, Rules
from api.incidents.service_graph import ServiceGraph
from tests.api.alerting import MOMENT, alert, ids, minutes

EDGES = (("front", "checkout"), ("checkout", "Payments"), ("payments", "ledger"), ("ledger", "disk"))


def _grouping(edges: Iterable[tuple[str, str]] = EDGES, rules: Rules | None = None) -> Grouping:
    return Grouping((), (), ServiceGraph(edges), rules or Rules(), new_id=ids())


def _take(grouping: Grouping, *alerts: Alert, at: float = 0.0) -> list[tuple[Outcome, str | None]]:
    return [grouping.take(one, MOMENT + minutes(at)) for one in alerts]


def _only(grouping: Grouping) -> Incident:
    assert len(grouping.incidents) == 1
    return next(iter(grouping.incidents.values()))


def test_a_first_alert_opens_an_incident_that_is_to_be_investigated() -> None:
    grouping = _grouping()

    taken = _take(grouping, alert(environment="production"))

    one = _only(grouping)
    assert taken == [(Outcome.OPENED, "i-1")]
    assert (one.title, one.service, one.state) == ("HighErrorRate at checkout", "checkout", IncidentState.OPEN)
    assert (one.alerts, one.messages, one.firing_alerts, one.environment) == (1, 1, 1, "prod")
    assert one.inquest is Inquest.WANTED
    assert [entry.moment for entry in grouping.happened] == [Moment.OPENED]


def test_repeats_change_nothing_but_counts() -> None:
    grouping = _grouping()

    taken = _take(grouping, alert(), alert(), alert(), at=5)

    one = _only(grouping)
    assert [outcome for outcome, _ in taken] == [Outcome.OPENED, Outcome.REPEATED, Outcome.REPEATED]
    assert (one.alerts, one.messages, one.firing_alerts, one.flaps) == (1, 3, 1, 0)
    assert len(grouping.happened) == 1


def test_alerts_of_one_service_and_of_those_within_two_calls_are_one_incident() -> None:
    grouping = _grouping()

    _take(
        grouping, alert(service="front"), alert("Slow", service="PAYMENTS", at=4), alert("Full", service="disk", at=6)
    )

    assert _only(grouping).services == ("front", "PAYMENTS", "disk")


def test_services_that_lie_too_far_apart_are_two_incidents() -> None:
    grouping = _grouping()

    _take(grouping, alert(service="front"), alert("Full", service="disk"))

    assert len(grouping.incidents) == 2


@pytest.mark.parametrize(("service", "at", "incidents"), [("checkout", 59, 1), ("checkout", 61, 2), ("front", 11, 2)])
def test_what_begins_long_after_is_another_incident(service: str, at: float, incidents: int) -> None:
    grouping = _grouping()

    _take(grouping, alert())
    _take(grouping, alert("Later", service=service, at=at), at=at)

    assert len(grouping.incidents) == incidents


def test_other_environments_are_other_incidents() -> None:
    grouping = _grouping()

    _take(grouping, alert(environment="prod"), alert("Down", environment="staging"), alert("Slow", env="production"))

    assert [one.alerts for one in grouping.incidents.values()] == [2, 1]


def test_alerts_without_a_service_are_one_by_name_and_namespace() -> None:
    grouping = _grouping()

    _take(
        grouping,
        alert(service=None, namespace="apps", instance="a"),
        alert(service=None, namespace="apps", instance="b"),
        alert(service=None, namespace="other", instance="c"),
    )

    assert [one.alerts for one in grouping.incidents.values()] == [2, 1]


def test_the_severity_is_the_worst_that_fires_and_stays_once_nothing_does() -> None:
    grouping = _grouping()
    mild, bad = alert("Slow", severity=Severity.WARNING), alert("Down", severity=Severity.CRITICAL)

    _take(grouping, mild, bad)
    assert _only(grouping).severity is Severity.CRITICAL
    _take(grouping, alert("Down", severity=Severity.CRITICAL, resolved=True), at=1)
    assert _only(grouping).severity is Severity.WARNING
    _take(grouping, alert("Slow", severity=Severity.WARNING, resolved=True), at=2)

    assert (_only(grouping).severity, _only(grouping).firing_alerts) == (Severity.WARNING, 0)


def test_an_incident_ends_once_it_is_quiet_and_not_before() -> None:
    grouping = _grouping()
    _take(grouping, alert())
    _take(grouping, alert(resolved=True), at=1)

    grouping.settle(MOMENT + minutes(5.9))
    assert _only(grouping).state is IncidentState.OPEN
    grouping.settle(MOMENT + minutes(6))

    assert _only(grouping).state is IncidentState.RESOLVED
    assert [entry.moment for entry in grouping.happened] == [Moment.OPENED, Moment.QUIET, Moment.RESOLVED]


def test_a_flap_within_the_quiet_time_keeps_the_incident_open() -> None:
    grouping = _grouping()
    _take(grouping, alert())
    _take(grouping, alert(resolved=True), at=1)

    taken = _take(grouping, alert(at=2), at=2)
    grouping.settle(MOMENT + minutes(30))

    one = _only(grouping)
    assert taken == [(Outcome.FIRED_AGAIN, "i-1")]
    assert (one.state, one.flaps, one.reopened, one.firing_alerts) == (IncidentState.OPEN, 1, 0, 1)


@pytest.mark.parametrize(("at", "outcome"), [(60, Outcome.REOPENED), (67, Outcome.OPENED)])
def test_what_fires_again_opens_its_incident_again_for_a_while(at: float, outcome: Outcome) -> None:
    grouping = _grouping()
    _take(grouping, alert())
    _take(grouping, alert(resolved=True), at=1)
    grouping.settle(MOMENT + minutes(6))

    taken = _take(grouping, alert(at=at), at=at)

    assert taken[0][0] is outcome
    assert len(grouping.incidents) == (1 if outcome is Outcome.REOPENED else 2)
    assert grouping.incidents["i-1"].reopened == (1 if outcome is Outcome.REOPENED else 0)


def test_another_name_opens_an_incident_which_later_alerts_join_before_they_open_an_old_one_again() -> None:
    grouping = _grouping()
    _take(grouping, alert(pod="a"))
    _take(grouping, alert(pod="a", resolved=True), at=1)
    grouping.settle(MOMENT + minutes(6))

    taken = _take(grouping, alert("OutOfMemory", at=8), alert(pod="b", at=8), at=8)

    assert [outcome for outcome, _ in taken] == [Outcome.OPENED, Outcome.JOINED]


def test_the_same_name_at_another_pod_alone_opens_an_incident_again() -> None:
    grouping = _grouping()
    _take(grouping, alert(pod="a"))
    _take(grouping, alert(pod="a", resolved=True), at=1)
    grouping.settle(MOMENT + minutes(6))

    taken = _take(grouping, alert(pod="b", at=8), at=8)

    assert taken == [(Outcome.REOPENED, "i-1")]


def test_what_a_person_resolved_stays_so_while_its_alerts_only_repeat() -> None:
    grouping = _grouping()
    _take(grouping, alert())
    resolved = replace(_only(grouping), state=IncidentState.RESOLVED, resolved_at=MOMENT, resolved_by="Ada")
    grouping.incidents["i-1"] = resolved

    _take(grouping, alert(), at=3)
    assert _only(grouping).state is IncidentState.RESOLVED
    _take(grouping, alert(resolved=True), alert(at=5), at=5)

    assert _only(grouping).state is IncidentState.OPEN


def test_heartbeats_tests_and_unknown_resolutions_open_nothing() -> None:
    grouping = _grouping()

    taken = _take(
        grouping, alert(purpose=Purpose.HEARTBEAT), alert(purpose=Purpose.TEST), alert("Never seen", resolved=True)
    )

    assert [outcome for outcome, _ in taken] == [Outcome.HEARTBEAT, Outcome.TEST, Outcome.UNKNOWN_RESOLVED]
    assert not grouping.incidents
    assert not grouping.touched


def test_a_mild_incident_is_not_investigated_before_it_gets_worse() -> None:
    grouping = _grouping()

    _take(grouping, alert(severity=Severity.INFO))
    assert _only(grouping).inquest is Inquest.NOT_ASKED
    _take(grouping, alert(severity=Severity.WARNING), at=1)

    assert _only(grouping).inquest is Inquest.WANTED


def test_a_resolution_that_names_no_service_leaves_the_one_that_is_known() -> None:
    grouping = _grouping()
    _take(grouping, alert(fingerprint="a"))

    _take(grouping, alert(fingerprint="a", service=None, resolved=True), at=1)

    assert _only(grouping).firing_alerts == 0
    assert [kept.alert.service for kept in grouping.alerts.values()] == ["checkout"]


def test_the_end_of_an_earlier_run_that_comes_late_does_not_quiet_the_one_that_goes_on() -> None:
    grouping = _grouping()
    _take(grouping, alert())
    _take(grouping, alert(resolved=True), at=1)
    _take(grouping, alert(at=2), at=2)

    taken = _take(grouping, alert(resolved=True), at=3)

    assert taken == [(Outcome.REPEATED, "i-1")]
    assert _only(grouping).firing_alerts == 1


@pytest.mark.parametrize("resolved", [True, False])
def test_what_a_sender_said_before_its_last_word_changes_counts_only(resolved: bool) -> None:
    grouping = _grouping()
    first, last = alert(resolved=not resolved), alert(resolved=resolved)
    _take(grouping, alert(), replace(last, told_at=MOMENT + minutes(2)), at=2)

    taken = _take(grouping, replace(first, told_at=MOMENT + minutes(1)), at=3)

    assert taken == [(Outcome.REPEATED, "i-1")]
    assert _only(grouping).firing_alerts == (0 if resolved else 1)
    assert _only(grouping).messages == 3


def test_an_alert_whose_end_was_never_told_opens_another_incident_once_it_begins_anew_days_later() -> None:
    grouping = _grouping()
    _take(grouping, alert())
    day = 25 * 60

    taken = _take(grouping, alert(at=day), at=day)
    grouping.settle(MOMENT + minutes(day + 6))

    assert taken == [(Outcome.OPENED, "i-2")]
    assert [one.state for one in grouping.incidents.values()] == [IncidentState.RESOLVED, IncidentState.OPEN]
    assert grouping.incidents["i-2"].inquest is Inquest.WANTED


@pytest.mark.parametrize(("begun", "heard"), [(0, 25 * 60), (23 * 60, 23 * 60), (25 * 60, 20 * 60)])
def test_an_alert_that_goes_on_or_was_heard_of_within_a_day_is_repeated(begun: float, heard: float) -> None:
    grouping = _grouping()
    _take(grouping, alert())
    _take(grouping, alert(), at=min(heard, 20 * 60))

    assert _take(grouping, alert(at=begun), at=max(begun, heard))[0] == (Outcome.REPEATED, "i-1")


def test_an_alert_that_comes_back_to_an_incident_that_it_left_is_known_there() -> None:
    grouping = _grouping()
    _take(grouping, alert())
    _take(grouping, alert(resolved=True), at=1)
    grouping.settle(MOMENT + minutes(6))
    _take(grouping, alert(at=80), at=80)
    _take(grouping, alert(at=80, resolved=True), at=81)
    grouping.settle(MOMENT + minutes(86))
    grouping.incidents["i-1"] = replace(grouping.incidents["i-1"], resolved_at=MOMENT + minutes(150))

    taken = _take(grouping, alert(at=160), at=160)

    first = grouping.incidents["i-1"]
    assert taken == [(Outcome.REOPENED, "i-1")]
    assert (first.alerts, first.messages, first.flaps, first.firing_alerts) == (1, 3, 1, 1)
