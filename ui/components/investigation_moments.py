"""What happened when: onsets of what was unusual, changes, and the time of trouble, in the order of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from api.schemas.investigations import FindingView, InvestigationResult

_TOLD = 1.0  # score from which a finding is told
_HELD = frozenset({"change", "event"})


class MomentKind(StrEnum):
    """What a moment is; the value is how it is told."""

    CHANGE = "change"
    EVENT = "event"
    BEGIN = "trouble begins"
    ONSET = "onset"
    CAUSE = "onset at the cause"
    SYMPTOM = "the symptom shows"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened at an instant in microseconds; `observations` show it, `score` is how unusual it is."""

    at: int
    kind: MomentKind
    component: str
    words: str
    source: str = ""
    observations: tuple[str, ...] = ()
    score: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether it is something that was done or told, not something that was measured."""
        return self.kind in (MomentKind.CHANGE, MomentKind.EVENT)


def moments_of(result: InvestigationResult) -> list[Moment]:
    """Return all moments in the order of time; at one instant changes come first, then the more unusual."""
    cause = result.verdict.cause
    support = set(cause.support) if cause is not None else set()
    found = [
        _moment(one, one.id in support)
        for one in result.findings
        if one.onset is not None and one.id not in result.rejected and _tells(one)
    ]
    symptom = result.incident.symptom
    raised = f" (alert {symptom.alert})" if symptom.alert else ""
    begin = Moment(
        result.incident.window.start,
        MomentKind.BEGIN,
        symptom.component or "",
        f"the time of trouble begins: {symptom.text}{raised}",
    )
    return sorted([*found, begin], key=lambda one: (one.at, not one.changed, one.kind is not begin.kind, -one.score))


def strongest(moments: Sequence[Moment], most: int) -> list[Moment]:
    """Return the moments that matter most, in the order of time: causes and changes before what else was unusual."""

    def weight(one: Moment) -> tuple[bool, bool, float]:
        return one.kind is MomentKind.BEGIN, one.kind is MomentKind.CAUSE, one.score + (2.0 if one.changed else 0.0)

    kept = {id(one) for one in sorted(moments, key=weight, reverse=True)[:most]}
    return [one for one in moments if id(one) in kept]


def is_symptom(one: FindingView) -> bool:
    """Tell whether a finding says how the symptom itself shows: it blames no component and is of one metric."""
    return one.component.startswith("(") and one.source.value == "metric"


def _tells(one: FindingView) -> bool:
    return one.direction.value != "steady" and (one.score >= _TOLD or one.source.value in _HELD)


def _moment(one: FindingView, supports: bool) -> Moment:
    component = (one.peer or "") if one.component.startswith("(") else one.component
    kind = MomentKind.CAUSE if supports else MomentKind.ONSET
    if one.source.value in _HELD:
        kind = MomentKind(one.source.value)
    elif is_symptom(one):
        kind = MomentKind.SYMPTOM
    return Moment(one.onset or 0, kind, component, one.claim, one.source.value, tuple(one.observations), one.score)
