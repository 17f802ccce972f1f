"""An investigation with something of everything, and stand-ins for what investigates and what opens bundles."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from api.errors import GroundwatchError, UsageError
from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Finding, Gap, GapReason
from api.investigation.hypotheses import Hop, Hypothesis, RuledOut
from api.investigation.incidents import Incident, Symptom
from api.investigation.investigations import Investigation, SpecialistRun, Stage, Step
from api.investigation.observations import Observation, Query, Rows, SourceClass, observe
from api.investigation.reports import Call
from api.investigation.signals import Signal
from api.investigation.telemetry import Coverage, Edge, Happening, LogLines, Series, Spans, Telemetry
from api.investigation.verdicts import DecidingQuery, Objection, Verdict, VerdictState
from api.investigation.windows import Window

START = 1_790_000_000_000_000
WINDOW = Window(START, START + 180_000_000)
BASELINE = Window(START - 600_000_000, START)
INCIDENT = Incident("inc-1", "Checkout is slow", Symptom("p90 over 2 s", "front", "latency", True), WINDOW, BASELINE)


def observation(text: str, *, source: SourceClass = SourceClass.METRIC, component: str = "cart") -> Observation:
    """Return an observation of three rows, two of them kept."""
    rows = Rows(("time", "value", "note"), ((START, 0.1234567891, "a"), (START + 1, 2.0, None)), 3, "the newest kept")
    return observe(Query(source, "recorded", text, WINDOW), component, f"{text} of {component} was read.", rows)


CPU = observation("cpu_usage")
SPANS = observation("self time", source=SourceClass.TRACE)
EDGE = observation("calls", source=SourceClass.TRACE, component="front")


def finding(
    name: str, seen: Observation, *, claim: str = "", direction: Direction = Direction.UP, score: float = 12.3456789
) -> Finding:
    """Return a finding on one observation."""
    return Finding(
        id=name,
        specialist=name.partition("-")[0],
        source=seen.source,
        component=seen.component or "",
        signal=Signal.CPU,
        subject=seen.query.text,
        direction=direction,
        claim=claim or f"{seen.query.text} of {seen.component} rose from 12 to 48 %.",
        reason="robust score 12.3 over 40 points",
        observations=(seen.id,),
        score=score,
        onset=START + 5_000_000,
        kinds=(FaultKind.CPU,),
    )


RISE, SLOW, SLOW_FRONT = finding("metrics-1", CPU), finding("traces-1", SPANS), finding("traces-2", EDGE)
STEADY = finding("metrics-2", CPU, claim="Memory of cart stayed at 200 MB.", direction=Direction.STEADY)
CAUSE = Hypothesis(
    component="cart",
    kind=FaultKind.CPU,
    mechanism="cart ran out of CPU and answered late",
    share=0.61234567,
    support=(RISE, SLOW),
    against=(STEADY,),
    unexplained=("traces-2",),
    chain=(Hop("cart", "front", (EDGE.id,), (EDGE.id,)),),
    onset=START + 5_000_000,
    change="deploy-7",
)
OTHER = Hypothesis("front", FaultKind.UNKNOWN, "something at front", 0.2, (SLOW_FRONT,))
OBJECTION = Objection("one-host", VerdictState.LIKELY, "both sources ran on one host", ("metrics-1",))


def investigation(
    *, title: str = INCIDENT.title, verdict: Verdict | None = None, findings: tuple[Finding, ...] = ()
) -> Investigation:
    """Return an investigation that settles for cart."""
    deciding = DecidingQuery("metrics", "throttled periods of cart", "it is the limit", "look at the host")
    return Investigation(
        version=1,
        incident=replace(INCIDENT, title=title),
        coverage=(
            Coverage(SourceClass.METRIC, "recorded", WINDOW, BASELINE),
            Coverage(SourceClass.LOG, "recorded", None, None, "no log was recorded"),
        ),
        runs=(
            SpecialistRun("metrics", "done", "", 1200),
            SpecialistRun("logs", "failed", "the file is cut off at line 9", 0),
        ),
        observations=(CPU, SPANS, EDGE),
        findings=(RISE, STEADY, SLOW, SLOW_FRONT, *findings),
        gaps=(Gap(SourceClass.LOG, GapReason.NOT_CONNECTED, "no logs of cart", "record them", "cart", WINDOW),),
        calls=(Call(Edge("front", "cart"), EDGE.id, 44),),
        hypotheses=(CAUSE, OTHER),
        ruled_out=(RuledOut("cart", FaultKind.MEMORY, "its memory stayed as it was", ("metrics-2",)),),
        blast_radius=("cart", "front"),
        verdict=verdict
        or Verdict(VerdictState.LIKELY, CAUSE, (OBJECTION,), deciding, component_right=0.8249999, kind_right=0.61),
    )


class NoTelemetry:
    """Telemetry that holds nothing."""

    def coverage(self) -> tuple[Coverage, ...]:
        return ()

    def series(self, window: Window) -> Iterator[Series]:
        return iter(())

    def spans(self, window: Window) -> Iterator[Spans]:
        return iter(())

    def logs(self, window: Window) -> Iterator[LogLines]:
        return iter(())

    def happenings(self, window: Window) -> Iterator[Happening]:
        return iter(())

    def edges(self) -> tuple[Edge, ...]:
        return ()


@dataclass(frozen=True)
class FakeBundle:
    """A bundle whose incident is named for its folder."""

    incident: Incident
    telemetry: Telemetry


@dataclass
class FakeOpener:
    """Opens any folder; one that holds a file `broken` is refused."""

    opened: list[Path] = field(default_factory=list)

    def __call__(self, path: Path) -> FakeBundle:
        if (path / "broken").exists():
            raise UsageError(f"bundle {path.name!r} has no case.json; write one")
        self.opened.append(path)
        return FakeBundle(replace(INCIDENT, title=f"Incident {path.name}"), NoTelemetry())


class FakeInvestigator:
    """Says its sentences, waits at a gate where it has one, and returns the investigation above."""

    def __init__(self, sentences: tuple[str, ...] = ("looks at metrics", "cart stands out")) -> None:
        self.sentences = sentences
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.at_work = 0
        self.most_at_work = 0
        self.runs = 0
        self.said = threading.Event()
        self.cancelled_runs = 0
        self._lock = threading.Lock()

    def investigate(
        self, incident: Incident, telemetry: Telemetry, *, emit: Callable[[Step], None], cancelled: threading.Event
    ) -> Investigation:
        with self._lock:
            self.runs += 1
            self.at_work += 1
            self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            for number, text in enumerate(self.sentences, start=1):
                emit(Step(number, Stage.QUERY, "metrics", text, CPU.id))
            self.said.set()
            while not self.gate.wait(0.01):
                if cancelled.is_set():
                    self.cancelled_runs += 1
                    break
            if self.error is not None:
                raise self.error
            emit(Step(len(self.sentences) + 1, Stage.VERDICT, "", "settled"))
            return investigation(title=incident.title)
        finally:
            with self._lock:
                self.at_work -= 1


class Unforeseen(RuntimeError):
    """A slip in code, as a runner would meet it."""


class Refusal(GroundwatchError):
    """An error of ours."""
