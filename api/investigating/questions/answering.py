"""Answer a question about one incident: from what was observed first, and apart from that what documents advise."""

import re
from collections.abc import Callable, Sequence

from api.answering.answer import Outcome
from api.errors import GroundwatchError, UsageError
from api.investigating.questions.asked import Asked, read_question
from api.investigating.questions.evidence import Reply
from api.investigating.questions.replies import reply_to
from api.investigation.investigations import Investigation
from api.schemas.answers import Answer
from api.schemas.investigation_questions import (
    LONGEST_QUESTION,
    IncidentAdvice,
    IncidentAnswer,
    IncidentOutcome,
    Topic,
)

Knowledge = Callable[[str], Sequence[IncidentAdvice]]
"""Gives what documents advise on a question, nothing where they don't; may raise errors of api.errors."""

_MOST_ADVICE = 6
_FROM_DOCUMENTS = frozenset({Topic.ADVICE, Topic.OTHER, Topic.NEXT})
_TELLING = frozenset({Outcome.ANSWERED, Outcome.CAVEAT, Outcome.PARTIAL})
_IT = re.compile(r"\b(?:it|this|that)\b", re.IGNORECASE)


def no_documents(_question: str) -> Sequence[IncidentAdvice]:
    """Give no advice, where there are no documents to ask."""
    return ()


def answer_about(investigation: Investigation, question: str, knowledge: Knowledge = no_documents) -> IncidentAnswer:
    """Return what an investigation tells of a question; deterministic.

    Documents are asked where the question is about what to do, or where nothing observed answers it. What they say is
    in `guidance` and changes neither statements nor outcome. Raises UsageError for a question that is empty or too
    long.
    """
    text = question.strip()
    if not text or len(text) > LONGEST_QUESTION:
        raise UsageError(f"a question has 1 to {LONGEST_QUESTION:,} characters, and this one {len(text):,}")
    asked = read_question(text, investigation)
    reply = _replied(asked, investigation)
    guidance, problem = _advised(asked, text, investigation, knowledge, wanted=not reply.statements)
    missing = list(reply.missing)
    if not reply.statements and not missing:
        missing = [_not_understood(asked, guidance)]
    return IncidentAnswer(
        question=text,
        topic=asked.topic,
        components=list(asked.components),
        outcome=_outcome(reply),
        statements=list(reply.statements),
        missing=[*missing, *problem],
        guidance=list(guidance),
    )


def advice_of(answer: Answer) -> list[IncidentAdvice]:
    """Return the statements of an answer from documents as advice; none where it abstained or its sources disagree."""
    if answer.outcome not in _TELLING:
        return []
    return [
        IncidentAdvice(
            text=statement.text,
            document_id=place.document_id,
            source=place.source,
            path=place.path,
            title=place.title,
            line_start=place.line_start,
            line_end=place.line_end,
            url=place.url,
        )
        for statement in answer.statements
        for place in statement.citations[:1]
    ]


def _replied(asked: Asked, investigation: Investigation) -> Reply:
    if asked.topic is Topic.ADVICE:
        return Reply()
    if asked.unclear:
        return Reply(missing=(f"several components may be meant: {', '.join(asked.unclear)}; name one of them",))
    if asked.stranger:
        return Reply(
            missing=(
                f"this investigation has seen nothing that is called {asked.stranger!r}; name a component as it is "
                "called there, or start an investigation that asks about it",
            )
        )
    return reply_to(asked, investigation)


def _outcome(reply: Reply) -> IncidentOutcome:
    if not reply.statements:
        return IncidentOutcome.ABSTAINED
    return IncidentOutcome.PARTIAL if reply.missing else IncidentOutcome.ANSWERED


def _advised(
    asked: Asked, question: str, investigation: Investigation, knowledge: Knowledge, *, wanted: bool
) -> tuple[Sequence[IncidentAdvice], list[str]]:
    if not wanted and asked.topic not in _FROM_DOCUMENTS:
        return (), []
    cause = investigation.verdict.cause
    if cause is not None and not asked.components and _IT.search(question):
        question = f"{question} ({cause.component})"
    try:
        return knowledge(question)[:_MOST_ADVICE], []
    except GroundwatchError as error:  # what was observed is still told
        return (), [f"the documents can't be asked: {error}"]


def _not_understood(asked: Asked, guidance: Sequence[IncidentAdvice]) -> str:
    if asked.topic is Topic.ADVICE:
        return "what was observed does not tell what to do" + ("" if guidance else ", and no document does")
    return (
        "nothing observed answers this; ask for the cause, when it began, what changed, what was ruled out, what is "
        "affected, the logs of a component, or what is missing"
    )
