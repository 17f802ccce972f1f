"""The report of an investigation for the one who is on call: what is settled first, then why, then everything else.

The same investigation gives the same bytes; nothing in it depends on when or where it is written. Names of
observations are footnotes that link to their rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from api.exports.hostile_text import code, prose, sentence
from api.exports.investigation_agent import agent_lines
from api.exports.investigation_appendix import Footnotes, appendix, finding_line, plural, window_words
from api.exports.investigation_guidance import guidance_lines
from api.investigation.faults import FaultKind
from api.investigation.findings import Finding, Gap
from api.investigation.hypotheses import Hypothesis
from api.investigation.investigations import Investigation
from api.investigation.verdicts import Verdict, VerdictState
from api.investigation.windows import instant_text
from api.schemas.investigation_agent import AgentNotesView
from api.schemas.investigation_calibration import Calibration, CalibrationFacts, calibration_of
from api.schemas.investigation_guidance import InvestigationGuidance

_SHOWN = 12
"""How many lines of evidence stand in the body; the appendix has all."""

_MEANINGS = {
    VerdictState.CONFIRMED: "confirmed",
    VerdictState.LIKELY: "likely",
    VerdictState.INCONCLUSIVE: "inconclusive",
    VerdictState.NOTHING_WRONG: "nothing wrong",
}


@dataclass(frozen=True, slots=True)
class Beside:
    """What a report tells beside the investigation; without a calibration the verdict's numbers are not shown."""

    calibration: Calibration | None = None
    agent: AgentNotesView | None = None
    guidance: InvestigationGuidance | None = None


def report_markdown(
    investigation: Investigation, *, rows: str = "observations/{id}", beside: Beside | None = None
) -> str:
    """Return the report as Markdown, ending with a line feed; `rows` is where the rows of an observation are.

    Without `beside`, the numbers of the verdict are held for those of the models that come with Groundwatch.
    """
    notes = Footnotes(investigation.observations, rows, investigation.findings)
    verdict = investigation.verdict
    also = beside or Beside(calibration_of(verdict))
    lines = [f"# {prose(investigation.incident.title) or 'Incident'}", "", _verdict(verdict), ""]
    lines += [*_confidence(verdict, also.calibration), "", *_incident(investigation), ""]
    lines += _section("Why not more", _objections(verdict))
    if verdict.cause is not None:
        lines += _cause(verdict.cause, investigation, notes)
    lines += _section("Other candidates", _candidates(investigation, notes))
    lines += _section("Ruled out", _ruled_out(investigation, notes))
    lines += _section("What was not seen", [_gap(one) for one in investigation.gaps])
    lines += _section("What would decide", _deciding(verdict))
    lines += agent_lines(also.agent, notes) if also.agent is not None else []
    advice = guidance_lines(also.guidance, notes) if also.guidance is not None else []
    lines += appendix(investigation, notes, advice)
    return "\n".join(lines).rstrip() + "\n"


def _verdict(verdict: Verdict) -> str:
    head, cause = f"**Verdict: {_MEANINGS[verdict.state]}.**", verdict.cause
    if verdict.state is VerdictState.NOTHING_WRONG:
        return f"{head} Nothing of what was looked at is unlike its usual self."
    if cause is None:
        return f"{head} What was seen settles no cause and names no suspect."
    named = f"{code(cause.component)}: {cause.kind.meaning}"
    if verdict.state is VerdictState.CONFIRMED:
        return f"{head} The cause is {named}."
    if verdict.state is VerdictState.LIKELY:
        return f"{head} The likely cause is {named}."
    return f"{head} What was seen settles no cause; the first suspect is {named}."


def _confidence(verdict: Verdict, calibration: Calibration | None) -> Iterator[str]:
    cause = verdict.cause
    if cause is None:
        return
    if calibration is not None and verdict.component_right is not None:
        said = [f"{_percent(verdict.component_right)} that {code(cause.component)} is the right component"]
        if verdict.kind_right is not None:
            said.append(f"{_percent(verdict.kind_right)} that component and kind of fault are both right")
        yield f"**Confidence:** {'; '.join(said)}."
        yield ""
        yield _calibrated(calibration)
        return
    sources = sorted(source.value for source in cause.sources)
    yield (
        "**Confidence:** no number, since none was calibrated on this system; it rests on "
        f"{plural(len(sources), 'kind of source', 'kinds of source')} ({', '.join(sources) or 'none'})."
    )


def _calibrated(calibration: Calibration) -> str:
    """Return what stands behind the numbers, in plain words."""
    return (
        f"These numbers were fitted on {calibration.component.n} labelled recorded incidents and measured on incidents "
        f"left out of the fit: {_measured(calibration.component)} for the component, {_measured(calibration.kind)} for "
        "component and kind. On a system that the fit never saw, such numbers were too high."
    )


def _measured(facts: CalibrationFacts) -> str:
    return f"Brier {facts.brier:.3f} (constant guess {facts.constant_brier:.3f}), calibration error {facts.ece:.3f}"


def _incident(investigation: Investigation) -> Iterator[str]:
    incident = investigation.incident
    symptom = incident.symptom
    where = f" at {code(symptom.component)}" if symptom.component else ""
    yield f"- Noticed{where}: {sentence(symptom.text)}"
    alert = [f"alert {code(symptom.alert)}"] if symptom.alert else []
    alert += [f"metric {code(symptom.metric)}"] if symptom.metric else []
    alert += [f"severity {prose(symptom.severity)}"] if symptom.severity else []
    if alert:
        yield f"- Raised by {', '.join(alert)}."
    yield f"- Trouble: {window_words(incident.window)}."
    healthy = window_words(incident.baseline) if incident.baseline else "none"
    yield f"- Healthy time to compare with: {healthy}."


def _objections(verdict: Verdict) -> Iterator[str]:
    for one in verdict.objections:
        rests = f" Rests on {', '.join(code(name) for name in one.rests_on)}." if one.rests_on else ""
        yield f"- {sentence(one.reason)} At most {_MEANINGS[one.ceiling]} ({prose(one.rule)}).{rests}"


def _cause(cause: Hypothesis, investigation: Investigation, notes: Footnotes) -> list[str]:
    told = [sentence(cause.mechanism)] if cause.mechanism.strip() else []
    if cause.onset is not None:
        told.append(f"First seen {instant_text(cause.onset)}.")
    if cause.change:
        told.append(f"Change: {code(cause.change)}.")
    lines = _section("What happened", [" ".join(told)] if told else [])
    lines += _section("How it spread", _chain(cause, investigation, notes))
    lines += _section("Evidence for it", _evidence(cause.support, notes), empty="Nothing supports it.")
    lines += _section("Evidence against it", _evidence(cause.against, notes))
    return lines + _section("What it does not explain", _named(cause.unexplained, investigation, notes))


def _chain(cause: Hypothesis, investigation: Investigation, notes: Footnotes) -> Iterator[str]:
    for number, hop in enumerate(cause.chain, start=1):
        called = notes.marks(hop.calls) or " (no observation)"
        trouble = notes.marks(hop.anomalies) or " (no observation)"
        yield (
            f"{number}. {code(hop.cause)} to {code(hop.effect)}: calls were observed{called}; "
            f"trouble at {code(hop.effect)}{trouble}."
        )
    if not cause.chain:
        yield "No observed calls connect it with the symptom."
    if investigation.blast_radius:
        yield ""
        yield f"Affected: {', '.join(code(one) for one in investigation.blast_radius)}."


def _evidence(findings: Sequence[Finding], notes: Footnotes) -> Iterator[str]:
    for finding in findings[:_SHOWN]:
        yield finding_line(finding, notes)
    if len(findings) > _SHOWN:
        yield f"- {len(findings) - _SHOWN} more; the appendix has all findings."


def _named(ids: Sequence[str], investigation: Investigation, notes: Footnotes) -> Iterator[str]:
    findings = {one.id: one for one in investigation.findings}
    known = [findings[name] for name in ids if name in findings]
    yield from _evidence(known, notes)
    yield from (f"- {code(name)}, which is no finding of this investigation." for name in ids if name not in findings)


def _candidates(investigation: Investigation, notes: Footnotes) -> Iterator[str]:
    others = [one for one in investigation.hypotheses if one != investigation.verdict.cause]
    for one in others[:5]:
        sources = ", ".join(sorted(source.value for source in one.sources)) or "nothing"
        marks = notes.marks(name for finding in one.support[:3] for name in finding.observations[:1])
        yield f"- {code(one.component)}: {one.kind.meaning}; supported by {sources}{marks}."
    if len(others) > 5:
        yield f"- {len(others) - 5} more are in the JSON of this investigation."


def _ruled_out(investigation: Investigation, notes: Footnotes) -> Iterator[str]:
    findings = {one.id: one for one in investigation.findings}
    for one in investigation.ruled_out:
        marks = notes.marks(name for key in one.findings if key in findings for name in findings[key].observations)
        kind = "" if one.kind is FaultKind.UNKNOWN else f", {one.kind.meaning}"
        yield f"- {code(one.component)}{kind}: {sentence(one.reason)}{marks}"


def _gap(gap: Gap) -> str:
    where = f" of {code(gap.component)}" if gap.component else ""
    when = f", {window_words(gap.window)}" if gap.window else ""
    reason = gap.reason.value.replace("_", " ")
    return (
        f"- {gap.source.value}{where}{when} ({reason}): {sentence(gap.detail)} To close it: {sentence(gap.next_step)}"
    )


def _deciding(verdict: Verdict) -> Iterator[str]:
    if verdict.deciding is None:
        return
    query = verdict.deciding
    yield f"Ask {prose(query.source)}: {code(query.text)}"
    yield ""
    yield f"- If so: {sentence(query.if_so)}"
    yield f"- If not: {sentence(query.if_not)}"


def _section(title: str, lines: Iterable[str], *, empty: str = "") -> list[str]:
    body = list(lines) or ([empty] if empty else [])
    return [f"## {title}", "", *body, ""] if body else []


def _percent(value: float) -> str:
    return f"{round(value, 4) * 100:.0f} %"
