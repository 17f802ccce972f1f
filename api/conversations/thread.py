"""What is known of the earlier turns of a conversation, and how its next question was read."""

from collections.abc import Sequence
from dataclasses import dataclass

RECENT = 6
"""Turns that a question can refer back to; what was said earlier is no longer what "it" means."""


@dataclass(frozen=True, slots=True)
class CitedDocument:
    """A document that an answer cited."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A numbered step that an answer showed."""

    number: int
    text: str
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class EarlierTurn:
    """One turn: its question as written, as it was asked where it was a follow-up, and what its answer showed."""

    question: str
    asked_as: str = ""
    cited: tuple[CitedDocument, ...] = ()
    steps: tuple[ShownStep, ...] = ()

    @property
    def understood(self) -> str:
        """The question as it was searched for."""
        return self.asked_as or self.question


@dataclass(frozen=True, slots=True)
class Reading:
    """How a question is read: `asked_as` is empty where it stands alone; `reason` says why, for a person.

    `documents` are the ids of documents whose words (a title, a step) stand in `asked_as`. `writer` names the
    language model that worded it, and is empty where none did.
    """

    question: str
    asked_as: str
    reason: str
    documents: tuple[str, ...] = ()
    writer: str = ""

    @property
    def understood(self) -> str:
        """The question to search for."""
        return self.asked_as or self.question


def recent(turns: Sequence[EarlierTurn]) -> tuple[EarlierTurn, ...]:
    """Return the turns that can be referred to, the newest first."""
    return tuple(reversed(turns[-RECENT:]))
