"""What people say as evidence: an observation of class human with the very words, and the finding that rests on it.

A person is one class of source. Their word supports a cause, or speaks for a component that is well, as a clear
finding of a specialist does; it does not outweigh what was measured, except where they confirm or reject a cause.
"""

from dataclasses import replace

from api.investigation.findings import NOWHERE, Direction, Finding
from api.investigation.incidents import Incident
from api.investigation.investigations import Investigation
from api.investigation.observations import Observation, Query, Rows, SourceClass, observe
from api.investigation.signals import Signal
from api.steering.acts import Act, ActKind, said_by

_SCORE = 20.0
"""How unusual a thing counts that a person says: clearly so, in the units of specialists, of which 3 is notable."""

_TESTIMONY = frozenset({ActKind.FACT, ActKind.CONFIRM_FINDING, ActKind.CONFIRM_CAUSE, ActKind.REJECT_CAUSE})


def testimony_of(act: Act, incident: Incident) -> Observation | None:
    """Return what a person said as an observation; None for an act that says nothing about the incident."""
    deed = act.deed
    if deed.kind not in _TESTIMONY:
        return None
    words = _words(act)
    query = Query(SourceClass.HUMAN, said_by(act), f"said in act {act.number}", incident.window)
    rows = Rows(("act", "at", "who", "said"), ((act.number, act.at.isoformat(), said_by(act), words),), 1)
    return observe(query, deed.component, f"{said_by(act)} said: {words}", rows)


def finding_of(act: Act, investigation: Investigation) -> Finding | None:
    """Return the finding that rests on what a person said; None for one that is about no component."""
    deed = act.deed
    said = testimony_of(act, investigation.incident)
    if said is None:
        return None
    if deed.kind is ActKind.CONFIRM_FINDING:
        return _confirmed(act, said, investigation)
    well = deed.healthy or deed.kind is ActKind.REJECT_CAUSE
    return Finding(
        id=f"human-{act.number}",
        specialist="human",
        source=SourceClass.HUMAN,
        component=deed.component or NOWHERE,
        signal=Signal.TOLD,
        subject=f"what {said_by(act)} said",
        direction=Direction.STEADY if well else Direction.NEW,
        claim=f"{said_by(act)}: {_words(act)}",
        reason=f"said by {said_by(act)} at {act.at.isoformat(timespec='seconds')}",
        observations=(said.id, *deed.observations),
        score=0.0 if well or deed.component is None else _SCORE,
        onset=deed.at,
        kinds=(deed.fault,) if deed.fault else (),
    )


def _confirmed(act: Act, said: Observation, investigation: Investigation) -> Finding | None:
    known = next((one for one in investigation.findings if one.id == act.deed.finding), None)
    if known is None:
        return None
    return replace(
        known,
        id=f"human-{act.number}",
        specialist="human",
        source=SourceClass.HUMAN,
        signal=Signal.TOLD,
        claim=f"{said_by(act)} confirms: {known.claim}",
        reason=f"confirmed by {said_by(act)} at {act.at.isoformat(timespec='seconds')}",
        observations=(said.id, *known.observations),
        peer=None,
    )


def _words(act: Act) -> str:
    deed = act.deed
    why = f": {deed.text}" if deed.text else ""
    if deed.kind is ActKind.CONFIRM_CAUSE:
        kind = f" ({deed.fault.meaning})" if deed.fault else ""
        return f"{deed.component} is at fault{kind}{why}"
    if deed.kind is ActKind.REJECT_CAUSE:
        return f"{deed.component} is not at fault{why}"
    if deed.kind is ActKind.CONFIRM_FINDING:
        return f"finding {deed.finding} is right{why}"
    return deed.text
