"""Questions and answers on the wire, whole and as a stream of events."""

from typing import Annotated, Literal

from pydantic import Field

from api.answering.answer import Outcome, StatementKind
from api.schemas.investigation_questions import InvestigationTurn
from api.schemas.places import Filters, Place, Wire
from api.schemas.search import SearchHit


class AskRequest(Wire):
    """A question in plain words, or the text of an alert."""

    question: str = Field(examples=["What do I do when PgDiskAlmostFull fires?"])
    filters: Filters = Filters()
    conversation_id: str | None = Field(
        None, description="The conversation that the question belongs to: it is then understood as a follow-up."
    )
    writer: Literal["auto", "none"] = Field(
        "auto", description='"none" asks for the words of the documents even where a language model is configured.'
    )
    investigations: Literal["auto", "none"] = Field(
        "none", description='"auto" lets a question that plainly asks for it start an investigation, or read one.'
    )
    investigation_id: str | None = Field(
        None, max_length=64, description="The investigation that the question before was about, where that is not kept."
    )


class Citation(Place):
    """The exact span that a statement rests on; `number` is the same for the same passage in one answer."""

    number: int


class Statement(Wire):
    """One sentence, step, command or table row of an answer, verbatim from its first citation.

    `number` is the step's own number, `depth` its nesting, `language` that of a command, `header` the
    column line of a table row, `destructive` says what a command destroys. `written` says that a language model
    put it into other words, and that code checked them against the citations.
    """

    text: str
    kind: StatementKind
    citations: list[Citation]
    number: int | None = None
    depth: int = 0
    language: str | None = None
    header: str | None = None
    destructive: str | None = None
    written: bool = False


class CalibrationFacts(Wire):
    """What a confidence rests on: `n` labelled questions; `brier` and `ece` (ten bins of equal mass) on unseen ones."""

    name: str
    n: int
    brier: float
    ece: float
    fitted: str


class Confidence(Wire):
    """How far to trust an answer: words always, a number only from a fitted calibration.

    `value` is the probability that the cited document is the right one.
    """

    words: Literal["high", "moderate", "low", "none"]
    value: float | None = None
    reasons: list[str] = []
    calibration: CalibrationFacts | None = None


class Removed(Wire):
    """A sentence of a language model that is not shown as fact, and why."""

    text: str
    reason: str


class Writing(Wire):
    """How a language model took part; `fallback` says why its text is not shown, empty where it is."""

    model: str
    fallback: str
    removed: list[Removed]
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    seconds: float


class Answer(Wire):
    """An answer with everything a reader needs to check it.

    `reason` says why the outcome is what it is; `missing` names what the question asks for and the
    evidence lacks; `nearest` are the closest passages where the answer is partial or abstains.
    """

    id: str
    question: str
    asked_as: str = Field("", description="The question as it was searched for, where it was a follow-up; else empty.")
    conversation_id: str | None = None
    outcome: Outcome
    reason: str
    statements: list[Statement]
    confidence: Confidence
    missing: list[str]
    nearest: list[SearchHit]
    warnings: list[str]
    writing: Writing | None = None
    investigation: InvestigationTurn | None = Field(
        None, description="An investigation that the question asked for or about; no document is answered from then."
    )
    generation: int
    took_ms: float


class EvidenceEvent(Wire):
    """First event of a stream: what the answer will be drawn from."""

    event: Literal["evidence"] = "evidence"
    hits: list[SearchHit]


class StatementEvent(Wire):
    """One statement, in the order of the answer."""

    event: Literal["statement"] = "statement"
    statement: Statement


class AnswerEvent(Wire):
    """Last event of a stream: the whole answer."""

    event: Literal["answer"] = "answer"
    answer: Answer


class ErrorEvent(Wire):
    """Last event of a stream that failed half-way."""

    event: Literal["error"] = "error"
    title: str
    detail: str


AskEvent = Annotated[EvidenceEvent | StatementEvent | AnswerEvent | ErrorEvent, Field(discriminator="event")]
