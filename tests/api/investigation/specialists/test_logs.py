"""The specialist for logs, on lines made for the purpose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, GapReason
from api.investigation.incidents import Incident, Symptom
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget, Report
from api.investigation.signals import Signal
from api.investigation.specialists.logs import LogsSpecialist
from api.investigation.telemetry import Coverage, Edge, Happening, LogLines, Series, Spans
from api.investigation.windows import Window

BEFORE, NOW = Window(0, 60_000_000), Window(60_000_000, 120_000_000)


@dataclass(frozen=True)
class Line:
    at: int
    component: str
    text: str
    severity: str = "INFO"
    span: int = -1
    origin: str = ""
    count: int = 1


@dataclass(frozen=True)
class Written:
    """Telemetry that holds log lines alone."""

    lines: Sequence[Line]
    healthy: bool = True

    def coverage(self) -> tuple[Coverage, ...]:
        return (Coverage(SourceClass.LOG, "test/logs", NOW, BEFORE if self.healthy else None),)

    def logs(self, window: Window) -> Iterator[LogLines]:
        inside = [one for one in self.lines if one.at in window]
        names = tuple(sorted({name for one in inside for name in (one.component, one.severity, one.origin) if name}))
        codes = {name: number for number, name in enumerate(names)} | {"": -1}
        yield LogLines(
            names,
            np.array([one.at for one in inside], dtype=np.int64),
            np.array([codes[one.component] for one in inside], dtype=np.int32),
            np.array([codes[one.severity] for one in inside], dtype=np.int32),
            np.array([codes[one.origin] for one in inside], dtype=np.int32),
            np.full(len(inside), -1, dtype=np.int64),
            np.array([one.span for one in inside], dtype=np.int64),
            np.array([one.count for one in inside], dtype=np.int64),
            tuple(one.text for one in inside),
        )

    def series(self, window: Window) -> Iterator[Series]:
        return iter(())

    def spans(self, window: Window) -> Iterator[Spans]:
        return iter(())

    def happenings(self, window: Window) -> Iterator[Happening]:
        return iter(())

    def edges(self) -> tuple[Edge, ...]:
        return ()


def looked_at(lines: Sequence[Line], *, healthy: bool = True, rows: int = 100_000) -> Report:
    incident = Incident("i", "t", Symptom("s"), NOW, BEFORE, ("cart", "pay"))
    return LogsSpecialist().investigate(Brief(incident, Written(lines, healthy), Budget(60, rows)))


def steady(component: str = "cart") -> list[Line]:
    return [Line(at * 1_000_000, component, f"handled request {at}") for at in range(120)]


def test_lines_as_always_are_steady() -> None:
    report = looked_at(steady())

    assert [(one.component, one.direction) for one in report.findings] == [("cart", Direction.STEADY)]


def test_new_errors_name_whom_they_blame_when_they_began_and_what_they_look_like() -> None:
    errors = [Line(90_000_000 + at, "cart", f"connection to pay refused after {at} tries", "ERROR") for at in range(30)]

    first = looked_at([*steady(), *errors]).findings[0]

    assert (first.component, first.signal, first.direction) == ("cart", Signal.ERROR_LOGS, Direction.NEW)
    assert first.peer == "pay"
    assert first.onset == 90_000_000
    assert first.score > 3


def test_one_line_that_says_a_process_was_killed_is_enough() -> None:
    first = looked_at([*steady(), Line(90_000_000, "cart", "OOMKilled: over its memory limit", "ERROR")]).findings[0]

    assert first.kinds[:2] == (FaultKind.MEMORY, FaultKind.CRASH)
    assert first.score > 3


def test_lines_that_are_gone_are_told() -> None:
    lines = [*steady(), *(Line(at * 1_000_000, "cart", "committed offset", origin="worker") for at in range(60))]

    gone = [one for one in looked_at(lines).findings if one.direction is Direction.GONE]

    assert [(one.component, one.signal) for one in gone] == [("cart", Signal.VANISHED_LOGS)]


def test_more_requests_of_the_same_kind_are_no_trouble() -> None:
    before = [Line(at * 1_000_000 + step, "cart", f"step {'ab'[step]}", span=at) for at in range(20) for step in (0, 1)]
    now = [
        Line(60_000_000 + at * 100_000 + step, "cart", f"step {'ab'[step]}", span=1_000 + at)
        for at in range(300)
        for step in (0, 1)
    ]

    report = looked_at([*before, *now])

    assert {one.direction for one in report.findings} == {Direction.STEADY}


def test_a_step_that_is_no_longer_taken_is_a_broken_sequence() -> None:
    before = [Line(at * 1_000_000 + step, "cart", "", span=at, origin=f"Cart#{step}") for at in range(20)
              for step in (0, 1, 2)]  # fmt: skip
    now = [Line(60_000_000 + at * 1_000_000 + step, "cart", "", span=1_000 + at, origin=f"Cart#{step}")
           for at in range(20) for step in (0, 1)]  # fmt: skip

    first = looked_at([*before, *now]).findings[0]

    assert (first.signal, first.subject) == (Signal.BROKEN_SEQUENCE, "Cart#1 -> Cart#2")
    assert first.kinds[0] is FaultKind.CODE_DEFECT


def test_without_healthy_lines_nothing_is_notable_and_a_gap_says_so() -> None:
    report = looked_at([Line(90_000_000 + at, "cart", "it failed", "ERROR") for at in range(50)], healthy=False)

    assert GapReason.NO_BASELINE in {one.reason for one in report.gaps}
    assert 0 < max(one.score for one in report.findings) < 3


def test_what_has_no_logs_and_what_was_sampled_are_gaps() -> None:
    report = looked_at([*steady(), Line(70_000_000, "cart", "handled request 1", count=5)])

    assert {one.component for one in report.gaps} == {None, "pay"}
    assert any("more than one line" in one.detail for one in report.gaps)


def test_a_spent_budget_is_a_gap() -> None:
    report = looked_at(steady(), rows=60)

    assert GapReason.TRUNCATED in {one.reason for one in report.gaps}


def test_the_same_lines_give_the_same_report_and_each_finding_rests_on_its_observations() -> None:
    lines = [*steady(), *(Line(90_000_000 + at, "pay", f"failed {at}\n\0\ud800", "ERROR") for at in range(20))]
    report = looked_at(lines)

    assert report == looked_at(lines)
    assert {seen for one in report.findings for seen in one.observations} <= {one.id for one in report.observations}
