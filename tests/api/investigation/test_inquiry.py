"""The coordinator: specialists in parallel, each able to fail alone, steps in order, the same bytes every time."""

import threading
from dataclasses import dataclass

from api.errors import TelemetryUnreadable
from api.investigation.findings import GapReason
from api.investigation.inquiry import Inquiry, Limits, all_gaps
from api.investigation.investigations import Investigation, Stage, Step
from api.investigation.observations import Query, Rows, SourceClass, observe
from api.investigation.reports import Brief, Report
from api.investigation.telemetry import Coverage
from api.telemetry.recording import Recording
from tests.api.investigation.incidents_at_hand import BASELINE, WINDOW, finding, incident, steady

SEEN = observe(Query(SourceClass.METRIC, "test", "cpu", WINDOW), "db", "cpu of db", Rows(("cpu",), ((1,),), 1))
THERE = Recording(
    (
        Coverage(SourceClass.METRIC, "test", WINDOW, BASELINE),
        Coverage(SourceClass.LOG, "test", None, None, "the recording holds none"),
    )
)


@dataclass(frozen=True)
class Sees:
    name: str
    report: Report

    def investigate(self, brief: Brief) -> Report:
        return self.report


@dataclass(frozen=True)
class Fails:
    name: str = "logs"

    def investigate(self, brief: Brief) -> Report:
        raise TelemetryUnreadable("logs.jsonl is cut off; copy it again")


@dataclass(frozen=True)
class Reads:
    name: str = "traces"

    def investigate(self, brief: Brief) -> Report:
        while brief.budget.allows(1_000):
            pass
        return Report(self.name, (), (), rows_read=brief.budget.rows_read)


SEES = Sees("metrics", Report("metrics", (finding("db"), steady("cart")), (SEEN,)))


def run(*specialists: Sees | Fails | Reads, cancelled: bool = False) -> tuple[Investigation, list[Step]]:
    steps: list[Step] = []
    event = threading.Event()
    if cancelled:
        event.set()
    inquiry = Inquiry(specialists, limits=Limits(seconds=30, rows=10_000))
    return inquiry.investigate(incident(), THERE, emit=steps.append, cancelled=event), steps


def test_steps_are_numbered_without_holes_and_end_with_the_verdict() -> None:
    _, steps = run(SEES)

    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert steps[0].stage is Stage.PLAN
    assert steps[-1].stage is Stage.VERDICT
    assert any(step.ref == SEEN.id for step in steps if step.stage is Stage.OBSERVATION)


def test_a_specialist_that_fails_leaves_a_gap_and_the_others_go_on() -> None:
    found, _ = run(SEES, Fails())

    assert [run.state for run in found.runs] == ["done", "failed"]
    assert any(gap.reason is GapReason.FAILED and "cut off" in gap.detail for gap in found.gaps)
    assert found.hypotheses[0].component == "db"


def test_a_source_that_is_not_there_is_a_gap() -> None:
    found, _ = run(SEES)

    assert any(gap.source is SourceClass.LOG and gap.reason is GapReason.NOT_CONNECTED for gap in found.gaps)


def test_a_budget_ends_the_reading() -> None:
    found, _ = run(SEES, Reads())

    assert found.runs[1].rows_read == 10_000


def test_a_cancelled_one_says_so() -> None:
    found, _ = run(Reads(), cancelled=True)

    assert found.runs[0].state == "cancelled"


def test_the_same_telemetry_gives_the_same_investigation() -> None:
    first, _ = run(SEES, Fails())
    second, _ = run(SEES, Fails())

    assert first == second


def test_nobody_to_look_can_tell_nothing() -> None:
    found, _ = run()

    assert found.hypotheses == ()
    assert found.verdict.cause is None


def test_of_two_sources_that_are_down_both_are_named() -> None:
    coverage = [Coverage(SourceClass.METRIC, name, None, None, f"{name} is down") for name in ("north", "south")]

    gaps = all_gaps(coverage, [])

    assert [gap.detail for gap in gaps] == ["no metrics: north is down", "no metrics: south is down"]
