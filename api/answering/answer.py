"""The answer as a value: statements with the spans they rest on, and what is known about its limits."""

from dataclasses import dataclass
from enum import StrEnum

from api.retrieval.search import Hit
from ingest.knowledge.passages import StoredPassage
from ingest.knowledge.spans import Span


class Outcome(StrEnum):
    """What became of a question, from the best to none at all.

    An answer with a caveat is most likely right, and what speaks against it stands beside it.
    """

    ANSWERED = "answered"
    CAVEAT = "answered_with_caveat"
    PARTIAL = "partial"
    CONFLICT = "conflict"
    ABSTAINED = "abstained"


class StatementKind(StrEnum):
    """What a statement is, and so how it is shown."""

    SENTENCE = "sentence"
    STEP = "step"
    ITEM = "item"
    COMMAND = "command"
    TABLE_ROW = "table_row"


@dataclass(frozen=True, slots=True)
class Citation:
    """A span of a stored passage: `quote == document.text[span.start:span.end]`."""

    stored: StoredPassage
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence, step, command or table row; its text is its first citation's quote, white space folded.

    A command keeps its line breaks. `number` is a step's own number, `header` the columns of a row. A statement
    that a language model wrote (`written`) says in other words what its citations say, and was checked by code.
    """

    text: str
    kind: StatementKind
    citations: tuple[Citation, ...]
    number: int | None = None
    depth: int = 0
    language: str | None = None
    header: str | None = None
    destructive: str | None = None
    written: bool = False


@dataclass(frozen=True, slots=True)
class CalibrationFacts:
    """What a confidence rests on: a model fitted on `n` labelled questions, and how well it does on unseen ones.

    `brier` is the mean squared error of its probabilities (Brier, 1950), `ece` the expected calibration error
    over ten bins of equal mass; `name` says whose questions, `fitted` on which day.
    """

    name: str
    n: int
    brier: float
    ece: float
    fitted: str


@dataclass(frozen=True, slots=True)
class Confidence:
    """How far to trust an answer, in words; `value` is the probability that the cited document is the right one.

    It stays None, with `calibration`, where no calibration fits the index being asked.
    """

    words: str
    reasons: tuple[str, ...] = ()
    value: float | None = None
    calibration: CalibrationFacts | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """A sentence of a language model that is not shown as fact, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Writing:
    """How a language model took part: which one, what it used, and what of its text was removed.

    `fallback` says why the extractive answer is given instead; empty where the model's text is shown. `cost` is
    in the currency of the configured prices, None where there are none.
    """

    model: str
    fallback: str
    removed: tuple[Removed, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer drawn from one generation of the index."""

    question: str
    outcome: Outcome
    reason: str
    statements: tuple[Statement, ...]
    confidence: Confidence
    missing: tuple[str, ...]
    nearest: tuple[Hit, ...]
    warnings: tuple[str, ...]
    writing: Writing | None = None
