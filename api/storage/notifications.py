"""The outbox in the database: messages put in once, taken by one sender at a time, and kept with what came of them."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from api.errors import NotFound, UsageError
from api.notifications.events import Event, EventKind, message_id
from api.schemas.notifications import Notification, NotificationState
from api.storage.database import Database
from api.storage.investigations import plain, utc
from api.storage.notification_tables import notification_table

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Due:
    """A message that this sender holds; `claim` proves that it does.

    `attempts` counts this try too, since it was put in or asked for again; `again` says whether there were others ever.
    """

    id: str
    event: Event
    attempts: int
    queued_at: datetime
    thread: str
    claim: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a try; `next_at` is set where it goes on waiting."""

    state: NotificationState
    told: str
    next_at: datetime | None = None
    thread: str = ""


class Outbox:
    """Keep messages; its methods raise StorageFailed where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, destination: str, now: datetime, hold: timedelta) -> Due | None:
        """Take the oldest message that is due; None where there is none.

        It is nobody else's for `hold`, and is due again if nothing is said of it by then: whether it arrived is not
        known in that case. Of several about one subject, the later wait for the earlier.
        """
        from sqlalchemy import and_, exists, or_, select

        table, earlier = notification_table(), notification_table().alias("earlier")
        waiting = NotificationState.WAITING.value
        before = exists().where(
            earlier.c.destination == table.c.destination,
            earlier.c.subject == table.c.subject,
            earlier.c.state == waiting,
            earlier.c.number < table.c.number,
        )
        free = or_(table.c.held_until.is_(None), table.c.held_until < now)
        wanted = (
            select(table)
            .where(and_(table.c.state == waiting, table.c.destination == destination, table.c.next_at <= now, free))
            .where(~before)
            .order_by(table.c.number)
            .limit(1)
            .with_for_update(skip_locked=True, of=table)
        )
        with self._database.transaction() as connection:
            row = connection.execute(wanted).one_or_none()
            if row is None:
                return None
            claim = uuid.uuid4().hex
            values = {"holder": claim, "held_until": now + hold, "attempts": row.attempts + 1}
            connection.execute(table.update().where(table.c.number == row.number).values(values))
            thread = row.thread or _thread(connection, row)
        event, again = _events().validate_json(row.payload), row.attempts > 0 or bool(row.told)
        return Due(row.id, event, row.attempts + 1, utc(row.queued_at), thread, claim, again)

    def settle(self, due: Due, settled: Settled, now: datetime) -> bool:
        """Keep what became of a try; tell whether this sender still held the message."""
        table = notification_table()
        values: dict[str, Any] = {
            "state": settled.state.value,
            "told": plain(settled.told)[:1000],
            "holder": "",
            "held_until": None,
            "sent_at": now if settled.state is NotificationState.SENT else None,
        }
        if settled.next_at is not None:
            values["next_at"] = settled.next_at
        if settled.thread:
            values["thread"] = plain(settled.thread)[:200]
        change = table.update().where(table.c.id == due.id, table.c.holder == due.claim).values(values)
        with self._database.transaction() as connection:
            return connection.execute(change).rowcount == 1

    def retry(self, notification_id: str, now: datetime) -> Notification:
        """Have a message tried again that was given up or left out. Raises NotFound, UsageError."""
        table = notification_table()
        with self._database.transaction() as connection:
            wanted = table.select().where(table.c.id == plain(notification_id)).with_for_update()
            row = connection.execute(wanted).one_or_none()
            if row is None:
                raise NotFound(
                    f"no notification has the id {notification_id[:80]!r}; list them with GET /v1/notifications"
                )
            if row.state == NotificationState.SENT.value:
                raise UsageError(f"notification {row.id!r} was delivered; it is not sent twice")
            held = row.held_until is not None and utc(row.held_until) >= now
            if not held:
                values = {"state": NotificationState.WAITING.value, "queued_at": now, "next_at": now}
                connection.execute(table.update().where(table.c.id == row.id).values(values | {"attempts": 0}))
            return _view(connection.execute(table.select().where(table.c.id == row.id)).one())

    def page(
        self,
        *,
        state: NotificationState | None,
        destination: str,
        subject: str,
        offset: int,
        limit: int,
    ) -> tuple[list[Notification], int]:
        """Return messages, newest first, and how many there are in all."""
        from sqlalchemy import func, select

        table = notification_table()
        where = [table.c.state == state.value] if state is not None else []
        where += [table.c.destination == plain(destination)] if destination else []
        where += [table.c.subject == plain(subject)] if subject else []
        wanted = table.select().where(*where).order_by(table.c.number.desc()).offset(offset).limit(limit)
        with self._database.transaction() as connection:
            total = connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
            return [_view(row) for row in connection.execute(wanted)], int(total)

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many messages there are by destination and state."""
        from sqlalchemy import func, select

        table = notification_table()
        wanted = select(table.c.destination, table.c.state, func.count()).group_by(table.c.destination, table.c.state)
        with self._database.transaction() as connection:
            return {(row[0], row[1]): int(row[2]) for row in connection.execute(wanted)}

    def drop_unset(self, destinations: Collection[str], now: datetime) -> int:
        """Drop what waits for destinations that are not set any more; return how many."""
        table = notification_table()
        change = (
            table.update()
            .where(table.c.state == NotificationState.WAITING.value, table.c.destination.not_in(sorted(destinations)))
            .where(table.c.next_at <= now)
            .values(
                state=NotificationState.DROPPED.value,
                told="no destination of this name is set any more; set it in the file, then have it tried again",
            )
        )
        with self._database.transaction() as connection:
            return int(connection.execute(change).rowcount)

    def forget(self, before: datetime) -> int:
        """Remove what was settled and is older; return how many."""
        table = notification_table()
        old = (table.c.created_at < before, table.c.state != NotificationState.WAITING.value)
        with self._database.transaction() as connection:
            return int(connection.execute(table.delete().where(*old)).rowcount)


def known_keys(connection: "Connection", keys: Iterable[str]) -> set[tuple[str, str]]:
    """Return which of these events are in the outbox, each with the destination."""
    from sqlalchemy import select

    table, found = notification_table(), set[tuple[str, str]]()
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        chosen = select(table.c.event_key, table.c.destination).where(table.c.event_key.in_(part))
        found |= {(row[0], row[1]) for row in connection.execute(chosen)}
    return found


def put(connection: "Connection", event: Event, destination: str, now: datetime, *, leave_out: str = "") -> None:
    """Put a message into the outbox, where it is not yet; with a reason to leave it out, it is kept as dropped."""
    values = {
        "id": message_id(event.key, destination),
        "event_key": event.key,
        "destination": destination,
        "subject": event.subject,
        "kind": event.kind.value,
        "payload": _events().dump_json(event).decode(),
        "state": (NotificationState.DROPPED if leave_out else NotificationState.WAITING).value,
        "attempts": 0,
        "created_at": now,
        "queued_at": now,
        "next_at": now,
        "holder": "",
        "held_until": None,
        "told": leave_out,
        "sent_at": None,
        "thread": "",
    }
    connection.execute(notification_table().insert().values(values))


def told_since(connection: "Connection", destination: str, since: datetime) -> int:
    """Return how many messages to a destination were put in since, without those that were left out."""
    from sqlalchemy import func, select

    table = notification_table()
    wanted = select(func.count()).where(
        table.c.destination == destination,
        table.c.created_at >= since,
        table.c.state != NotificationState.DROPPED.value,
    )
    return int(connection.execute(wanted).scalar_one())


def _thread(connection: "Connection", row: "Row[Any]") -> str:
    """Return what the destination called the first message about the same subject."""
    from sqlalchemy import select

    table = notification_table()
    wanted = (
        select(table.c.thread)
        .where(table.c.destination == row.destination, table.c.subject == row.subject, table.c.thread != "")
        .order_by(table.c.number)
        .limit(1)
    )
    return connection.execute(wanted).scalar() or ""


def _view(row: "Row[Any]") -> Notification:
    event = _events().validate_json(row.payload)
    state = NotificationState(row.state)
    return Notification(
        id=row.id,
        destination=row.destination,
        kind=EventKind(row.kind),
        headline=event.headline,
        title=event.title,
        subject=row.subject,
        state=state,
        attempts=row.attempts,
        created_at=utc(row.created_at),
        next_at=utc(row.next_at) if state is NotificationState.WAITING else None,
        sent_at=utc(row.sent_at) if row.sent_at is not None else None,
        told=row.told,
        thread=row.thread,
    )


@cache
def _events() -> "TypeAdapter[Event]":
    return TypeAdapter(Event)
