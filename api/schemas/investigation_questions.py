"""Questions about one investigation and their answers on the wire: what was observed, and apart from it what documents
advise."""

from enum import StrEnum

from pydantic import Field

from api.schemas.investigations import Words
from api.schemas.places import Wire

LONGEST_QUESTION = 2_000


class Topic(StrEnum):
    """What a question about an incident is about; OTHER where that was not understood."""

    CAUSE = "cause"
    SUSPECT = "suspect"
    ONSET = "onset"
    CHANGED = "changed"
    RULED_OUT = "ruled_out"
    LOGS = "logs"
    AFFECTED = "affected"
    SPREAD = "spread"
    EVIDENCE = "evidence"
    CERTAINTY = "certainty"
    GAPS = "gaps"
    NEXT = "next"
    COMPONENT = "component"
    ADVICE = "advice"
    OTHER = "other"


class IncidentOutcome(StrEnum):
    """How far a question was answered from what was observed of the incident; documents never raise it."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    ABSTAINED = "abstained"


class IncidentQuestion(Wire):
    """A question about one investigation."""

    question: Words = Field(min_length=1, max_length=LONGEST_QUESTION, examples=["When did it begin?"])
    who: Words = Field("", max_length=200, description="Your name, for the others.")


class IncidentStatement(Wire):
    """One sentence about the incident, with the ids of the observations that show it.

    Where there are none, it tells how the investigation was done or how far it is settled. Words of telemetry in it
    were written by others.
    """

    text: Words
    observations: list[Words]
    findings: list[Words] = []


class IncidentAdvice(Wire):
    """One sentence of a document: where to look or what to do, never evidence of what happened."""

    text: Words
    document_id: Words
    source: Words
    path: Words
    title: Words
    line_start: int
    line_end: int
    url: Words | None = None


class IncidentAnswer(Wire):
    """An answer about one incident; `missing` says what could not be told and how to find out.

    `components` are those that the question was understood to name.
    """

    question: Words
    topic: Topic
    components: list[Words]
    outcome: IncidentOutcome
    statements: list[IncidentStatement]
    missing: list[Words]
    guidance: list[IncidentAdvice]


class InvestigationTurn(Wire):
    """What an answer in a conversation tells of an investigation, in place of statements of documents.

    `id` is None where none was begun, as when a question has to be answered first. `link` is its path at the API.
    """

    id: Words | None = None
    link: Words = ""
    incident_id: Words | None = None
    state: Words = Field("", description="queued, running, done, failed, cancelled or interrupted.")
    verdict: Words = ""
    component: Words = ""
    statements: list[IncidentStatement] = []
