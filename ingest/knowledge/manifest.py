"""The manifest: what ingest knows of every document, whether it could be read or not, in one SQLite file.

Changes of a run are staged together with the number of the generation they belong to, and count only
once that generation is the current one; so a kill between the two leaves nothing half-written.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from ingest.errors import StorageFailed
from ingest.knowledge.generation_files import WriterLock

_COLUMNS = """
    source TEXT NOT NULL, path TEXT NOT NULL, document_id TEXT NOT NULL, state TEXT NOT NULL,
    fingerprint TEXT NOT NULL, recipe TEXT NOT NULL, revision TEXT NOT NULL, kind TEXT NOT NULL,
    kind_reason TEXT NOT NULL, title TEXT NOT NULL, passages INTEGER NOT NULL, size INTEGER NOT NULL,
    reason TEXT NOT NULL, attempts INTEGER NOT NULL, warnings TEXT NOT NULL, seen_at TEXT NOT NULL
"""
_SCHEMA = f"""
    CREATE TABLE IF NOT EXISTS documents ({_COLUMNS}, PRIMARY KEY (source, path));
    CREATE TABLE IF NOT EXISTS staged (generation INTEGER NOT NULL, removed INTEGER NOT NULL, row TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS syncs (
        source TEXT PRIMARY KEY, location TEXT NOT NULL, url_prefix TEXT, finished_at TEXT NOT NULL,
        seconds REAL NOT NULL, complete INTEGER NOT NULL, problems TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS terms (source TEXT PRIMARY KEY, kind TEXT, excludes TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS corrections (
        source TEXT NOT NULL, path TEXT NOT NULL, kind TEXT, services TEXT, PRIMARY KEY (source, path)
    );
"""


class DocumentState(StrEnum):
    """How far a document came."""

    INDEXED = "indexed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One document as of its last run.

    `recipe` names the versions of parser, splitter and model that made its passages; `reason` says why
    it failed and is empty otherwise; `seen_at` is an ISO 8601 time in UTC.
    """

    source: str
    path: str
    document_id: str
    state: DocumentState
    fingerprint: str
    recipe: str = ""
    revision: str = ""
    kind: str = ""
    kind_reason: str = ""
    title: str = ""
    passages: int = 0
    size: int = 0
    reason: str = ""
    attempts: int = 1
    warnings: tuple[str, ...] = ()
    seen_at: str = ""


@dataclass(frozen=True, slots=True)
class SyncRow:
    """The last finished run of one source; `seconds` is its wall time."""

    source: str
    location: str
    url_prefix: str | None
    finished_at: str
    seconds: float
    complete: bool
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceTerms:
    """What a person said about a source as a whole, so that it can be ingested again the same way."""

    kind: str | None = None
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said about a document; it wins over what was detected."""

    source: str
    path: str
    kind: str | None = None
    services: tuple[str, ...] | None = None


class Manifest:
    """Read and write the manifest; every method raises StorageFailed where the file cannot be used."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with self._errors():
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file, timeout=30, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.executescript(_SCHEMA)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other runs out meanwhile, also of other processes; KnowledgeLocked where one is at work."""
        with self._errors():
            lock = WriterLock(self._file.with_name("ingest.lock"))
        try:
            yield
        finally:
            lock.release()

    def rows(self, source: str | None = None) -> list[ManifestRow]:
        """Return all rows, or those of one source, ordered by source and path."""
        names = ", ".join(field.name for field in fields(ManifestRow))
        where, values = ("WHERE source = ?", (source,)) if source else ("", ())
        query = f"SELECT {names} FROM documents {where} ORDER BY source, path"
        with self._errors():
            return [_row(values) for values in self._connection.execute(query, values)]

    def stage(self, generation: int, changed: Iterable[ManifestRow], removed: Sequence[ManifestRow]) -> None:
        """Keep the changes of a run until `generation` is current; they replace anything staged before."""
        lines = [(generation, 0, _to_json(row)) for row in changed]
        lines += [(generation, 1, _to_json(row)) for row in removed]
        with self._errors(), self._connection:
            self._connection.execute("DELETE FROM staged")
            self._connection.executemany("INSERT INTO staged VALUES (?, ?, ?)", lines)

    def settle(self, current: int | None) -> int:
        """Apply what was staged for the current generation, drop what was staged for another; return the count."""
        with self._errors(), self._connection:
            staged = self._connection.execute("SELECT generation, removed, row FROM staged").fetchall()
            due = [(removed, _from_json(line)) for generation, removed, line in staged if generation == current]
            for removed, row in due:
                self._apply(row, removed=bool(removed))
            self._connection.execute("DELETE FROM staged")
        return len(due)

    def record_sync(self, sync: SyncRow, terms: SourceTerms | None = None) -> None:
        """Remember when and how the last run of a source ended, and on what terms (unchanged where None)."""
        values = (*asdict(sync).values(),)[:-1]
        with self._errors(), self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO syncs VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*values, json.dumps(sync.problems)),
            )
            if terms is not None:
                self._connection.execute(
                    "INSERT OR REPLACE INTO terms VALUES (?, ?, ?)",
                    (sync.source, terms.kind, json.dumps(terms.excludes)),
                )

    def syncs(self) -> list[SyncRow]:
        """Return the last run of every source, by name."""
        with self._errors():
            found = self._connection.execute("SELECT * FROM syncs ORDER BY source").fetchall()
        return [
            SyncRow(source, location, prefix, finished_at, seconds, bool(complete), tuple(json.loads(problems)))
            for source, location, prefix, finished_at, seconds, complete, problems in found
        ]

    def terms(self) -> dict[str, SourceTerms]:
        """Return the terms of every source by name; a source without any is left out."""
        with self._errors():
            found = self._connection.execute("SELECT source, kind, excludes FROM terms").fetchall()
        return {source: SourceTerms(kind, tuple(json.loads(excludes))) for source, kind, excludes in found}

    def correct(self, correction: Correction) -> None:
        """Store a correction; the document counts as changed from then on."""
        services = None if correction.services is None else json.dumps(correction.services)
        key = (correction.source, correction.path)
        with self._errors(), self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?)", (*key, correction.kind, services)
            )
            self._connection.execute("UPDATE documents SET recipe = '' WHERE source = ? AND path = ?", key)

    def corrections(self, source: str) -> dict[str, Correction]:
        """Return the corrections of one source by path."""
        query = "SELECT source, path, kind, services FROM corrections WHERE source = ?"
        with self._errors():
            found = self._connection.execute(query, (source,)).fetchall()
        return {
            path: Correction(name, path, kind, None if services is None else tuple(json.loads(services)))
            for name, path, kind, services in found
        }

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _apply(self, row: ManifestRow, *, removed: bool) -> None:
        if removed:
            self._connection.execute("DELETE FROM documents WHERE source = ? AND path = ?", (row.source, row.path))
            return
        values = asdict(row) | {"warnings": json.dumps(row.warnings)}
        marks = ", ".join("?" * len(values))
        statement = f"INSERT OR REPLACE INTO documents VALUES ({marks})"
        self._connection.execute(statement, [values[name] for name in _TABLE_ORDER])

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise StorageFailed(
                f"cannot use the manifest {str(self._file)!r}: {error}; check free space and permissions, "
                "then run the same command again"
            ) from error


_TABLE_ORDER = tuple(line.split()[0] for line in _COLUMNS.replace("\n", " ").split(",") if line.strip())


def now() -> str:
    """Return the present time as the manifest stores it: ISO 8601, UTC, whole seconds."""
    return datetime.now(tz=UTC).isoformat(timespec="seconds")


def _row(values: Sequence[object]) -> ManifestRow:
    record = dict(zip((field.name for field in fields(ManifestRow)), values, strict=True))
    record["state"] = DocumentState(str(record["state"]))
    record["warnings"] = tuple(json.loads(str(record["warnings"])))
    return ManifestRow(**record)  # type: ignore[arg-type]  # columns have the types of the fields


def _to_json(row: ManifestRow) -> str:
    return json.dumps(asdict(row))


def _from_json(line: str) -> ManifestRow:
    record = json.loads(line)
    return ManifestRow(**record | {"state": DocumentState(record["state"]), "warnings": tuple(record["warnings"])})
