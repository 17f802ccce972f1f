"""What an investigation says of the course of an incident: when it began, what changed before, who was affected."""

from collections.abc import Sequence

from api.investigating.questions.asked import Asked
from api.investigating.questions.components import about_component
from api.investigating.questions.evidence import (
    Reply,
    joined,
    joined_text,
    lacking,
    moved,
    plainly,
    said,
    sentence,
    steady,
    told,
)
from api.investigating.questions.log_rows import log_statements
from api.investigation.findings import Finding
from api.investigation.hypotheses import Hypothesis
from api.investigation.investigations import Investigation
from api.investigation.observations import SourceClass
from api.investigation.verdicts import VerdictState
from api.investigation.windows import instant_text
from api.schemas.investigation_questions import IncidentStatement

_MOST = 5
_TROUBLE = frozenset({SourceClass.METRIC, SourceClass.TRACE, SourceClass.LOG, SourceClass.HUMAN})  # a change is none


def about_onset(asked: Asked, found: Investigation) -> Reply:
    """Return when trouble shows first."""
    if asked.components:
        return joined([_one_onset(one, found) for one in asked.components])
    cause = found.verdict.cause
    lines: list[IncidentStatement] = []
    if cause is not None and cause.onset is not None:
        lines.append(said(f"Trouble at {cause.component} shows from {instant_text(cause.onset)}.", _at(cause)))
    first = min(_dated(moved(found)), key=lambda one: (one.onset or 0, -one.score), default=None)
    if first is not None and first.onset is not None:
        lines.append(said(f"The first that moved, at {instant_text(first.onset)}: {first.claim}", [first]))
    if not lines:
        return Reply(missing=("no finding tells when it shows first; ask for a longer window with healthy time",))
    return Reply(tuple(lines))


def _one_onset(component: str, found: Investigation) -> Reply:
    dated = _dated([one for one in moved(found, component) if one.component == component])
    first = min(dated, key=lambda one: (one.onset or 0, -one.score), default=None)
    if first is None or first.onset is None:
        return Reply(missing=(f"no finding tells when trouble at {component} began",))
    return Reply((said(f"At {component} it shows first at {instant_text(first.onset)}: {first.claim}", [first]),))


def about_changes(asked: Asked, found: Investigation) -> Reply:
    """Return which changes were observed."""
    wanted = set(asked.components)
    changes = [
        one for one in moved(found) if one.source is SourceClass.CHANGE and (not wanted or one.component in wanted)
    ]
    lines = [told(one) for one in changes[:_MOST]]
    cause = found.verdict.cause
    if not lines and cause is not None and cause.change and (not wanted or cause.component in wanted):
        lines = [said(f"The change that is blamed: {cause.change}", cause.support)]
    if not lines:
        lines = [
            plainly(sentence(one.summary), [one.id])
            for one in found.observations
            if one.source is SourceClass.CHANGE and (not wanted or one.component is None or one.component in wanted)
        ][:_MOST]
    missing = lacking(found, SourceClass.CHANGE, asked.components[0] if asked.components else None)
    if not lines and not missing:
        missing = [
            f"no change {'of ' + asked.components[0] if asked.components else ''} was observed".replace("  ", " ")
        ]
    return Reply(tuple(lines), tuple(missing[:_MOST]))


def about_logs(asked: Asked, found: Investigation) -> Reply:
    """Return the log lines of components, of those whose logs moved where none is named."""
    wanted = (
        asked.components
        or tuple(dict.fromkeys(one.component for one in moved(found) if one.source is SourceClass.LOG))[:2]
    )
    if not wanted:
        return Reply(missing=tuple(lacking(found, SourceClass.LOG)[:_MOST]) or ("no unusual log lines were found",))
    return joined([log_statements(one, found) for one in wanted])


def about_affected(asked: Asked, found: Investigation) -> Reply:
    """Return who is affected, or whether those are that are named."""
    if asked.components:
        return joined([_one_affected(one, found) for one in asked.components])
    if not found.blast_radius:
        return Reply((plainly("No other component is known to be affected."),))
    shown = [one for component in found.blast_radius[:_MOST] for one in moved(found, component)[:1]]
    text = f"Affected beside the cause{_if_so(found)}: {', '.join(found.blast_radius)}."
    return Reply((said(text, shown), *map(told, shown)))


def _one_affected(component: str, found: Investigation) -> Reply:
    cause = found.verdict.cause
    moving = [one for one in moved(found, component) if one.component == component and one.source in _TROUBLE]
    if cause is not None and cause.component == component:
        return joined_text(f"{component} is where the trouble is taken to begin.", cause.support)
    if component in found.blast_radius:
        return joined_text(f"Yes: {component} is affected{_if_so(found)}.", moving)
    if moving:
        return joined_text(
            f"{component} shows something unusual, but nothing observed ties it to the cause that is named.", moving
        )
    calm = steady(found, component)
    return Reply(tuple(map(told, calm[:3]))) if calm else about_component(component, found, frozenset())


def _if_so(found: Investigation) -> str:
    """Return what the blast radius hangs on, while the cause is not settled."""
    verdict = found.verdict
    if verdict.cause is None or verdict.state is not VerdictState.INCONCLUSIVE:
        return ""
    return f", if {verdict.cause.component} is the cause"


def about_spread(_asked: Asked, found: Investigation) -> Reply:
    """Return the way from the cause to the symptom."""
    cause = found.verdict.cause
    if cause is None or not cause.chain:
        return Reply(missing=("no observed calls connect the cause with where the symptom shows",))
    return Reply(
        tuple(
            plainly(f"From {hop.cause} to {hop.effect}, along a call that was observed.", (*hop.calls, *hop.anomalies))
            for hop in cause.chain
        )
    )


def _dated(findings: Sequence[Finding]) -> list[Finding]:
    return [one for one in findings if one.onset is not None]


def _at(cause: Hypothesis) -> list[Finding]:
    return [one for one in cause.support if one.onset == cause.onset] or list(cause.support)
