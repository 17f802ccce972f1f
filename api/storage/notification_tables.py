"""The tables of notifications and of how far destinations were told, as the newest migration leaves them."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Table

NOTIFICATIONS_LOCK = 7236254
"""Number of PostgreSQL's advisory lock under which what happened is looked for, one process at a time."""


@cache
def notification_table() -> "Table":
    """Return the outbox; `payload` is the event as JSON, `told` what came of the last try."""
    from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text

    return Table(
        "notifications",
        MetaData(),
        Column("number", Integer, primary_key=True, autoincrement=True),
        Column("id", String(64), nullable=False, unique=True),
        Column("event_key", String(200), nullable=False),
        Column("destination", String(64), nullable=False),
        Column("subject", String(64), nullable=False),
        Column("kind", String(32), nullable=False),
        Column("payload", Text, nullable=False),
        Column("state", String(16), nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("queued_at", DateTime(timezone=True), nullable=False),
        Column("next_at", DateTime(timezone=True), nullable=False),
        Column("holder", String(64), nullable=False),
        Column("held_until", DateTime(timezone=True)),
        Column("told", Text, nullable=False),
        Column("sent_at", DateTime(timezone=True)),
        Column("thread", String(200), nullable=False),
    )


@cache
def cursor_table() -> "Table":
    """Return the table of cursors; `revision` is that of incidents, `since` when a destination was first there."""
    from sqlalchemy import BigInteger, Column, DateTime, MetaData, String, Table

    return Table(
        "notification_cursors",
        MetaData(),
        Column("destination", String(64), primary_key=True),
        Column("since", DateTime(timezone=True), nullable=False),
        Column("looked_at", DateTime(timezone=True), nullable=False),
        Column("revision", BigInteger, nullable=False),
    )
