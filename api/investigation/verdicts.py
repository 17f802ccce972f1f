"""The verdict: how far a cause is settled, and what would settle it."""

from dataclasses import dataclass
from enum import StrEnum

from api.investigation.hypotheses import Hypothesis


class VerdictState(StrEnum):
    """How far a cause is settled."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    INCONCLUSIVE = "inconclusive"
    NOTHING_WRONG = "nothing_wrong"


SYSTEM_KNOWN = "system_known"
"""The rule that holds a cause back in a system of which no incident is known to the models."""

_ORDER = (VerdictState.CONFIRMED, VerdictState.LIKELY, VerdictState.INCONCLUSIVE)


@dataclass(frozen=True, slots=True)
class Objection:
    """A reason of the auditor to settle for less, with the ids of findings or gaps that it rests on."""

    rule: str
    ceiling: VerdictState
    reason: str
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecidingQuery:
    """The next thing to look at, and what each outcome would mean."""

    source: str
    text: str
    if_so: str
    if_not: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is settled: the cause where there is one, why not more, and what would decide.

    `component_right` and `kind_right` are calibrated probabilities that the first hypothesis names the right
    component, and the right component and kind; None where nothing was fitted. `decided_by` is the person who
    confirmed the cause; empty where nobody did.
    """

    state: VerdictState
    cause: Hypothesis | None
    objections: tuple[Objection, ...] = ()
    deciding: DecidingQuery | None = None
    component_right: float | None = None
    kind_right: float | None = None
    decided_by: str = ""


def lowered(state: VerdictState, objections: tuple[Objection, ...]) -> VerdictState:
    """Return `state` brought down to the lowest ceiling that an objection sets; nothing raises it.

    NOTHING_WRONG names no cause, and so nothing can lower it.
    """
    if state is VerdictState.NOTHING_WRONG:
        return state
    ceilings = (objection.ceiling for objection in objections)
    return max((state, *ceilings), key=lambda one: _ORDER.index(one))
