"""The specialist for events: alerts raised on components, restarts, evictions, and what providers say of themselves."""

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Report
from api.investigation.series.naming import meaning_of
from api.investigation.signals import Signal
from api.investigation.specialists.writing import Notebook
from api.investigation.telemetry import Happening

_ONE = 3.0  # score of one event: somebody found it worth an alert
_ALERT = "alert"
_CALL = re.compile(r"^(?P<caller>.{1,200}?) -> (?P<callee>.{1,200})$")
_DOWN = frozenset({"down", "low", "drop", "dropped", "fell", "decrease"})

# What events say, in this order; the words of Kubernetes, cloud providers and process supervisors.
_EVENTS: tuple[tuple[str, Signal, tuple[FaultKind, ...]], ...] = (
    (r"\boom|out of memory", Signal.MEMORY, (FaultKind.MEMORY, FaultKind.CRASH)),
    (r"imagepull|errimage|failedscheduling|unschedulable|insufficient", Signal.AVAILABILITY, (FaultKind.SCHEDULING,)),
    (r"evict|node ?pressure|diskpressure|memorypressure", Signal.RESTART, (FaultKind.NOISY_NEIGHBOUR,)),
    (
        r"crashloop|back-?off|restart|killing|killed|terminated|unhealthy|probe failed",
        Signal.RESTART,
        (FaultKind.CRASH,),
    ),
    (r"notready|not ready|unreachable", Signal.AVAILABILITY, (FaultKind.CRASH, FaultKind.NETWORK_PARTITION)),
    (r"certificate|expired|credential", Signal.ERRORS, (FaultKind.CREDENTIAL,)),
    (r"\b(?:up|down|auto)?scal", Signal.TRAFFIC, (FaultKind.TRAFFIC_SURGE,)),
)
_PATTERNS = tuple((re.compile(words, re.IGNORECASE), signal, kinds) for words, signal, kinds in _EVENTS)

_METRIC_KINDS = {
    (Signal.CPU, True): (FaultKind.CPU,),
    (Signal.MEMORY, True): (FaultKind.MEMORY,),
    (Signal.MEMORY, False): (FaultKind.CRASH,),
    (Signal.NETWORK, True): (FaultKind.NETWORK_LOSS,),
    (Signal.NETWORK, False): (FaultKind.NETWORK_LOSS, FaultKind.CRASH),
    (Signal.NETWORK_SENT, False): (FaultKind.NETWORK_LOSS, FaultKind.CRASH),
    (Signal.LATENCY, True): (FaultKind.NETWORK_DELAY, FaultKind.DEPENDENCY_SLOW),
    (Signal.TRAFFIC, False): (FaultKind.CRASH, FaultKind.NETWORK_LOSS),
    (Signal.TRAFFIC, True): (FaultKind.TRAFFIC_SURGE,),
    (Signal.CALL_DELAY, True): (FaultKind.NETWORK_DELAY, FaultKind.DEPENDENCY_SLOW),
    (Signal.FAILED_CALLS, True): (FaultKind.CRASH, FaultKind.NETWORK_LOSS, FaultKind.DEPENDENCY_DOWN),
}


@dataclass(frozen=True, slots=True)
class _Told:
    component: str
    signal: Signal
    rising: bool
    source: SourceClass
    kinds: tuple[FaultKind, ...]
    happening: Happening
    peer: str | None = None


@dataclass(frozen=True, slots=True)
class EventsSpecialist:
    """Look at what was raised on components in the window; an alert counts for the class of source it was raised on."""

    name: str = "events"

    def investigate(self, brief: Brief) -> Report:
        """Look at the incident; see the protocol."""
        window = brief.incident.window
        notes = Notebook(self.name, SourceClass.EVENT, _instance(brief), window)
        groups: dict[tuple[str, Signal, bool, SourceClass], list[_Told]] = defaultdict(list)
        for happening in brief.telemetry.happenings(window):
            if happening.source is SourceClass.CHANGE:
                continue
            if not brief.budget.allows(1):
                break
            for one in _read(happening):
                groups[one.component, one.signal, one.rising, one.source].append(one)
        for key in sorted(groups, key=lambda one: (-len(groups[one]), one)):
            _tell(notes, groups[key])
        return notes.report(brief.budget)


def _instance(brief: Brief) -> str:
    named = [one.instance for one in brief.telemetry.coverage() if one.source is SourceClass.EVENT]
    return named[0] if named else "events"


def _read(happening: Happening) -> list[_Told]:
    """Return what an event says of components: one statement, or one of each end of a call."""
    if happening.kind == _ALERT and happening.source is SourceClass.TRACE:
        return _of_call(happening)
    component = happening.component
    if component is None:
        return []
    if happening.kind == _ALERT and happening.source is SourceClass.METRIC:
        metric, _, way = happening.title.rpartition(" ")
        signal = meaning_of(metric or happening.title).signal
        rising = way.lower() not in _DOWN
        kinds = _METRIC_KINDS.get((signal, rising), ())
        return [_Told(component, signal, rising, SourceClass.METRIC, kinds, happening)]
    if happening.kind == _ALERT and happening.source is SourceClass.LOG:
        return [_Told(component, Signal.NEW_LOGS, True, SourceClass.LOG, (), happening)]
    text = f"{happening.kind} {happening.title}"
    for pattern, signal, kinds in _PATTERNS:
        if pattern.search(text[:500]):
            return [_Told(component, signal, True, SourceClass.EVENT, kinds, happening)]
    return []


def _of_call(happening: Happening) -> list[_Told]:
    """Return what an alert on a call says: the callee is slow or fails, and the caller waits for it."""
    call = _CALL.match(happening.detail)
    ends = (call["caller"], call["callee"]) if call else ("", happening.component or "")
    caller, callee = ends
    failed = happening.title[:3].isdigit()
    signal = Signal.FAILED_CALLS if failed else Signal.CALL_DELAY
    if caller == callee or not caller or caller == "-1":
        own = Signal.FAILED_CALLS if failed else Signal.SELF_TIME
        inner = callee if caller == callee else ""
        signal = own if inner else signal
    kinds = _METRIC_KINDS.get((signal, True), (FaultKind.CODE_DEFECT, FaultKind.CPU))
    found = []
    if callee and callee != "-1":
        found.append(_Told(callee, signal, True, SourceClass.TRACE, kinds, happening, caller or None))
    if caller and caller not in {callee, "-1"}:
        waits = Signal.OUTGOING_ERRORS if failed else Signal.OUTGOING_LATENCY
        found.append(_Told(caller, waits, True, SourceClass.TRACE, (), happening, callee or None))
    return found


def _tell(notes: Notebook, told: Sequence[_Told]) -> None:
    first = told[0]
    ordered = sorted(told, key=lambda one: (one.happening.at, one.happening.title, one.happening.detail))
    seen = notes.observed(
        first.component,
        f"events of {first.component} about {first.signal.value}",
        f"{len(told)} events of {first.component} about {first.signal.value}",
        ("time_us", "kind", "title", "detail"),
        [(one.happening.at, one.happening.kind, one.happening.title, one.happening.detail[:400]) for one in ordered],
        source=first.source,
        instance=first.happening.instance,
    )
    what = ordered[0].happening.title[:160]
    more = f" and {len(told) - 1} more" if len(told) > 1 else ""
    notes.found(
        first.component,
        first.signal,
        what,
        Direction.UP if first.rising else Direction.DOWN,
        f"{first.component}: {what}{more}",
        f"{len(told)} events in the window",
        [seen],
        _ONE * math.sqrt(len(told)),
        kinds=first.kinds,
        onset=ordered[0].happening.at or None,
        peer=first.peer,
        source=first.source,
    )
