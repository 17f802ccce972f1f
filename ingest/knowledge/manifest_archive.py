"""What the manifest keeps beside its rows: content of removed documents, signatures, promotions, short notes."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Promotion:
    """A generation that was served once; `rolled_back_at` is "" unless somebody went back before it."""

    generation: int
    promoted_at: str
    documents: int
    passages: int
    checks: str
    rolled_back_at: str = ""


HELD_NOTE = "held"
"""Name of the note that keeps runs from promoting after a rollback, and says why."""

_TOMBSTONED = "tombstoned"  # the state of such a row of the manifest


class ManifestArchive:
    """The archive of one manifest; `guarded` translates what SQLite refuses, as in the manifest itself."""

    def __init__(self, connection: sqlite3.Connection, guarded: Callable[[], AbstractContextManager[None]]) -> None:
        self._connection, self._guarded = connection, guarded

    def keep_bodies(self, bodies: Mapping[str, bytes]) -> None:
        """Keep the content of documents that are about to leave the index, by document id."""
        lines = [(document_id, now(), body) for document_id, body in bodies.items()]
        with self._guarded(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO bodies VALUES (?, ?, ?)", lines)

    def body(self, document_id: str) -> bytes | None:
        """Return the kept content of a document that left the index, or None."""
        with self._guarded():
            query = "SELECT body FROM bodies WHERE document_id = ?"
            found = self._connection.execute(query, (document_id,)).fetchone()
        return found[0] if found else None

    def prune_tombstones(self, before: str) -> int:
        """Drop tombstones seen last before an ISO 8601 time, and content that no tombstone needs; return the count.

        Of what a person took out the content goes too, and the tombstone stays: it keeps the document out.
        """
        with self._guarded(), self._connection:
            gone = self._connection.execute(
                "DELETE FROM documents WHERE state = ? AND seen_at < ? AND NOT held", (_TOMBSTONED, before)
            ).rowcount
            self._connection.execute(
                "DELETE FROM bodies WHERE document_id NOT IN "
                "(SELECT document_id FROM documents WHERE state = ? AND seen_at >= ?) "
                "AND NOT EXISTS (SELECT 1 FROM staged)",
                (_TOMBSTONED, before),
            )
        return gone

    def keep_signatures(self, signatures: Mapping[str, tuple[str, bytes]]) -> None:
        """Keep, by document id, the revision and the similarity signature of documents."""
        lines = [(document_id, revision, sign) for document_id, (revision, sign) in signatures.items()]
        with self._guarded(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO signatures VALUES (?, ?, ?)", lines)

    def drop_signatures(self, document_ids: Sequence[str]) -> None:
        """Forget the signatures of documents that left the index."""
        lines = [(document_id,) for document_id in document_ids]
        with self._guarded(), self._connection:
            self._connection.executemany("DELETE FROM signatures WHERE document_id = ?", lines)

    def signatures(self) -> dict[str, bytes]:
        """Return the similarity signature of every document by its id."""
        with self._guarded():
            return dict(self._connection.execute("SELECT document_id, signature FROM signatures").fetchall())

    def record_promotion(self, promotion: Promotion) -> None:
        """Remember that a generation is being served, and forget the history of the oldest ones."""
        values = [getattr(promotion, field.name) for field in fields(Promotion)]
        with self._guarded(), self._connection:
            self._connection.execute("INSERT OR REPLACE INTO promotions VALUES (?, ?, ?, ?, ?, ?)", values)

    def promotions(self) -> list[Promotion]:
        """Return every generation that was ever served, oldest first."""
        with self._guarded():
            found = self._connection.execute("SELECT * FROM promotions ORDER BY generation").fetchall()
        return [Promotion(*values) for values in found]

    def mark_rolled_back(self, after: int) -> None:
        """Note that the generations after `after` are not to be served any more."""
        query = "UPDATE promotions SET rolled_back_at = ? WHERE generation > ? AND rolled_back_at = ''"
        with self._guarded(), self._connection:
            self._connection.execute(query, (now(), after))

    def forget_history(self, before: int) -> None:
        """Forget how to go back to generations before this one."""
        with self._guarded(), self._connection:
            self._connection.execute("DELETE FROM history WHERE generation <= ?", (before,))

    def note(self, name: str, value: str | None) -> None:
        """Keep a short note under a name, or drop it where the value is None."""
        with self._guarded(), self._connection:
            if value is None:
                self._connection.execute("DELETE FROM notes WHERE name = ?", (name,))
            else:
                self._connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def noted(self, name: str) -> str | None:
        """Return the note kept under a name, or None."""
        with self._guarded():
            found = self._connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None


def now() -> str:
    """Return the present time as the manifest stores it: ISO 8601, UTC, whole seconds."""
    return datetime.now(tz=UTC).isoformat(timespec="seconds")
