"""Findings, calls and incidents for tests, with what the test is about in sight and the rest filled in."""

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Finding
from api.investigation.incidents import Incident, Symptom
from api.investigation.observations import SourceClass
from api.investigation.reports import Call
from api.investigation.signals import Signal
from api.investigation.telemetry import Edge
from api.investigation.windows import Window

WINDOW = Window(600_000_000, 1_200_000_000)
BASELINE = Window(0, 600_000_000)


def incident(
    symptom: str | None = "shop", *, baseline: Window | None = BASELINE, components: tuple[str, ...] = ()
) -> Incident:
    return Incident("i1", "shop is slow", Symptom("slow", component=symptom), WINDOW, baseline, components)


def finding(
    component: str,
    score: float = 10.0,
    *,
    signal: Signal = Signal.CPU,
    source: SourceClass = SourceClass.METRIC,
    specialist: str = "metrics",
    direction: Direction = Direction.UP,
    kinds: tuple[FaultKind, ...] = (FaultKind.CPU,),
    onset: int | None = None,
    id_: str = "",
) -> Finding:
    name = id_ or f"{specialist}-{component}-{signal.value}"
    return Finding(
        id=name,
        specialist=specialist,
        source=source,
        component=component,
        signal=signal,
        subject=signal.value,
        direction=direction,
        claim=f"{signal.value} of {component} is unusual",
        reason="by the test",
        observations=(f"o-{name}",),
        score=score,
        onset=onset,
        kinds=kinds,
    )


def steady(component: str) -> Finding:
    return finding(component, 0.0, signal=Signal.OTHER, direction=Direction.STEADY, kinds=())


def call(caller: str, callee: str) -> Call:
    return Call(Edge(caller, callee), f"o-{caller}-{callee}", 1)
