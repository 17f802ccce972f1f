"""The specialist for traces tells findings with rows, who calls whom, and what it could not see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.investigation.findings import Direction, GapReason
from api.investigation.incidents import Incident, Symptom
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget, Report
from api.investigation.signals import Signal
from api.investigation.specialists.traces import TracesSpecialist
from api.investigation.telemetry import Coverage, Edge, Happening, LogLines, Series, Spans
from api.investigation.windows import Window
from tests.api.investigation.tracing.spanning import Line, batch, shifted, visits

HEALTHY = Window(0, 100_000_000)
TROUBLE = Window(200_000_000, 300_000_000)


@dataclass(frozen=True)
class OnlySpans:
    """Telemetry of nothing but spans."""

    lines: Sequence[Line]

    def coverage(self) -> tuple[Coverage, ...]:
        return ()

    def spans(self, window: Window) -> Iterator[Spans]:
        inside = [line for line in self.lines if line[5] in window]
        for first in range(0, len(inside), 50):
            yield batch(inside[first : first + 50])

    def series(self, window: Window) -> Iterator[Series]:
        return iter(())

    def logs(self, window: Window) -> Iterator[LogLines]:
        return iter(())

    def happenings(self, window: Window) -> Iterator[Happening]:
        return iter(())

    def edges(self) -> tuple[Edge, ...]:
        return ()


def report(lines: Sequence[Line], *, baseline: Window | None = HEALTHY, rows: int = 10_000) -> Report:
    incident = Incident("i1", "slow", Symptom("slow"), TROUBLE, baseline)
    return TracesSpecialist().investigate(Brief(incident, OnlySpans(lines), Budget(60, rows)))


def trouble(**changed: int) -> list[Line]:
    return [*visits(30), *shifted(visits(30, **changed), later=200_000_000)]


def test_a_delay_is_told_with_its_onset_and_rows() -> None:
    found = report(trouble(gap=300_000))

    finding = found.findings[0]
    assert (finding.component, finding.signal, finding.onset) == ("cart", Signal.CALL_DELAY, 200_001_000)
    assert "calls into cart take 300.0 ms more" in finding.claim
    rows = next(one for one in found.observations if one.id == finding.observations[0]).rows
    assert rows.rows[0][:3] == ("shop", "cart", "list")


def test_own_time_and_missing_calls_are_told_of_the_component() -> None:
    found = report(trouble(work=200_000, queried=2))

    loud = {(one.component, one.signal) for one in found.findings if one.score >= 3}
    assert loud == {("cart", Signal.SELF_TIME), ("cart", Signal.MISSING_CALLS)}


def test_healthy_time_is_steady_everywhere() -> None:
    found = report(trouble())

    assert {one.component for one in found.findings if one.direction is Direction.STEADY} == {"shop", "cart"}
    assert not [one for one in found.findings if one.score >= 3]


def test_every_call_is_shown_by_an_observation() -> None:
    found = report(trouble())

    assert [(call.edge, call.count) for call in found.calls] == [(Edge("shop", "cart"), 30)]
    assert found.calls[0].observation in {one.id for one in found.observations}


def test_every_finding_rests_on_observations_of_its_report_and_comes_out_the_same_again() -> None:
    first, second = report(trouble(gap=300_000, queried=1)), report(trouble(gap=300_000, queried=1))

    known = {one.id for one in first.observations}
    assert all(set(finding.observations) <= known for finding in first.findings)
    assert first == second


def test_no_spans_in_the_window_are_a_gap() -> None:
    found = report(visits(30))

    assert [(gap.source, gap.reason) for gap in found.gaps] == [(SourceClass.TRACE, GapReason.NO_DATA)]


def test_no_healthy_spans_are_a_gap() -> None:
    found = report(trouble(), baseline=None)

    assert [gap.reason for gap in found.gaps] == [GapReason.NO_BASELINE]


def test_orphans_and_circles_are_gaps() -> None:
    broken: list[Line] = [(7, 70, 71, "a", "x", 200_000_001, 5, 0), (7, 80, 80, "b", "y", 200_000_002, 5, 0)]

    found = report([*trouble(), *broken])

    details = [gap.detail for gap in found.gaps]
    assert "1 of 122 spans name a parent that is not there" in details
    assert "1 of 122 spans are their own ancestors; their parents were not believed" in details


def test_a_spent_budget_is_a_gap() -> None:
    found = report(trouble(), rows=130)

    assert GapReason.TRUNCATED in [gap.reason for gap in found.gaps]
