"""What an agent did beside an investigation, on the wire."""

from typing import Literal

from api.agent.notes import AgentNotes, Ending, StepOutcome
from api.investigation.verdicts import VerdictState
from api.schemas.investigations import FindingView, Hypothesis, Number, Objection, Words
from api.schemas.places import Wire


class AgentArgument(Wire):
    """One argument of a tool, as the model gave it."""

    name: Words
    value: Words


class AgentStepView(Wire):
    """One call of a tool; `observations` are ids of those that it made or showed."""

    number: int
    tool: Words
    arguments: list[AgentArgument]
    outcome: StepOutcome
    observations: list[Words]
    prompt_tokens: int
    completion_tokens: int


class AcceptedProposalView(Wire):
    """A hypothesis of the agent that passed the gate; `text_removed` says why its own sentence is not shown."""

    hypothesis: Hypothesis
    cited: list[Words]
    state: VerdictState
    objections: list[Objection]
    text_removed: Words = ""


class RejectedProposalView(Wire):
    """A hypothesis of the agent that did not pass the gate."""

    component: Words
    kind: Words
    cited: list[Words]
    reason: Words


class AgentCostView(Wire):
    """What the agent used up; `money` is null where no price is known."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    money: Number | None
    seconds: Number


class AgentNotesView(Wire):
    """All that an agent did; the observations that it asked for stand among those of the investigation."""

    version: Literal[1] = 1
    model: Words
    ending: Ending
    note: Words
    steps: list[AgentStepView]
    accepted: list[AcceptedProposalView]
    rejected: list[RejectedProposalView]
    findings: list[FindingView]
    observations: list[Words]
    cut: list[Words]
    cost: AgentCostView


def to_agent_notes(notes: AgentNotes) -> AgentNotesView:
    """Return the notes as they go on the wire."""
    return AgentNotesView(
        model=notes.model,
        ending=notes.ending,
        note=notes.note,
        steps=[
            AgentStepView(
                number=one.number,
                tool=one.tool,
                arguments=[AgentArgument(name=name, value=value) for name, value in one.arguments],
                outcome=one.outcome,
                observations=list(one.observations),
                prompt_tokens=one.prompt_tokens,
                completion_tokens=one.completion_tokens,
            )
            for one in notes.steps
        ],
        accepted=[AcceptedProposalView.model_validate(one, from_attributes=True) for one in notes.accepted],
        rejected=[RejectedProposalView.model_validate(one, from_attributes=True) for one in notes.rejected],
        findings=[FindingView.model_validate(one, from_attributes=True) for one in notes.findings],
        observations=[one.id for one in notes.observations],
        cut=list(notes.cut),
        cost=AgentCostView.model_validate(notes.cost, from_attributes=True),
    )
