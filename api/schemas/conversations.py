"""Conversations on the wire: their questions with the answers as they were given, and what has changed since."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from api.schemas.answers import Answer
from api.schemas.places import Filters, Wire


class SinceThen(StrEnum):
    """What became of a cited document after the answer was given."""

    EDITED = "edited"
    CHANGED = "changed"
    GONE = "gone"


class StaleDocument(Wire):
    """A cited document that is not what it was: `edited` with the cited words still in it, `changed`, or `gone`.

    A document is `gone` where it was removed, or where this API may not show it; its id, title and quotes are then
    withheld, and `title` is empty.
    """

    state: SinceThen
    document_id: str = ""
    title: str = ""


class Turn(Wire):
    """One question of a conversation with its answer as of `asked_at`.

    `answer.asked_as` says how a follow-up was understood. `stale` names what has changed since; where it holds
    something that is gone, the words taken from it are withheld from `answer`.
    """

    position: int = Field(description="Place in its conversation, from 1.")
    asked_at: datetime
    question: str
    filters: Filters
    answer: Answer
    stale: list[StaleDocument] = []


class ConversationSummary(Wire):
    """A conversation in a list; `title` is its first question, shortened."""

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    turns: int


class ConversationPage(Wire):
    """Conversations, the one that was added to last first."""

    conversations: list[ConversationSummary]
    total: int
    offset: int
    limit: int


class Conversation(Wire):
    """A conversation with some of its turns, oldest first; `conversation.turns` counts them all."""

    conversation: ConversationSummary
    turns: list[Turn]
    offset: int
    limit: int


class StoredAnswer(Wire):
    """One stored answer by its id, with the conversation that it belongs to."""

    conversation: ConversationSummary
    turn: Turn


ExportFormat = Literal["markdown", "html", "json"]


class ExportedConversation(Wire):
    """A whole conversation as a file."""

    file_name: str
    media_type: str
    text: str
