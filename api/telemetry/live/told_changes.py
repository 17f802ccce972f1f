"""Changes that were told by webhook, kept in a file of their own and read as a source like any other."""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.investigation.windows import Window
from api.telemetry.live.answers import Account, Nothing
from api.telemetry.live.sources import Limits, Scope, SourceHealth
from ingest.errors import StorageFailed

NAME = "told changes"
_MOST = 200_000  # kept: the oldest go first
_TABLE = """CREATE TABLE IF NOT EXISTS changes (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, component TEXT, title TEXT NOT NULL,
    ref TEXT NOT NULL, detail TEXT NOT NULL, author TEXT NOT NULL)"""
_INDEX = "CREATE INDEX IF NOT EXISTS changes_at ON changes (at)"


class ChangeStore:
    """A SQLite file of changes; safe to use from several threads and processes. Made when the first one is kept."""

    def __init__(self, file: Path, *, most: int = _MOST) -> None:
        self._file, self._most = file, most
        self._lock = threading.Lock()

    def keep(self, changes: Sequence[Happening]) -> int:
        """Keep changes and return how many were new; they are on disk when this returns. Raises StorageFailed."""
        rows = [
            (_id(one), one.at, one.kind, one.component, one.title, one.ref, one.detail, one.author) for one in changes
        ]
        with self._lock, self._opened() as connection, connection:
            before = connection.total_changes
            connection.executemany("INSERT OR IGNORE INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            kept = connection.total_changes - before
            connection.execute(
                "DELETE FROM changes WHERE id IN (SELECT id FROM changes ORDER BY at DESC, id LIMIT -1 OFFSET ?)",
                (self._most,),
            )
            return kept

    def within(self, window: Window, most: int) -> list[Happening]:
        """Return the newest changes inside a window, at most so many, in order of time. Raises StorageFailed."""
        if not self._file.exists():
            return []
        with self._opened() as connection:
            rows = connection.execute(
                "SELECT at, kind, component, title, ref, detail, author FROM changes WHERE at >= ? AND at < ? "
                "ORDER BY at DESC, id LIMIT ?",
                (window.start, window.end, most),
            ).fetchall()
        return [
            Happening(SourceClass.CHANGE, kind, at, component, title, ref, detail, author, instance=NAME)
            for at, kind, component, title, ref, detail, author in reversed(rows)
        ]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._file, timeout=10)) as connection:
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute(_TABLE)
                connection.execute(_INDEX)
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise StorageFailed(
                f"cannot use the file of changes {str(self._file)!r} ({error}); check free space and permissions"
            ) from error


class ToldChangesSource:
    """The changes that were told, as a source."""

    kind = "webhook"
    gives = frozenset({SourceClass.CHANGE})
    name = NAME

    def __init__(self, store: ChangeStore, place: str) -> None:
        self._store, self._place = store, place

    def telemetry(self, scope: Scope) -> "_Told":
        """Return what it tells of an incident."""
        return _Told(self._store, scope)

    def health(self) -> SourceHealth:
        """Look whether the file can be read."""
        try:
            self._store.within(Window(0, 1), 1)
        except StorageFailed as error:
            return SourceHealth(self.name, self.kind, self._place, problem=str(error))
        return SourceHealth(self.name, self.kind, self._place)


class _Told(Nothing):
    """The changes around one incident."""

    def __init__(self, store: ChangeStore, scope: Scope) -> None:
        super().__init__(Account(NAME, ToldChangesSource.gives, scope, Limits(rows=5_000)))
        self._store = store

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Give the changes inside `window`, the newest of them where there are too many."""
        found = self._store.within(window, 5_001)
        kept = self.account.room(SourceClass.CHANGE, len(found))
        yield from found[len(found) - kept :]


def _id(one: Happening) -> str:
    """Return what makes a change the same as another: its id and kind where it has one, else all that it says."""
    told = (one.kind, one.ref) if one.ref else (one.kind, one.at, one.component, one.title, one.detail, one.author)
    return hashlib.sha256(repr(told).encode("utf-8", "backslashreplace")).hexdigest()
