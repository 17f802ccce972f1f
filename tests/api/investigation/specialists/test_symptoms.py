"""The symptom's own metric is told where it tripped, blames nobody, and rests on its points."""

from dataclasses import replace

from api.investigation.chains import symptoms_shown
from api.investigation.findings import NOWHERE, Direction
from api.investigation.incidents import Incident, Symptom
from api.investigation.reports import Report
from api.investigation.specialists.dependencies import DependenciesSpecialist
from tests.api.investigation.incidents_at_hand import incident
from tests.api.investigation.recordings_at_hand import brief, looked, series


def about(metric: str, *, text: str = "slow") -> Incident:
    return replace(incident(), symptom=Symptom(text, component="shop", metric=metric))


def told(now: float, metric: str = "latency", *, healthy: bool = True) -> Report:
    points = series("shop", "latency", 1.0, now)
    return looked(DependenciesSpecialist(), brief(points, about=about(metric), healthy=healthy))


def test_a_symptom_that_shows_is_told_of_its_place_and_is_no_candidate() -> None:
    report = told(3.0)

    (finding,) = report.findings
    assert (finding.component, finding.peer, finding.direction) == (NOWHERE, "shop", Direction.UP)
    assert "latency of shop is 3 on average in the window" in finding.claim
    assert symptoms_shown(report.findings) == {"shop": finding.observations}


def test_a_symptom_that_healthy_time_shows_too_is_steady() -> None:
    report = told(1.0)

    assert [one.direction for one in report.findings] == [Direction.STEADY]
    assert symptoms_shown(report.findings) == {}


def test_without_healthy_time_or_that_metric_nothing_is_told() -> None:
    assert told(3.0, healthy=False).findings == ()
    assert told(3.0, metric="errors").findings == ()


def test_of_several_statistics_the_one_that_the_symptom_names_is_read() -> None:
    every = (series("shop", "latency_p99", 1.0, 9.0), series("shop", "latency_Average", 1.0, 3.0))

    report = looked(DependenciesSpecialist(), brief(*every, about=about("latency", text="Average latency of shop")))

    assert [one.subject for one in report.findings] == ["latency_Average"]
