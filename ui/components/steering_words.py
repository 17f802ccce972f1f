"""How what people do about an investigation is told."""

from markupsafe import Markup

from api.schemas.investigation_acts import ActKind, ActView, StepOutcome
from ui.components.investigation_words import Look, name_markup
from ui.components.secret_marks import data_markup

ACTS: dict[ActKind, Look] = {
    ActKind.FACT: Look("added a fact", "person_raised_hand", ""),
    ActKind.THEORY: Look("asked to weigh", "lightbulb", ""),
    ActKind.QUERY: Look("looked further", "search", ""),
    ActKind.QUESTION: Look("asked", "help", ""),
    ActKind.CONFIRM_FINDING: Look("confirmed a finding", "check_circle", ""),
    ActKind.REJECT_FINDING: Look("rejected a finding", "cancel", ""),
    ActKind.CONFIRM_CAUSE: Look("confirmed the cause", "verified", ""),
    ActKind.REJECT_CAUSE: Look("rejected a cause", "block", ""),
    ActKind.WINDOW: Look("changed the window", "date_range", ""),
    ActKind.STEP: Look("went through a step of a runbook", "checklist", ""),
    ActKind.WITHDRAW: Look("withdrew", "undo", ""),
}


OUTCOMES = {
    StepOutcome.DONE: "done",
    StepOutcome.IMPOSSIBLE: "impossible",
    StepOutcome.NOT_NEEDED: "not needed",
}
"""What became of a step, in words."""


def done_markup(view: ActView, claim: str = "") -> Markup:
    """Return what was done, in words; `claim` is that of the finding it is about."""
    act = view.act
    parts: list[Markup] = []
    if act.kind is ActKind.WITHDRAW:
        parts.append(Markup("act {}").format(act.act))
    if act.outcome is not None and act.line is not None:
        parts.append(Markup("at line {}, {}").format(act.line, OUTCOMES[act.outcome]))
    if act.component:
        parts.append(name_markup(act.component))
    if act.kind is ActKind.FACT and act.healthy:
        parts.append(Markup("is well"))
    if act.fault is not None:
        parts.append(Markup("({})").format(act.fault.meaning))
    if act.source is not None:
        parts.append(Markup("in its {}s").format(act.source.value))
    if claim:
        parts.append(Markup("“{}”").format(data_markup(claim)))
    elif act.finding:
        parts.append(name_markup(act.finding))
    if act.window is not None and act.window.end is not None:
        parts.append(
            Markup("from {} to {}").format(
                act.window.start.isoformat(timespec="seconds"), act.window.end.isoformat(timespec="seconds")
            )
        )
    if act.text:
        lead = ": " if parts else ""
        parts.append(Markup("{}{}").format(lead, data_markup(act.text)))
    return Markup(" ").join(parts)
