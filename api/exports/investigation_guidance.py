"""What documents advise for an investigation, as the last section of its report, apart from all that is evidence."""

from collections.abc import Iterator

from api.exports.hostile_text import code, prose, sentence
from api.exports.investigation_appendix import Footnotes
from api.exports.words import web_link
from api.schemas.investigation_guidance import (
    GuidancePast,
    GuidanceRunbook,
    GuidanceSource,
    GuidanceStep,
    InvestigationGuidance,
    StepTaken,
)


def guidance_lines(guidance: InvestigationGuidance, notes: Footnotes) -> list[str]:
    """Return the lines of the section; the words of documents are escaped."""
    lines = [
        "---",
        "",
        "## Appendix: what documents advise",
        "",
        "This is guidance and no evidence: nothing above rests on it. It is what the documents say now.",
        "",
    ]
    for runbook in guidance.runbooks:
        lines += [*_runbook(runbook, notes), ""]
    for past in guidance.similar:
        lines += [*_past(past, notes), ""]
    if not guidance.runbooks and not guidance.similar:
        lines += ["No runbook and no past incident was found for it.", ""]
    return lines


def _runbook(runbook: GuidanceRunbook, notes: Footnotes) -> Iterator[str]:
    yield f"### Runbook: {prose(runbook.title)}"
    yield ""
    yield _place(runbook.source)
    yield ""
    for number, step in enumerate(runbook.steps, start=1):
        yield _step(number, step, notes)
    if not runbook.steps:
        yield "It lists no steps."


def _step(number: int, step: GuidanceStep, notes: Footnotes) -> str:
    words = code(step.text) if step.command else sentence(step.text)
    danger = f" **Destroys:** {sentence(step.destructive)}" if step.destructive else ""
    marks = notes.marks(step.observations)
    seen = f" Seen in this investigation{marks}." if marks else ""
    done = seen + _taken(step.taken) if step.taken is not None else seen or " Still to do."
    return f"{number}. {words}{danger}{done}"


def _taken(taken: StepTaken) -> str:
    note = f": {sentence(taken.note)}" if taken.note else "."
    return f" {taken.outcome.value.replace('_', ' ').capitalize()}, says {prose(taken.who or 'somebody')}{note}"


def _past(past: GuidancePast, notes: Footnotes) -> Iterator[str]:
    yield f"### Past incident: {prose(past.title)}"
    yield ""
    yield _place(past.source)
    yield ""
    yield f"It says: {sentence(past.text)}"
    yield ""
    for one in past.rechecks:
        marks = notes.marks((*one.agree, *one.disagree))
        yield f"- Checked against now, {code(one.component)}: {sentence(one.words)}{marks}"
    if not past.rechecks:
        yield "- It names no component that this investigation looked at, so nothing of it was checked."


def _place(source: GuidanceSource) -> str:
    link = web_link(source.url)
    at = f" ([source]({link}))" if link else ""
    warning = " This passage addresses a language model; it is shown as data." if source.flags else ""
    return f"{code(source.path)}, lines {source.first_line} to {source.last_line}{at}.{warning}"
