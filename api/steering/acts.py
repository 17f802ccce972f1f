"""Acts: what a person does about an investigation, each recorded with who and when and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.investigation.faults import FaultKind
from api.investigation.observations import SourceClass
from api.investigation.windows import Window


class ActKind(StrEnum):
    """What a person does."""

    FACT = "fact"
    THEORY = "theory"
    QUERY = "query"
    QUESTION = "question"
    CONFIRM_FINDING = "confirm_finding"
    REJECT_FINDING = "reject_finding"
    CONFIRM_CAUSE = "confirm_cause"
    REJECT_CAUSE = "reject_cause"
    WINDOW = "window"
    STEP = "step"
    WITHDRAW = "withdraw"


class StepOutcome(StrEnum):
    """What became of a step of a runbook."""

    DONE = "done"
    IMPOSSIBLE = "impossible"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done; which fields are set goes by `kind`.

    `text` is the fact, the question, the words to look for or the reason. `healthy` says of a fact that its component
    is well. `fault` is the kind of fault that a fact, a theory or a confirmation names, `at` the instant that a fact
    is about, in microseconds. `document` and `line` say which step of a runbook, by the line that it begins on, had
    which `outcome`. `observations` are what a fact rests on beside the person. `source` and `component` say
    where a query looks. `act` is the number of the one that is withdrawn.
    """

    kind: ActKind
    text: str = ""
    component: str | None = None
    finding: str | None = None
    fault: FaultKind | None = None
    healthy: bool = False
    at: int | None = None
    observations: tuple[str, ...] = ()
    source: SourceClass | None = None
    window: Window | None = None
    baseline: Window | None = None
    act: int | None = None
    document: str | None = None
    line: int | None = None
    outcome: StepOutcome | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """A deed of one person at one time; `number` counts from 1 within an investigation."""

    number: int
    at: datetime
    who: str
    deed: Deed


def standing_acts(acts: Sequence[Act]) -> tuple[Act, ...]:
    """Return the acts that nobody withdrew, without the withdrawals themselves."""
    withdrawn = {one.deed.act for one in acts if one.deed.kind is ActKind.WITHDRAW}
    return tuple(one for one in acts if one.deed.kind is not ActKind.WITHDRAW and one.number not in withdrawn)


def said_by(act: Act) -> str:
    """Return who did it, in words."""
    return act.who or "somebody"
