"""How often each document was retrieved: counted in memory, written now and then, never in the way of a question."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from api.storage.database import Database
from ingest.errors import StorageFailed

if TYPE_CHECKING:
    from sqlalchemy import Table

_SECONDS_BETWEEN_WRITES = 30.0
_SINCE = ""  # the row whose time says since when there is a count

_log = logging.getLogger(__name__)


class RetrievalTable:
    """Count retrievals of documents; safe to use from many threads."""

    def __init__(self, database: Database, *, every: float = _SECONDS_BETWEEN_WRITES) -> None:
        self._database, self._every = database, every
        self._lock = threading.Lock()  # what waits
        self._writing = threading.Lock()  # one writer at a time, so that a reader sees all that was counted before
        self._waiting: Counter[str] = Counter()
        self._written_at = float("-inf")

    def count(self, document_ids: Iterable[str]) -> None:
        """Count documents that a search returned; they are written by a thread of its own."""
        with self._lock:
            self._waiting.update(set(document_ids))
            due = time.monotonic() - self._written_at >= self._every
            if due:
                self._written_at = time.monotonic()
        if due:
            threading.Thread(target=self.write, name="retrievals", daemon=True).start()

    def write(self) -> None:
        """Write what waits; where the database refuses, it goes on waiting."""
        with self._writing:
            with self._lock:
                waiting, self._waiting = self._waiting, Counter()
            try:
                self._store(waiting)
            except StorageFailed as error:
                with self._lock:
                    self._waiting.update(waiting)
                _log.warning("retrievals wait to be written: %s", error)

    def totals(self) -> tuple[datetime | None, dict[str, int]]:
        """Return since when retrievals are counted, and the count of each document; raises StorageFailed."""
        from sqlalchemy import select

        self.write()
        table = retrieval_table()
        with self._database.transaction() as connection:
            rows = connection.execute(select(table.c.document_id, table.c.retrieved, table.c.last_at)).all()
        since = next((last for key, _, last in rows if key == _SINCE), None)
        since = since.replace(tzinfo=UTC) if since is not None and since.tzinfo is None else since
        return since, {key: retrieved for key, retrieved, _ in rows if key != _SINCE}

    def _store(self, waiting: Counter[str]) -> None:
        from sqlalchemy import insert, select, update

        table, moment = retrieval_table(), datetime.now(UTC)
        with self._database.transaction() as connection:
            wanted = [_SINCE, *waiting]
            known: set[str] = set()
            for start in range(0, len(wanted), 500):  # SQLite takes so many values in one statement
                batch = wanted[start : start + 500]
                found = connection.execute(select(table.c.document_id).where(table.c.document_id.in_(batch)))
                known.update(found.scalars())
            fresh = [key for key in wanted if key not in known]
            rows = [{"document_id": key, "retrieved": waiting.get(key, 0), "last_at": moment} for key in fresh]
            if rows:
                connection.execute(insert(table), rows)
            for key in known - {_SINCE}:
                values: dict[str, Any] = {"retrieved": table.c.retrieved + waiting[key], "last_at": moment}
                connection.execute(update(table).where(table.c.document_id == key).values(values))


@cache
def retrieval_table() -> "Table":
    """Return the table as the newest migration leaves it."""
    from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table

    return Table(
        "retrievals",
        MetaData(),
        Column("document_id", String(64), primary_key=True),
        Column("retrieved", Integer, nullable=False),
        Column("last_at", DateTime(timezone=True), nullable=False),
    )
