"""What an agent did beside an investigation, as a section of its report."""

from api.agent.notes import AcceptedProposal, AgentNotes, AgentStep
from api.exports.hostile_text import code, prose, sentence


def agent_markdown(notes: AgentNotes) -> str:
    """Return the section; the words of the model and of those it read are escaped. It ends with a newline."""
    cost = notes.cost
    money = f", {cost.money:.4f} of money" if cost.money is not None else ""
    lines = [
        "## What the agent adds",
        "",
        f"{prose(notes.model)} looked further; it changes neither findings nor verdict. {_capital(notes.note)}",
        "",
        f"{cost.calls} calls, {cost.prompt_tokens + cost.completion_tokens:,} tokens{money}, {cost.seconds:.1f} s.",
        "",
    ]
    lines += [line for one in notes.accepted for line in _accepted(one)]
    if notes.rejected:
        lines += ["Refused, since the findings don't bear it out:", ""]
        lines += [f"- {prose(one.component)}, {prose(one.kind)}: {sentence(one.reason)}" for one in notes.rejected]
        lines.append("")
    if notes.steps:
        lines += ["What it asked:", "", *(_step(one) for one in notes.steps), ""]
    if notes.cut:
        lines += ["What was cut:", "", *(f"- {sentence(one)}" for one in notes.cut), ""]
    return "\n".join(lines).rstrip() + "\n"


def _accepted(one: AcceptedProposal) -> list[str]:
    cause = one.hypothesis
    lines = [
        f"It proposes **{prose(cause.component)}** ({cause.kind.value}), which is held for {one.state.value}: "
        f"{sentence(cause.mechanism)} It cites {', '.join(code(name) for name in one.cited)}.",
        "",
    ]
    lines += [f"- against it: {sentence(objection.reason)}" for objection in one.objections]
    if one.text_removed:
        lines.append(f"- its own sentence is not shown: {sentence(one.text_removed)}")
    return [*lines, ""] if len(lines) > 2 else lines


def _step(step: AgentStep) -> str:
    arguments = ", ".join(f"{name} {code(value)}" for name, value in step.arguments)
    seen = f" ({', '.join(code(name) for name in step.observations[:5])})" if step.observations else ""
    return f"{step.number}. {code(step.tool)} {arguments}: {step.outcome.value}{seen}"


def _capital(words: str) -> str:
    line = sentence(words)
    return line[:1].upper() + line[1:]
