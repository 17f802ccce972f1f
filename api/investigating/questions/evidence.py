"""The findings of an investigation as answers use them: those that stand, the strongest first, as statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.investigation.findings import Direction, Finding
from api.investigation.investigations import Investigation
from api.investigation.observations import SourceClass
from api.schemas.investigation_questions import IncidentStatement

_MOST_OBSERVATIONS = 6
_MOST_FINDINGS = 5


@dataclass(frozen=True, slots=True)
class Reply:
    """What can be said, and what can't and why."""

    statements: tuple[IncidentStatement, ...] = ()
    missing: tuple[str, ...] = ()


def standing(investigation: Investigation) -> list[Finding]:
    """Return the findings that nobody rejected."""
    rejected = set(investigation.rejected)
    return [one for one in investigation.findings if one.id not in rejected]


def moved(investigation: Investigation, component: str | None = None) -> list[Finding]:
    """Return what moved, the strongest first; of one component where it is given."""
    found = [
        one
        for one in standing(investigation)
        if one.direction is not Direction.STEADY and (component is None or component in (one.component, one.peer))
    ]
    return sorted(found, key=lambda one: (component is not None and one.component != component, -one.score, one.id))


def steady(investigation: Investigation, component: str) -> list[Finding]:
    """Return what was looked at of a component and is as always."""
    return [one for one in standing(investigation) if one.component == component and one.direction is Direction.STEADY]


def told(finding: Finding) -> IncidentStatement:
    """Return a finding as a statement."""
    return said(finding.claim, [finding])


def said(text: str, findings: Iterable[Finding], observations: Sequence[str] = ()) -> IncidentStatement:
    """Return a statement that rests on findings, and on observations of its own."""
    resting = list(findings)
    shown = dict.fromkeys((*observations, *(one for finding in resting for one in finding.observations)))
    return IncidentStatement(
        text=text, observations=list(shown)[:_MOST_OBSERVATIONS], findings=[one.id for one in resting]
    )


def plainly(text: str, observations: Sequence[str] = ()) -> IncidentStatement:
    """Return a statement that rests on no finding."""
    return said(text, (), observations)


def lacking(investigation: Investigation, source: SourceClass, component: str | None = None) -> list[str]:
    """Return why a class of source tells nothing, of a component or at all, each with what to do."""
    return [
        f"{gap.detail}; {gap.next_step}" if gap.next_step else gap.detail
        for gap in investigation.gaps
        if gap.source is source and (gap.component is None or component is None or gap.component == component)
    ]


def joined(replies: Sequence[Reply]) -> Reply:
    """Return several replies as one, nothing of it twice."""
    lines = {one.text: one for reply in replies for one in reply.statements}
    missing = dict.fromkeys(one for reply in replies for one in reply.missing)
    return Reply(tuple(lines.values()), tuple(missing))


def joined_text(text: str, findings: Sequence[Finding]) -> Reply:
    """Return a sentence with the findings that it rests on, the first of them told too."""
    return Reply((said(text, findings[:_MOST_FINDINGS]), *map(told, findings[:3])))


def sentence(text: str) -> str:
    """Return a text with its full stop."""
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
