"""The tables of conversations and their turns, as the newest migration leaves them."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Table


@cache
def conversation_table() -> "Table":
    """Return the table of conversations."""
    from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text

    return Table(
        "conversations",
        MetaData(),
        Column("id", String(64), primary_key=True),
        Column("title", Text, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("turns", Integer, nullable=False),
    )


@cache
def turn_table() -> "Table":
    """Return the table of turns; answers and filters are JSON."""
    from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text

    return Table(
        "turns",
        MetaData(),
        Column("answer_id", String(64), primary_key=True),
        Column("conversation_id", String(64), nullable=False),
        Column("position", Integer, nullable=False),
        Column("asked_at", DateTime(timezone=True), nullable=False),
        Column("question", Text, nullable=False),
        Column("asked_as", Text, nullable=False),
        Column("drawn_from", Text, nullable=False),
        Column("filters", Text, nullable=False),
        Column("generation", Integer, nullable=False),
        Column("answer", Text, nullable=False),
    )
