"""Conversations as they are kept: a question read in its thread, its answer stored, old answers opened with care."""

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from pydantic_core import PydanticSerializationError

from api.conversations.followups import read_followup
from api.conversations.thread import RECENT, EarlierTurn, Reading
from api.errors import NotFound, UsageError
from api.exports.files import exported
from api.schemas.answers import Answer, AskRequest
from api.schemas.conversations import (
    Conversation,
    ConversationPage,
    ConversationSummary,
    ExportedConversation,
    ExportFormat,
    StoredAnswer,
)
from api.storage.conversations import MAX_TURNS, FoundTurn, TurnRow
from api.stored_turns import Knowledge, ShownNow, earlier_turn, turn_of
from ingest.errors import StorageFailed

_BETWEEN_PURGES = timedelta(hours=1)

_log = logging.getLogger(__name__)


class ConversationStore(Protocol):
    """Where conversations are kept; its methods raise StorageFailed."""

    def append(self, conversation_id: str, turn: TurnRow, *, starts: bool = False) -> int:
        """Keep a turn at the end of its conversation; return its position."""

    def page(self, *, offset: int, limit: int) -> ConversationPage:
        """Return conversations, the one that was added to last first."""

    def summary(self, conversation_id: str) -> ConversationSummary:
        """Return one conversation without its turns; raises NotFound."""

    def turns(self, conversation_id: str, *, offset: int, limit: int) -> list[TurnRow]:
        """Return turns of a conversation, oldest first."""

    def latest(self, conversation_id: str, count: int) -> list[TurnRow]:
        """Return the last turns of a conversation, oldest first."""

    def answer(self, answer_id: str) -> FoundTurn:
        """Return one turn by the id of its answer; raises NotFound."""

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with its turns; raises NotFound."""

    def purge(self, before: datetime) -> int:
        """Delete the conversations that nothing was added to since `before`."""


class FollowupReader(Protocol):
    """What words follow-ups better than the deterministic reading, if it can."""

    def read(self, turns: Sequence[EarlierTurn], question: str, plain: Reading) -> Reading:
        """Return a better reading, or `plain`."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is to be searched for, and where its answer is to be kept.

    `conversation_id` is None where nothing is kept; `starts` says that the conversation begins with this question.
    `warnings` go into the answer. `investigation_id` is the investigation that the turn before was about.
    """

    request: AskRequest
    reading: Reading
    conversation_id: str | None
    starts: bool
    warnings: tuple[str, ...] = ()
    investigation_id: str | None = None

    @property
    def question(self) -> str:
        """The question to search for."""
        return self.reading.understood


class Conversations:
    """Conversations of one API; safe to use from many threads. `keep_days` of 0 keeps none."""

    def __init__(
        self,
        store: ConversationStore,
        knowledge: Knowledge,
        *,
        keep_days: int = 90,
        reader: FollowupReader | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._shown, self._reader = store, ShownNow(knowledge), reader
        self._keep_days, self._clock = keep_days, clock
        self._guard = threading.Lock()
        self._purged_at: datetime | None = None

    def begin_or_resume(self, request: AskRequest) -> Understood:
        """Return how a question is to be understood; raises NotFound for an unknown conversation.

        Where the database cannot be read, the question is taken as written, with a warning.
        """
        if request.conversation_id is None:
            return self._begun(request, Reading(request.question, "", "it starts a conversation"))
        if not self._keep_days:
            raise NotFound(
                f"no conversation has the id {request.conversation_id[:80]!r}: conversations are not kept here "
                "(GROUNDWATCH_CONVERSATION_DAYS is 0); ask without conversation_id"
            )
        try:
            return self._resumed(request, request.conversation_id)
        except StorageFailed as error:
            warning = f"the earlier questions cannot be read now, so this one was taken as written: {error}"
            return Understood(request, Reading(request.question, "", warning), None, False, (warning,))

    def keep(self, understood: Understood, answer: Answer) -> Answer:
        """Store an answer and return it with its conversation; where it cannot be stored, it says so in a warning."""
        given = answer.model_copy(
            update={
                "question": understood.request.question,
                "asked_as": understood.reading.asked_as,
                "conversation_id": understood.conversation_id,
                "warnings": [*answer.warnings, *understood.warnings],
            }
        )
        if understood.conversation_id is None:
            return given
        try:
            self._store.append(understood.conversation_id, self._row_of(understood, given), starts=understood.starts)
        except (StorageFailed, UsageError, NotFound, PydanticSerializationError) as error:
            said = "it holds what is no text" if isinstance(error, PydanticSerializationError) else str(error)
            warning = f"this answer is not kept and has no link: {said}"
            return given.model_copy(update={"conversation_id": None, "warnings": [*given.warnings, warning]})
        self._purge_if_due()
        return given

    def page(self, *, offset: int, limit: int) -> ConversationPage:
        """Return conversations, the one that was added to last first."""
        self._purge_if_due()
        return self._store.page(offset=offset, limit=limit)

    def conversation(self, conversation_id: str, *, offset: int, limit: int) -> Conversation:
        """Return a conversation with some of its turns, oldest first; raises NotFound."""
        summary = self._store.summary(conversation_id)
        rows = self._store.turns(conversation_id, offset=offset, limit=limit)
        with self._shown.now() as shown:
            turns = [turn_of(row, shown) for row in rows]
        return Conversation(conversation=summary, turns=turns, offset=offset, limit=limit)

    def answer(self, answer_id: str) -> StoredAnswer:
        """Return one stored answer; raises NotFound."""
        found = self._store.answer(answer_id)
        with self._shown.now() as shown:
            return StoredAnswer(conversation=found.conversation, turn=turn_of(found.turn, shown))

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with its answers; raises NotFound."""
        self._store.delete(conversation_id)

    def export(self, conversation_id: str, format: ExportFormat) -> ExportedConversation:
        """Return a whole conversation as a file; raises NotFound."""
        return exported(self.conversation(conversation_id, offset=0, limit=MAX_TURNS), format)

    def _begun(self, request: AskRequest, reading: Reading, *warnings: str) -> Understood:
        fresh = uuid.uuid4().hex if self._keep_days else None
        return Understood(request, reading, fresh, True, warnings)

    def _resumed(self, request: AskRequest, conversation_id: str) -> Understood:
        summary = self._store.summary(conversation_id)
        rows = self._store.latest(conversation_id, RECENT)
        with self._shown.now() as shown:
            turns = [turn_of(row, shown) for row in rows]
        reading = self._read([earlier_turn(turn) for turn in turns], request.question)
        if summary.turns >= MAX_TURNS:
            full = f"the conversation has {MAX_TURNS} questions, which is the most; this one starts a new conversation"
            return self._begun(request, reading, full)
        last = turns[-1].answer.investigation if turns else None
        return Understood(request, reading, conversation_id, False, investigation_id=last.id if last else None)

    def _read(self, turns: Sequence[EarlierTurn], question: str) -> Reading:
        if turns and turns[-1].asked_as and _alike(turns[-1].question, question):
            return Reading(question, "", "it was asked again in the same words, so it is taken as written")
        plain = read_followup(turns, question)
        return self._reader.read(turns, question, plain) if self._reader else plain

    def _row_of(self, understood: Understood, answer: Answer) -> TurnRow:
        return TurnRow(
            answer_id=answer.id,
            asked_at=self._clock(),
            question=understood.request.question,
            asked_as=understood.reading.asked_as,
            drawn_from=understood.reading.documents,
            filters=understood.request.filters.model_dump_json(),
            generation=answer.generation,
            answer=answer.model_dump_json(),
        )

    def _purge_if_due(self) -> None:
        now = self._clock()
        with self._guard:
            if self._purged_at is not None and now - self._purged_at < _BETWEEN_PURGES:
                return
            self._purged_at = now
        try:
            purged = self._store.purge(now - timedelta(days=self._keep_days))
        except StorageFailed as error:
            _log.warning("old conversations wait to be deleted: %s", error)
            return
        if purged:
            _log.info("conversations=%d deleted days=%d", purged, self._keep_days)


def _alike(first: str, second: str) -> bool:
    return " ".join(first.split()).casefold() == " ".join(second.split()).casefold()
