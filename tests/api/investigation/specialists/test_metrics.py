"""The specialist for metrics: what moved, what is shared by all, where an excess begins, what is not there."""

from dataclasses import replace

import numpy as np
import pytest

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Finding, GapReason
from api.investigation.incidents import Incident, Symptom
from api.investigation.series.naming import meaning_of
from api.investigation.signals import Signal
from api.investigation.specialists.metrics import MetricsSpecialist
from api.investigation.telemetry import Edge
from tests.api.investigation.incidents_at_hand import BASELINE, WINDOW, incident
from tests.api.investigation.recordings_at_hand import brief, looked, series

QUIET = [series(name, "cpu_usage", 20.0, 20.0) for name in ("cart", "search", "mail", "ads")]


def notable(findings: tuple[Finding, ...]) -> list[tuple[str, Signal]]:
    return [(one.component, one.signal) for one in findings if one.score >= 3 and one.direction is not Direction.STEADY]


def test_a_series_that_rose_is_told_with_its_numbers_and_its_points() -> None:
    report = looked(MetricsSpecialist(), brief(series("db", "cpu_usage", 20.0, 80.0), *QUIET))

    (first,) = (one for one in report.findings if one.component == "db")
    assert notable(report.findings) == [("db", Signal.CPU)]
    assert first.kinds[0] is FaultKind.CPU
    assert "cpu_usage of db rose from 20" in first.claim
    assert first.onset == WINDOW.start
    rows = {one.id: one.rows for one in report.observations}
    assert rows[first.observations[1]].columns == ("time_us", "value")


def test_points_of_healthy_time_are_kept_beside_those_of_the_window_in_order() -> None:
    report = looked(MetricsSpecialist(), brief(series("db", "cpu_usage", 20.0, 80.0), *QUIET))

    (first,) = (one for one in report.findings if one.component == "db")
    (kept,) = (one.rows.rows for one in report.observations if one.id == first.observations[1])
    times = [int(row[0] or 0) for row in kept]
    assert times == sorted(set(times))
    assert 5 <= sum(at in BASELINE for at in times) <= 80
    assert sum(at in WINDOW for at in times) >= 3


def test_those_that_are_as_always_are_said_to_have_been_looked_at() -> None:
    report = looked(MetricsSpecialist(), brief(*QUIET))

    assert {one.component for one in report.findings if one.direction is Direction.STEADY} == {
        "cart", "search", "mail", "ads",
    }  # fmt: skip
    assert notable(report.findings) == []


def test_what_all_components_moved_marks_none() -> None:
    every = [series(name, "cpu_usage", 20.0, 40.0) for name in ("a", "b", "c", "d", "e")]

    assert notable(looked(MetricsSpecialist(), brief(*every)).findings) == []


def test_a_series_that_ends_is_gone() -> None:
    whole = series("db", "cpu_usage", 20.0, 20.0)
    ended = replace(whole, values=np.where(whole.times < WINDOW.start, whole.values, np.nan))
    report = looked(MetricsSpecialist(), brief(ended, *QUIET))

    (first,) = (one for one in report.findings if one.component == "db")
    assert first.direction is Direction.GONE
    assert first.kinds == (FaultKind.CRASH,)


def test_without_healthy_metrics_there_is_a_gap_and_no_finding() -> None:
    report = looked(MetricsSpecialist(), brief(series("db", "cpu_usage", 20.0, 80.0), healthy=False))

    assert report.findings == ()
    assert [gap.reason for gap in report.gaps] == [GapReason.NO_BASELINE]


def test_the_excess_that_a_symptom_shows_is_laid_where_it_begins() -> None:
    calls = [Edge("shop", "cart"), Edge("cart", "db"), Edge("shop", "search")]
    waits = [series(name, "latency_average", 0.1, 0.5) for name in ("shop", "cart", "db")]
    counts = [series(name, "requests_total", 100.0, 100.0) for name in ("shop", "cart", "db", "search")]
    about = replace(incident(), symptom=Symptom("slow", component="shop", metric="latency_average"))
    report = looked(
        MetricsSpecialist(),
        brief(*waits, series("search", "latency_average", 0.1, 0.1), *counts, edges=calls, about=about),
    )

    excess = [one for one in report.findings if one.signal is Signal.EXCESS]
    assert [one.component for one in excess if one.score >= 3] == ["db"]
    assert "begin at db" in excess[0].claim


def test_a_component_that_is_new_takes_no_excess_from_its_caller() -> None:
    calls = [Edge("shop", "cart"), Edge("cart", "nowhere")]
    new = series("nowhere", "latency_average", 0.0, 0.4)
    new = replace(new, values=np.where(new.times < WINDOW.start, np.nan, new.values))
    every = [
        *(series(name, "latency_average", 0.1, 0.5) for name in ("shop", "cart")),
        *(series(name, "requests_total", 100.0, 100.0) for name in ("shop", "cart", "nowhere")),
        new,
    ]
    about = replace(incident(), symptom=Symptom("slow", component="shop", metric="latency_average"))
    report = looked(MetricsSpecialist(), brief(*every, edges=calls, about=about))

    assert [one.component for one in report.findings if one.signal is Signal.EXCESS and one.score >= 3] == ["cart"]


def test_a_spent_budget_is_told() -> None:
    given = brief(*QUIET)
    for _ in range(10):
        given.budget.allows(100_000)
    report = MetricsSpecialist().investigate(given)

    assert GapReason.TRUNCATED in {gap.reason for gap in report.gaps}


@pytest.mark.parametrize(
    ("metric", "signal"),
    [
        ("container_cpu_usage_seconds_total", Signal.CPU),
        ("PodServerLatencyP90(s)", Signal.LATENCY),
        ("PodClientLatencyP90(s)", Signal.OUTGOING_LATENCY),
        ("http_server_duration_p99_ms", Signal.LATENCY),
        ("node_memory_MemAvailable_bytes", Signal.MEMORY),
        ("istio_requests_total", Signal.TRAFFIC),
        ("container_network_transmit_bytes_total", Signal.NETWORK_SENT),
        ("charge_error_rate_pct", Signal.ERRORS),
        ("availability_Average", Signal.AVAILABILITY),
        ("dest_success_rate", Signal.AVAILABILITY),
        ("hikaricp_connections_pending", Signal.SATURATION),
        ("node_filesystem_free_bytes", Signal.DISK),
        ("flux_capacitance", Signal.OTHER),
    ],
)
def test_a_metric_is_known_by_the_words_of_its_name(metric: str, signal: Signal) -> None:
    assert meaning_of(metric).signal is signal


def test_an_incident_without_a_symptom_has_no_excess() -> None:
    about = Incident("i", "t", Symptom("x"), WINDOW, BASELINE)
    report = looked(MetricsSpecialist(), brief(series("db", "latency_average", 0.1, 0.5), *QUIET, about=about))

    assert [one for one in report.findings if one.signal is Signal.EXCESS] == []
