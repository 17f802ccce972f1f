"""Feedback in the database: one row an answer."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from api.schemas.feedback import FeedbackRequest, FeedbackStored
from api.storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Table


@dataclass(frozen=True, slots=True)
class Rating:
    """What a reader thought of one answer."""

    answer_id: str
    question: str
    up: bool


class FeedbackTable:
    """Keep feedback in a database; its methods raise StorageFailed where that cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def store(self, request: FeedbackRequest) -> FeedbackStored:
        """Keep feedback, in place of what was said of the same answer before."""
        values: dict[str, Any] = {
            name: value.replace("\x00", " ")  # PostgreSQL keeps no NUL in text
            for name, value in request.model_dump().items()
        }
        values["stored_at"] = datetime.now(UTC)
        with self._database.transaction() as connection:
            insert = _insert(connection.dialect.name).values(values)
            changed = {name: value for name, value in values.items() if name != "answer_id"}
            statement = insert.on_conflict_do_update(index_elements=["answer_id"], set_=changed)
            number = connection.execute(statement.returning(feedback_table().c.id)).scalar_one()
        return FeedbackStored(id=number, answer_id=values["answer_id"], stored_at=values["stored_at"])

    def ratings(self) -> list["Rating"]:
        """Return what readers said, oldest first."""
        table = feedback_table()
        with self._database.transaction() as connection:
            rows = connection.execute(table.select().order_by(table.c.id)).all()
        return [Rating(row.answer_id, row.question, row.rating == "up") for row in rows]

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


@cache
def feedback_table() -> "Table":
    """Return the table as the newest migration leaves it."""
    from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text

    return Table(
        "feedback",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("answer_id", String(64), nullable=False, unique=True),
        Column("question", Text, nullable=False),
        Column("outcome", String(32), nullable=False),
        Column("rating", String(8), nullable=False),
        Column("comment", Text, nullable=False),
        Column("stored_at", DateTime(timezone=True), nullable=False),
    )


def _insert(dialect: str) -> Any:
    """Return the INSERT of the dialect: both know ON CONFLICT, but by classes of their own."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(feedback_table())
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(feedback_table())
