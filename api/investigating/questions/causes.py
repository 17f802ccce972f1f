"""What an investigation says of the cause, of other candidates, and of what was ruled out."""

from collections.abc import Mapping, Sequence

from api.investigating.questions.asked import Asked
from api.investigating.questions.components import about_component
from api.investigating.questions.evidence import (
    Reply,
    joined,
    plainly,
    said,
    sentence,
    standing,
    told,
)
from api.investigation.findings import Finding
from api.investigation.investigations import Investigation
from api.investigation.verdicts import VerdictState
from api.schemas.investigation_questions import IncidentStatement, Topic

_MOST = 5


def about_cause(_asked: Asked, found: Investigation) -> Reply:
    """Return the cause that the verdict names, settled or not."""
    verdict = found.verdict
    if verdict.state is VerdictState.NOTHING_WRONG:
        return Reply((plainly("Nothing unusual shows in this window, so no cause is named."),))
    if verdict.cause is None:
        return Reply(missing=("no component stands out, so no cause can be named", *_reasons(found)))
    cause = verdict.cause
    named = f"{cause.component}: {cause.kind.meaning}"
    if verdict.state is VerdictState.INCONCLUSIVE:
        first = said(f"No cause is settled. First candidate: {sentence(cause.mechanism or named)}", cause.support)
        return Reply((first, *map(told, cause.support[:3])), _reasons(found))
    settled = "Confirmed" if verdict.state is VerdictState.CONFIRMED else "Likely"
    first = said(f"{settled} cause: {sentence(cause.mechanism or named)}", cause.support)
    return Reply((first, *map(told, cause.support[:3])))


def about_suspects(asked: Asked, found: Investigation) -> Reply:
    """Return whether the components that are named are at fault."""
    if not asked.components:
        return about_cause(asked, found)
    return joined([about_suspect(component, found) for component in asked.components])


def about_suspect(component: str, found: Investigation) -> Reply:
    """Return whether a component is at fault: the cause, ruled out, or a candidate."""
    cause = found.verdict.cause
    if cause is not None and cause.component == component:
        return about_cause(Asked(Topic.CAUSE), found)
    ruled = _exclusions(component, found)
    if ruled:
        return Reply(tuple(ruled))
    number, other = next(
        ((n, one) for n, one in enumerate(found.hypotheses, 1) if one.component == component), (0, None)
    )
    if other is not None:
        ahead = f"; {cause.component} is ahead of it" if cause else ""
        text = f"{component} is candidate {number} of {len(found.hypotheses)}, not the one the verdict names{ahead}."
        return Reply((said(text, other.support), *map(told, other.support[:2])))
    return about_component(component, found, frozenset())


def about_exclusions(asked: Asked, found: Investigation) -> Reply:
    """Return what was ruled out and why."""
    if asked.components:
        lines = [line for one in asked.components for line in _exclusions(one, found)]
        if not lines:
            return joined([about_suspect(one, found) for one in asked.components])
        return Reply(tuple(lines))
    if not found.ruled_out:
        return Reply(missing=("nothing was ruled out in this investigation",))
    known = _by_id(found)
    lines = [
        said(f"{one.component} ({one.kind.meaning}): {one.reason}", [known[i] for i in one.findings if i in known])
        for one in found.ruled_out[:_MOST]
    ]
    left = found.ruled_out[_MOST:]
    rest = (
        [plainly(f"{len(left)} more were ruled out: {', '.join(one.component for one in left[:40])}.")] if left else []
    )
    return Reply((*lines, *rest))


def _exclusions(component: str, found: Investigation) -> list[IncidentStatement]:
    known = _by_id(found)
    return [
        said(
            f"{one.component} was ruled out as the cause ({one.kind.meaning}): {one.reason}",
            [known[i] for i in one.findings if i in known],
        )
        for one in found.ruled_out
        if one.component == component
    ][:_MOST]


def evidence_for(asked: Asked, found: Investigation) -> Reply:
    """Return what speaks for and against the cause, or another candidate."""
    chosen = next((one for one in found.hypotheses if one.component in asked.components), None)
    cause = chosen or (None if asked.components else found.verdict.cause)
    if cause is None:
        return (
            joined([about_suspect(one, found) for one in asked.components])
            if asked.components
            else about_cause(asked, found)
        )
    lines = [told(one) for one in cause.support[:_MOST]]
    lines += [said(f"Against it: {one.claim}", [one]) for one in cause.against[:3]]
    return Reply(tuple(lines), _reasons(found) if cause is found.verdict.cause else ())


def about_certainty(_asked: Asked, found: Investigation) -> Reply:
    """Return how far the verdict is settled and why not further."""
    verdict = found.verdict
    named = f" for {verdict.cause.component}" if verdict.cause else ""
    by = f", confirmed by {verdict.decided_by}" if verdict.decided_by else ""
    state = verdict.state.value.replace("_", " ")
    lines = [said(f"The verdict is {state}{named}{by}.", verdict.cause.support if verdict.cause else ())]
    if verdict.component_right is not None:
        text = (
            f"The probability that {verdict.cause.component if verdict.cause else 'the first'} is the right component"
        )
        lines.append(plainly(f"{text} is {verdict.component_right:.0%}, by the calibration that the result names."))
    lines += [plainly(sentence(one.reason), _resting(one.rests_on, found)) for one in verdict.objections[:_MOST]]
    return Reply(tuple(lines))


def _reasons(found: Investigation) -> tuple[str, ...]:
    return tuple(one.reason for one in found.verdict.objections[:3])


def _by_id(found: Investigation) -> Mapping[str, Finding]:
    return {one.id: one for one in standing(found)}


def _resting(ids: Sequence[str], found: Investigation) -> list[str]:
    known = _by_id(found)
    return [one for i in ids if i in known for one in known[i].observations]
