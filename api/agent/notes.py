"""What the agent did beside an investigation: its steps, what it proposed, what was refused and cut, what it cost."""

from dataclasses import dataclass
from enum import StrEnum

from api.investigation.faults import FaultKind
from api.investigation.findings import Finding
from api.investigation.hypotheses import Hypothesis
from api.investigation.observations import Observation
from api.investigation.verdicts import Objection, VerdictState

VERSION = 1
"""Version of the form of the notes."""


class Ending(StrEnum):
    """Why the agent stopped."""

    FINISHED = "finished"
    STEPS = "steps"
    TOKENS = "tokens"
    MONEY = "money"
    SECONDS = "seconds"
    REPEATED = "repeated"
    EMPTY = "empty"
    CANCELLED = "cancelled"
    MODEL_FAILED = "model_failed"


class StepOutcome(StrEnum):
    """What came of one step."""

    ANSWERED = "answered"
    EMPTY = "empty"
    REPEATED = "repeated"
    INVALID = "invalid"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class AgentStep:
    """One call of a tool: its arguments as the model gave them, and the tokens that asking for it took."""

    number: int
    tool: str
    arguments: tuple[tuple[str, str], ...]
    outcome: StepOutcome
    observations: tuple[str, ...]
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class AcceptedProposal:
    """A hypothesis of the agent that passed the gate, weighed and audited like any other.

    `cited` are the ids that it named. `state` is never above the investigation's own verdict on that component, and
    inconclusive for any other one. `text_removed` says why the agent's own sentence is not shown; the mechanism is
    then the one that the code writes. Empty where the agent's sentence stands.
    """

    hypothesis: Hypothesis
    cited: tuple[str, ...]
    state: VerdictState
    objections: tuple[Objection, ...]
    text_removed: str = ""


@dataclass(frozen=True, slots=True)
class RejectedProposal:
    """A hypothesis of the agent that did not pass the gate, and why. Its words are not kept."""

    component: str
    kind: str
    cited: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class AgentCost:
    """What the agent used up; `money` is None where no price is known."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    money: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class AgentNotes:
    """All that an agent did beside one investigation; `note` says in a sentence how it ended.

    `findings` and `observations` are those of tools that it asked for, made by the code; `cut` tells each thing that
    was cut short.
    """

    version: int
    model: str
    ending: Ending
    note: str
    steps: tuple[AgentStep, ...]
    accepted: tuple[AcceptedProposal, ...]
    rejected: tuple[RejectedProposal, ...]
    findings: tuple[Finding, ...]
    observations: tuple[Observation, ...]
    cut: tuple[str, ...]
    cost: AgentCost


@dataclass(frozen=True, slots=True)
class ProposedCause:
    """What the agent proposes, as it said it."""

    component: str
    kind: FaultKind
    cited: tuple[str, ...]
    mechanism: str
