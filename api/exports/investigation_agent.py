"""What an agent did beside an investigation, as a section of its report."""

from collections.abc import Iterable

from api.exports.hostile_text import code, prose, sentence
from api.exports.investigation_appendix import Footnotes, plural
from api.schemas.investigation_agent import AcceptedProposalView, AgentNotesView, AgentStepView


def agent_lines(agent: AgentNotesView, notes: Footnotes) -> list[str]:
    """Return the lines of the section; the words of the model and of those it read are escaped."""
    cost = agent.cost
    money = f", {cost.money:.4f} of money" if cost.money is not None else ""
    tokens = cost.prompt_tokens + cost.completion_tokens
    lines = [
        "## What the agent added",
        "",
        f"{prose(agent.model)} looked further after the verdict was settled; it changes neither findings nor verdict. "
        f"{_capital(agent.note)}",
        "",
        f"{plural(len(agent.accepted), 'proposal', 'proposals')} accepted, {len(agent.rejected)} refused; "
        f"{plural(cost.calls, 'call', 'calls')}, {tokens:,} tokens{money}, {cost.seconds:.1f} s.",
        "",
    ]
    for one in agent.accepted:
        lines += _accepted(one, agent, notes)
    if agent.findings:
        lines += ["Findings of what it asked for, made by code:", ""]
        lines += [f"- {sentence(one.claim)}{notes.marks(one.observations)}" for one in agent.findings]
        lines.append("")
    if agent.rejected:
        lines += ["Refused, since the findings don't bear it out:", ""]
        lines += [f"- {prose(one.component)}, {prose(one.kind)}: {sentence(one.reason)}" for one in agent.rejected]
        lines.append("")
    if agent.steps:
        lines += ["What it asked:", "", *(_step(one, notes) for one in agent.steps), ""]
    if agent.cut:
        lines += ["What was cut:", "", *(f"- {sentence(one)}" for one in agent.cut), ""]
    return lines


def _accepted(one: AcceptedProposalView, agent: AgentNotesView, notes: Footnotes) -> list[str]:
    cause = one.hypothesis
    rests = {finding.id: finding.observations for finding in agent.findings}
    lines = [
        f"It proposes **{prose(cause.component)}** ({cause.kind.value}), which is held for {one.state.value}: "
        f"{sentence(cause.mechanism)}{_cited(one.cited, rests, notes)}",
        "",
    ]
    lines += [f"- against it: {sentence(objection.reason)}" for objection in one.objections]
    if one.text_removed:
        lines.append(f"- its own sentence is not shown: {sentence(one.text_removed)}")
    return [*lines, ""] if len(lines) > 2 else lines


def _cited(names: Iterable[str], rests: dict[str, list[str]], notes: Footnotes) -> str:
    """Return what a proposal cites: an observation as its footnote, a finding by id with the rows below it."""
    said = []
    for name in names:
        if notes.knows(name):
            said.append(f"the rows{notes.marks([name])}")
        else:
            said.append(f"{code(name)}{notes.marks(rests.get(name) or notes.of_finding(name))}")
    return f" It cites {', '.join(said)}." if said else " It cites nothing."


def _step(step: AgentStepView, notes: Footnotes) -> str:
    arguments = ", ".join(f"{one.name} {code(one.value)}" for one in step.arguments)
    return f"{step.number}. {code(step.tool)} {arguments}: {step.outcome.value}{notes.marks(step.observations[:5])}"


def _capital(words: str) -> str:
    line = sentence(words)
    return line[:1].upper() + line[1:]
