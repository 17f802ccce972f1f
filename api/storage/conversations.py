"""Conversations in the database: each turn with its answer as it was given, in the order in which they were kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api.errors import NotFound
from api.schemas.conversations import ConversationPage, ConversationSummary
from api.storage.conversation_tables import conversation_table, turn_table
from api.storage.database import Database
from ingest.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

MAX_ANSWER_CHARACTERS = 1_000_000
"""Longest answer that is kept, as JSON; one of 40 statements has about 60,000."""

MAX_TURNS = 200
"""Most turns of one conversation."""

_TITLE = 120  # characters
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_AT_ONCE = 500  # ids in one statement; SQLite takes so many


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A turn as it is kept; `answer` and `filters` are JSON, `drawn_from` the ids of documents in `asked_as`."""

    answer_id: str
    asked_at: datetime
    question: str
    asked_as: str
    drawn_from: tuple[str, ...]
    filters: str
    generation: int
    answer: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class FoundTurn:
    """A turn with the conversation that it belongs to."""

    conversation: ConversationSummary
    turn: TurnRow


class ConversationTable:
    """Keep conversations in a database; its methods raise StorageFailed where that cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, conversation_id: str, turn: TurnRow, *, starts: bool = False) -> int:
        """Keep a turn at the end of its conversation, or as the one that starts it; return its position.

        Of several at once each gets a position of its own. Raises UsageError where the conversation is full or the
        answer too large, NotFound where the conversation was deleted in the meantime.
        """
        if len(turn.answer) > MAX_ANSWER_CHARACTERS:
            raise UsageError(
                f"the answer has {len(turn.answer):,} characters and is not kept; at most {MAX_ANSWER_CHARACTERS:,} are"
            )
        with self._database.transaction() as connection:
            if starts:
                connection.execute(conversation_table().insert().values(_first_values(conversation_id, turn)))
            position = 1 + _held_turns(connection, conversation_id)
            if position > MAX_TURNS:
                raise UsageError(
                    f"conversation {conversation_id!r} has {MAX_TURNS} turns, which is the most; start a new one"
                )
            connection.execute(turn_table().insert().values(_values(conversation_id, turn, position)))
            table = conversation_table()
            changed = {"turns": position, "updated_at": turn.asked_at}
            connection.execute(table.update().where(table.c.id == conversation_id).values(changed))
        return position

    def page(self, *, offset: int, limit: int) -> ConversationPage:
        """Return conversations, the one that was added to last first."""
        from sqlalchemy import func, select

        table = conversation_table()
        newest = select(table).order_by(table.c.updated_at.desc(), table.c.id).offset(offset).limit(limit)
        with self._database.transaction() as connection:
            total = connection.execute(select(func.count()).select_from(table)).scalar_one()
            rows = connection.execute(newest).all()
        return ConversationPage(conversations=[_summary(row) for row in rows], total=total, offset=offset, limit=limit)

    def summary(self, conversation_id: str) -> ConversationSummary:
        """Return one conversation without its turns; raises NotFound."""
        table = conversation_table()
        with self._database.transaction() as connection:
            wanted = table.select().where(table.c.id == _searchable(conversation_id))
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise _no_conversation(conversation_id)
        return _summary(row)

    def turns(self, conversation_id: str, *, offset: int, limit: int) -> list[TurnRow]:
        """Return turns of a conversation, oldest first."""
        table = turn_table()
        wanted = table.select().where(table.c.conversation_id == conversation_id).order_by(table.c.position)
        with self._database.transaction() as connection:
            return [_turn(row) for row in connection.execute(wanted.offset(offset).limit(limit))]

    def latest(self, conversation_id: str, count: int) -> list[TurnRow]:
        """Return the last turns of a conversation, oldest first."""
        table = turn_table()
        wanted = table.select().where(table.c.conversation_id == conversation_id).order_by(table.c.position.desc())
        with self._database.transaction() as connection:
            return [_turn(row) for row in connection.execute(wanted.limit(count))][::-1]

    def answer(self, answer_id: str) -> FoundTurn:
        """Return one turn by the id of its answer; raises NotFound."""
        table = turn_table()
        with self._database.transaction() as connection:
            row = connection.execute(table.select().where(table.c.answer_id == _searchable(answer_id))).one_or_none()
        if row is None:
            raise NotFound(
                f"no answer has the id {_short(answer_id)!r}; it was deleted or never kept; list conversations with "
                "GET /v1/conversations"
            )
        return FoundTurn(self.summary(row.conversation_id), _turn(row))

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with its turns; raises NotFound."""
        self.summary(conversation_id)
        with self._database.transaction() as connection:
            _delete(connection, [conversation_id])

    def purge(self, before: datetime) -> int:
        """Delete the conversations that nothing was added to since `before`; return how many."""
        from sqlalchemy import select

        table = conversation_table()
        with self._database.transaction() as connection:
            old = list(connection.execute(select(table.c.id).where(table.c.updated_at < before)).scalars())
            for start in range(0, len(old), _AT_ONCE):
                _delete(connection, old[start : start + _AT_ONCE])
        return len(old)


def _held_turns(connection: "Connection", conversation_id: str) -> int:
    """Take a conversation for this transaction and return how many turns it has.

    SQLite takes its lock for the whole transaction; PostgreSQL locks the row.
    """
    table = conversation_table()
    held = table.select().where(table.c.id == conversation_id).with_for_update()
    row = connection.execute(held).one_or_none()
    if row is None:
        raise _no_conversation(conversation_id)
    return int(row.turns)


def _delete(connection: "Connection", ids: Sequence[str]) -> None:
    """Delete conversations with their turns; they are locked first, so that none gets another turn meanwhile."""
    turns, table = turn_table(), conversation_table()
    connection.execute(table.select().where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update()).all()
    connection.execute(turns.delete().where(turns.c.conversation_id.in_(ids)))
    connection.execute(table.delete().where(table.c.id.in_(ids)))


def _first_values(conversation_id: str, turn: TurnRow) -> dict[str, Any]:
    return {
        "id": conversation_id,
        "title": _title(turn.question),
        "created_at": turn.asked_at,
        "updated_at": turn.asked_at,
        "turns": 0,
    }


def _values(conversation_id: str, turn: TurnRow, position: int) -> dict[str, Any]:
    return {
        "answer_id": turn.answer_id,
        "conversation_id": conversation_id,
        "position": position,
        "asked_at": turn.asked_at,
        "question": _plain(turn.question),
        "asked_as": _plain(turn.asked_as),
        "drawn_from": " ".join(turn.drawn_from),
        "filters": turn.filters,
        "generation": turn.generation,
        "answer": turn.answer,
    }


def _turn(row: "Row[Any]") -> TurnRow:
    return TurnRow(
        answer_id=row.answer_id,
        asked_at=_utc(row.asked_at),
        question=row.question,
        asked_as=row.asked_as,
        drawn_from=tuple(row.drawn_from.split()),
        filters=row.filters,
        generation=row.generation,
        answer=row.answer,
        position=row.position,
    )


def _summary(row: "Row[Any]") -> ConversationSummary:
    created, updated = _utc(row.created_at), _utc(row.updated_at)
    return ConversationSummary(id=row.id, title=row.title, created_at=created, updated_at=updated, turns=row.turns)


def _utc(moment: datetime) -> datetime:
    """Return a moment with the zone that SQLite does not keep."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _title(question: str) -> str:
    words = " ".join(_plain(question).split())
    return words if len(words) <= _TITLE else f"{words[: _TITLE - 1].rstrip()}…"


def _plain(text: str) -> str:
    return text.replace("\x00", " ")  # PostgreSQL keeps no NUL in text


def _searchable(name: str) -> str:
    """Return an id as one can look for it; "" stands for what cannot be one, such as half a character."""
    return name if _ID.fullmatch(name) else ""


def _short(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:80]}…"


def _no_conversation(conversation_id: str) -> NotFound:
    return NotFound(
        f"no conversation has the id {_short(conversation_id)!r}: it was deleted or never kept; list them with "
        "GET /v1/conversations"
    )
