"""The answer as a value: statements with the spans they rest on, and what is known about its limits."""

from dataclasses import dataclass
from enum import StrEnum

from api.retrieval.search import Hit
from ingest.knowledge.passages import StoredPassage
from ingest.knowledge.spans import Span


class Outcome(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
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

    A command keeps its line breaks. `number` is a step's own number, `header` the columns of a row.
    """

    text: str
    kind: StatementKind
    citations: tuple[Citation, ...]
    number: int | None = None
    depth: int = 0
    language: str | None = None
    header: str | None = None
    destructive: str | None = None


@dataclass(frozen=True, slots=True)
class Confidence:
    """How far to trust an answer, in words; `value` stays None until a calibration was fitted."""

    words: str
    reasons: tuple[str, ...] = ()
    value: float | None = None


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
