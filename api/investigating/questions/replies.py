"""What an investigation says to each kind of question, from its own findings, observations and gaps."""

from collections.abc import Callable, Mapping

from api.investigating.questions.asked import Asked
from api.investigating.questions.causes import (
    about_cause,
    about_certainty,
    about_exclusions,
    about_suspects,
    evidence_for,
)
from api.investigating.questions.components import about_components
from api.investigating.questions.course import about_affected, about_changes, about_logs, about_onset, about_spread
from api.investigating.questions.evidence import Reply, plainly, sentence
from api.investigation.investigations import Investigation
from api.schemas.investigation_questions import Topic

_MOST = 5


def reply_to(asked: Asked, investigation: Investigation) -> Reply:
    """Return what an investigation says to a question that names at most components that it knows."""
    reply = _REPLIES.get(asked.topic)
    return reply(asked, investigation) if reply else Reply()


def _gaps(_asked: Asked, found: Investigation) -> Reply:
    if not found.gaps:
        return Reply((plainly("Nothing that was asked for is missing."),))
    lines = [plainly(f"{one.detail}; {one.next_step}" if one.next_step else one.detail) for one in found.gaps[:_MOST]]
    more = len(found.gaps) - len(lines)
    return Reply((*lines, *([plainly(f"There are {more} more gaps.")] if more else [])))


def _next(_asked: Asked, found: Investigation) -> Reply:
    deciding = found.verdict.deciding
    if deciding is None:
        return Reply(missing=("the investigation names nothing that would settle it further",))
    outcomes = f"If so: {sentence(deciding.if_so)} If not: {sentence(deciding.if_not)}"
    return Reply((plainly(f"Look at {deciding.source}: {sentence(deciding.text)}"), plainly(outcomes)))


_REPLIES: Mapping[Topic, Callable[[Asked, Investigation], Reply]] = {
    Topic.CAUSE: about_cause,
    Topic.SUSPECT: about_suspects,
    Topic.ONSET: about_onset,
    Topic.CHANGED: about_changes,
    Topic.RULED_OUT: about_exclusions,
    Topic.LOGS: about_logs,
    Topic.AFFECTED: about_affected,
    Topic.SPREAD: about_spread,
    Topic.EVIDENCE: evidence_for,
    Topic.CERTAINTY: about_certainty,
    Topic.GAPS: _gaps,
    Topic.NEXT: _next,
    Topic.COMPONENT: about_components,
}
