"""The specialist for events: an alert counts for the class of source that it was raised on."""

import pytest

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction
from api.investigation.observations import SourceClass
from api.investigation.signals import Signal
from api.investigation.specialists.events import EventsSpecialist
from api.investigation.telemetry import Happening
from tests.api.investigation.incidents_at_hand import WINDOW
from tests.api.investigation.recordings_at_hand import brief, looked

AT = WINDOW.start + 1


def alert(source: SourceClass, component: str | None, title: str, detail: str = "") -> Happening:
    return Happening(source, "alert", AT, component, title, detail=detail)


def test_an_alert_on_a_metric_is_a_finding_about_that_metric() -> None:
    report = looked(EventsSpecialist(), brief(happenings=[alert(SourceClass.METRIC, "db", "cpu_usage up")]))

    (found,) = report.findings
    assert (found.component, found.signal, found.source) == ("db", Signal.CPU, SourceClass.METRIC)
    assert found.kinds == (FaultKind.CPU,)


def test_alerts_of_one_kind_are_one_finding_that_counts_for_more() -> None:
    metrics = [alert(SourceClass.METRIC, "db", f"latency_p{share} up") for share in (50, 90, 95, 99)]
    report = looked(EventsSpecialist(), brief(happenings=metrics))

    (found,) = report.findings
    assert found.score == pytest.approx(6.0)
    assert report.observations[0].rows.total == 4


def test_an_alert_on_a_call_speaks_of_both_ends() -> None:
    report = looked(EventsSpecialist(), brief(happenings=[alert(SourceClass.TRACE, "cart", "PD Get", "shop -> cart")]))

    assert {(one.component, one.signal, one.peer) for one in report.findings} == {
        ("cart", Signal.CALL_DELAY, "shop"),
        ("shop", Signal.OUTGOING_LATENCY, "cart"),
    }


def test_a_metric_that_fell_is_told_as_a_fall() -> None:
    (found,) = looked(
        EventsSpecialist(), brief(happenings=[alert(SourceClass.METRIC, "db", "requests_total down")])
    ).findings

    assert found.direction is Direction.DOWN


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("OOMKilled", FaultKind.MEMORY),
        ("Back-off restarting failed container", FaultKind.CRASH),
        ("FailedScheduling 0/3 nodes are available", FaultKind.SCHEDULING),
        ("certificate expires today", FaultKind.CREDENTIAL),
    ],
)
def test_an_event_is_known_by_its_words(title: str, kind: FaultKind) -> None:
    event = Happening(SourceClass.EVENT, "event", AT, "db", title)

    assert looked(EventsSpecialist(), brief(happenings=[event])).findings[0].kinds[0] is kind


def test_changes_and_what_names_nothing_are_left_to_others() -> None:
    others = [
        Happening(SourceClass.CHANGE, "deploy", AT, "db", "deploy v2"),
        Happening(SourceClass.EVENT, "event", AT, None, "OOMKilled"),
        Happening(SourceClass.EVENT, "event", AT, "db", "Pulled image"),
    ]

    assert looked(EventsSpecialist(), brief(happenings=others)).findings == ()


@pytest.mark.parametrize("title", ["meeting room booked", "escalated to on-call", "liveness probe ok"])
def test_words_that_only_look_like_trouble_are_none(title: str) -> None:
    event = Happening(SourceClass.EVENT, "event", AT, "db", title)

    assert looked(EventsSpecialist(), brief(happenings=[event])).findings == ()
