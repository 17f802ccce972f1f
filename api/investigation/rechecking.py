"""Hold advice from documents against what this investigation saw, without touching what it concluded."""

import re
from collections.abc import Sequence
from dataclasses import replace

from api.investigation.findings import Direction, Finding
from api.investigation.guidance import Guidance, KnowledgeSource, LedgerStep, PastIncident, Recheck, Runbook
from api.investigation.investigations import Investigation
from api.investigation.signals import Signal

_RUNBOOKS = 2
_SIMILAR = 3
_STRONGEST = 5  # findings whose subjects are searched for
_LONGEST_NAME = 80  # characters
_LONGEST_TEXT = 20_000  # characters of a document that are matched
_SIGNALS = {
    Signal.CPU: r"cpu|throttl\w*",
    Signal.MEMORY: r"memory|heap|oom\w*",
    Signal.DISK: r"disk|volume|iops|inodes?",
    Signal.NETWORK: r"network|packets?|bandwidth",
    Signal.LATENCY: r"latency|slow\w*|p9\d|response time|duration",
    Signal.SELF_TIME: r"latency|slow\w*|spans?|traces?",
    Signal.CALL_DELAY: r"latency|slow\w*|timeouts?|network",
    Signal.ERRORS: r"errors?|5xx|fail\w*",
    Signal.FAILED_CALLS: r"errors?|5xx|fail\w*",
    Signal.ERROR_LOGS: r"logs?|errors?|exceptions?",
    Signal.NEW_LOGS: r"logs?|exceptions?",
    Signal.TRAFFIC: r"traffic|load|requests?|rps|qps",
    Signal.SATURATION: r"saturat\w*|queues?|pools?|connections?",
    Signal.AVAILABILITY: r"availab\w*|down|replicas?",
    Signal.RESTART: r"restart\w*|crash\w*",
    Signal.CHANGE: r"deploy\w*|releases?|rollouts?|config\w*|flags?",
}


def advise(investigation: Investigation, knowledge: KnowledgeSource) -> Guidance:
    """Return guidance for a concluded investigation; its conclusion is read and never changed."""
    symptom = investigation.incident.symptom
    strongest = sorted(
        (one for one in investigation.findings if one.direction is not Direction.STEADY),
        key=lambda one: (-one.score, one.id),
    )[:_STRONGEST]
    named = (symptom.metric or "", *(word for one in strongest for word in (one.component, one.subject)))
    words = tuple(dict.fromkeys(short for name in named if (short := _short(name))))
    component = symptom.component or (strongest[0].component if strongest else "")
    alert = _short(symptom.alert or symptom.text)
    runbooks = knowledge.runbooks(alert, _short(component), words, limit=_RUNBOOKS)
    similar = knowledge.similar(tuple(word for word in (alert, *words) if word), limit=_SIMILAR)
    return Guidance(
        tuple(_ticked(one, investigation.findings) for one in runbooks),
        tuple(recheck(one, investigation.findings, _components(investigation)) for one in similar),
    )


def recheck(past: PastIncident, findings: Sequence[Finding], components: Sequence[str] = ()) -> PastIncident:
    """Return a past incident with what today's findings say of each component that its words name.

    `components` are others that are known of here. Marked text is left alone.
    """
    if past.source.flags:
        return past
    text = past.text[:_LONGEST_TEXT]
    known = {*components, *(one.component for one in findings)}
    named = sorted(component for component in known if _names(text, component))
    return replace(past, rechecks=tuple(_recheck(name, text, findings) for name in named))


def _components(investigation: Investigation) -> tuple[str, ...]:
    ends = (end for call in investigation.calls for end in (call.edge.caller, call.edge.callee))
    return (*investigation.incident.components, *ends)


def _recheck(component: str, text: str, findings: Sequence[Finding]) -> Recheck:
    bearing = [one for one in findings if one.component == component and _tells_of(text, one.signal)]
    steady = [one for one in bearing if one.direction is Direction.STEADY]
    return Recheck(component, _ids([one for one in bearing if one not in steady]), _ids(steady))


def _ticked(runbook: Runbook, findings: Sequence[Finding]) -> Runbook:
    return replace(runbook, steps=tuple(_tick(step, findings) for step in runbook.steps))


def _tick(step: LedgerStep, findings: Sequence[Finding]) -> LedgerStep:
    """Set the observations that bear on a step: those of a component and a signal that it names both."""
    if step.destructive or step.source.flags:
        return step
    text = step.text[:_LONGEST_TEXT]
    bearing = [one for one in findings if _tells_of(text, one.signal) and _names(text, one.component)]
    return replace(step, observations=_ids(bearing))


def _tells_of(text: str, signal: Signal) -> bool:
    pattern = _SIGNALS.get(signal)
    return pattern is not None and re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE) is not None


def _names(text: str, component: str) -> bool:
    """Whether a component stands in a text as a name of its own: not "cart" in "cart-db"."""
    return (
        bool(component) and re.search(rf"(?<![\w.-]){re.escape(component)}(?![\w-])", text, re.IGNORECASE) is not None
    )


def _ids(findings: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(identity for one in findings for identity in one.observations))


def _short(name: str) -> str:
    return " ".join(name.split())[:_LONGEST_NAME]
