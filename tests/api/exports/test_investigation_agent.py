"""The section of a report that tells what an agent did."""

from dataclasses import replace

from api.agent.notes import (
    AcceptedProposal,
    AgentCost,
    AgentNotes,
    AgentStep,
    Ending,
    RejectedProposal,
    StepOutcome,
)
from api.exports.investigation_agent import agent_lines
from api.exports.investigation_appendix import Footnotes
from api.investigation.verdicts import VerdictState
from api.schemas.investigation_agent import to_agent_notes
from tests.api.investigated import CAUSE, CPU, OBJECTION, investigation

NOTES = AgentNotes(
    version=1,
    model="openai small-1",
    ending=Ending.FINISHED,
    note="it had nothing more to ask",
    steps=(
        AgentStep(1, "query_logs", (("component", "cart"), ("words", "gc")), StepOutcome.ANSWERED, (CPU.id,), 200, 30),
    ),
    accepted=(AcceptedProposal(CAUSE, ("metrics-1", CPU.id), VerdictState.LIKELY, (OBJECTION,)),),
    rejected=(RejectedProposal("ghost", "cpu", (), "'ghost' is no component of this incident"),),
    findings=(),
    observations=(),
    cut=("query_logs was asked 2 times with the same arguments",),
    cost=AgentCost(3, 600, 90, 0.0012, 2.5),
)


def agent_markdown(notes: AgentNotes) -> str:
    """Return the section as it stands in a report."""
    whole = investigation()
    return "\n".join(agent_lines(to_agent_notes(notes), Footnotes(whole.observations, "rows/{id}", whole.findings)))


def test_the_section_tells_proposals_refusals_steps_cuts_and_cost() -> None:
    text = agent_markdown(NOTES)

    assert "It proposes **cart** (cpu), which is held for likely: cart ran out of CPU and answered late." in text
    assert "- against it: both sources ran on one host." in text
    assert "- ghost, cpu: 'ghost' is no component of this incident." in text
    assert f"1. `query_logs` component `cart`, words `gc`: answered[^{CPU.id}]" in text
    assert "- query_logs was asked 2 times with the same arguments." in text
    assert "1 proposal accepted, 1 refused; 3 calls, 690 tokens, 0.0012 of money, 2.5 s." in text


def test_each_statement_carries_the_rows_that_it_cites() -> None:
    text = agent_markdown(NOTES)

    assert f"It cites `metrics-1`[^{CPU.id}], the rows[^{CPU.id}]." in text


def test_words_of_the_model_stay_words() -> None:
    hostile = RejectedProposal("[click](http://evil.example)", "<b>", (), "# heading\n- list")

    text = agent_markdown(replace(NOTES, rejected=(hostile,)))

    assert "- `[click](http://evil.example)`, \\<b\\>: " in text
    assert "\n# heading" not in text


def test_an_agent_that_did_nothing_says_so_in_two_lines() -> None:
    idle = replace(NOTES, steps=(), accepted=(), rejected=(), cut=(), note="the provider is down")

    text = agent_markdown(idle)

    assert "The provider is down." in text
    assert "What it asked" not in text
