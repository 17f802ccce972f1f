"""What a specialist states from its observations, and what it could not see."""

from dataclasses import dataclass
from enum import StrEnum

from api.investigation.faults import FaultKind
from api.investigation.observations import SourceClass
from api.investigation.signals import Signal
from api.investigation.windows import Window

NOWHERE = "(no component)"
"""Component of a finding that is about none; it is never a candidate for the cause."""


class Direction(StrEnum):
    """Which way something moved against its baseline."""

    UP = "up"
    DOWN = "down"
    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim about one component, resting on observations.

    `subject` is the metric, operation, log template or change that it is about, `peer` the other end of a call.
    `score` is how unusual it is against the baseline, in the specialist's own robust units, never below zero;
    `onset` the first instant at which it shows, in microseconds since the epoch, where that can be told. `kinds`
    are the fault kinds that would look like this, most typical first. A finding with STEADY says that something
    was looked at and is as always: it can rule out, and never supports.
    """

    id: str
    specialist: str
    source: SourceClass
    component: str
    signal: Signal
    subject: str
    direction: Direction
    claim: str
    reason: str
    observations: tuple[str, ...]
    score: float
    onset: int | None = None
    kinds: tuple[FaultKind, ...] = ()
    peer: str | None = None

    def __post_init__(self) -> None:
        if not self.observations:
            raise ValueError(f"finding {self.id!r} rests on no observation; give at least one")


class GapReason(StrEnum):
    """Why something was not seen."""

    NOT_CONNECTED = "not_connected"
    NO_DATA = "no_data"
    NO_BASELINE = "no_baseline"
    OUTSIDE_WINDOW = "outside_window"
    TRUNCATED = "truncated"
    TIMED_OUT = "timed_out"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was not available, and so may hide a cause; `next_step` says how to close it."""

    source: SourceClass
    reason: GapReason
    detail: str
    next_step: str
    component: str | None = None
    window: Window | None = None
