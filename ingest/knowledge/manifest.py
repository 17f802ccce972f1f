"""The manifest: what ingest knows of every document, whether it could be read or not, in one SQLite file.

Changes of a run are staged together with the number of the generation they belong to, and count only
once that generation is the current one; so a kill between the two leaves nothing half-written.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from enum import IntEnum, StrEnum
from functools import lru_cache
from pathlib import Path

from ingest.errors import StorageFailed
from ingest.knowledge.generation_files import WriterLock, lock_is_held
from ingest.knowledge.manifest_archive import ManifestArchive, now
from ingest.knowledge.manifest_schema import DOCUMENT_COLUMNS, SYNC_COLUMNS, prepare
from ingest.knowledge.run_log import RunLog

_LOCK = "ingest.lock"
_TAKEN_OUT = "deleted by a person"


class DocumentState(StrEnum):
    """How far a document came."""

    DISCOVERED = "discovered"  # listed by its source, and not fetched yet
    FETCHED = "fetched"
    PARSED = "parsed"
    INDEXED = "indexed"
    FAILED = "failed"
    IGNORED = "ignored"  # a file that is no document; the reason says what it is
    TOMBSTONED = "tombstoned"  # gone from its source: out of search, kept to be restored for a while


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One document as of its last run.

    `recipe` names the versions of parser, splitter and model that made its passages; `reason` says why
    it failed and is empty otherwise, `reached` how far it came before that, and `transient` whether the next
    run tries again by itself. `origin` is the file that holds the document beside others, else "". `secrets`
    and `hostile` count what was taken out and what was flagged; `held` tells that a person restored it, so
    that its absence at the source does not remove it, or deleted it, so that its presence does not bring it
    back. `access` names the groups that alone may know of it.
    `seen_at` is an ISO 8601 time in UTC.
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
    origin: str = ""
    format: str = ""
    reached: str = ""
    transient: bool = False
    secrets: int = 0
    hostile: int = 0
    held: bool = False
    access: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The path that the source lists: the document's own, or that of the file it is a part of."""
        return self.origin or self.path


@dataclass(frozen=True, slots=True)
class SyncRow:
    """The last finished run of one source; `seconds` is its wall time, `type` the kind of adapter."""

    source: str
    location: str
    url_prefix: str | None
    finished_at: str
    seconds: float
    complete: bool
    problems: tuple[str, ...] = ()
    type: str = "folder"
    declared: bool = False
    revision: str = ""


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


class _Act(IntEnum):
    """What settling does with a staged row."""

    PUT = 0
    TOMBSTONE = 1
    ERASE = 2
    PUT_BACK = 3  # part of a rollback: leaves no history
    TAKE_BACK = 4
    TAKE_OUT = 5  # by a person: a tombstone that no run brings back


class Manifest:
    """Read and write the manifest; every method raises StorageFailed where the file cannot be used."""

    def __init__(self, file: Path) -> None:
        self.file = file
        with self.guarded():
            file.parent.mkdir(parents=True, exist_ok=True)
            self.connection = sqlite3.connect(file, timeout=30, check_same_thread=False)
            self.connection.execute("PRAGMA journal_mode=WAL")
            prepare(self.connection)
        self.archive = ManifestArchive(self.connection, self.guarded)
        self.runs = RunLog(self.connection, self.guarded)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other runs out meanwhile, also of other processes; KnowledgeLocked where one is at work."""
        with self.guarded():
            lock = WriterLock(self.file.with_name(_LOCK))
        try:
            yield
        finally:
            lock.release()

    def is_held(self) -> bool:
        """Tell whether a run holds the manifest now, without ever keeping one from beginning."""
        with self.guarded():
            return lock_is_held(self.file.with_name(_LOCK))

    def rows(self, source: str | None = None, *, tombstones: bool = False) -> list[ManifestRow]:
        """Return all rows, or those of one source, ordered by source and path; tombstones only where asked for."""
        names = ", ".join(field.name for field in fields(ManifestRow))
        where = "WHERE (? IS NULL OR source = ?) AND (? OR state <> ?)"
        values = (source, source, tombstones, DocumentState.TOMBSTONED.value)
        query = f"SELECT {names} FROM documents {where} ORDER BY source, path"
        with self.guarded():
            return [_row(found) for found in self.connection.execute(query, values)]

    def row(self, document_id: str) -> ManifestRow | None:
        """Return the row of a document in whatever state, or None."""
        names = ", ".join(field.name for field in fields(ManifestRow))
        with self.guarded():
            query = f"SELECT {names} FROM documents WHERE document_id = ?"
            found = self.connection.execute(query, (document_id,)).fetchone()
        return _row(found) if found else None

    def stage(
        self,
        generation: int,
        changed: Iterable[ManifestRow],
        removed: Sequence[ManifestRow],
        *,
        erased: Sequence[ManifestRow] = (),
        taken_out: Sequence[ManifestRow] = (),
    ) -> None:
        """Keep the changes of a run until `generation` is current; they replace anything staged before.

        Of `removed` rows those that were indexed leave a tombstone; `erased` ones leave nothing; `taken_out`
        ones leave a tombstone that stays although their source lists them.
        """
        lines = [(generation, int(_Act.PUT), _to_json(row)) for row in changed]
        lines += [(generation, int(_Act.TOMBSTONE if row.passages else _Act.ERASE), _to_json(row)) for row in removed]
        lines += [(generation, int(_Act.ERASE), _to_json(row)) for row in erased]
        lines += [(generation, int(_Act.TAKE_OUT), _to_json(row)) for row in taken_out]
        self._stage(lines)

    def stage_rollback(self, generation: int) -> None:
        """Stage what takes the manifest back to `generation`, an earlier one, once that is current."""
        query = "SELECT source, path, before FROM history WHERE generation > ? ORDER BY generation DESC"
        with self.guarded():
            steps = self.connection.execute(query, (generation,)).fetchall()
        before: dict[tuple[str, str], str | None] = {}
        for source, path, row in steps:
            before[(source, path)] = row  # the oldest of them, which comes last, is how it was
        lines = []
        for (source, path), row in before.items():
            gone = _to_json(ManifestRow(source, path, "", DocumentState.INDEXED, ""))
            act = _Act.TAKE_BACK if row is None else _Act.PUT_BACK
            lines.append((generation, int(act), gone if row is None else row))
        self._stage(lines)

    def settle(self, current: int | None) -> int:
        """Apply what was staged for the current generation, drop what was staged for another; return the count."""
        with self.guarded(), self.connection:
            staged = self.connection.execute("SELECT generation, removed, row FROM staged").fetchall()
            due = [(_Act(act), _from_json(line)) for generation, act, line in staged if generation == current]
            for act, row in due:
                self._apply(act, row, current or 0)
            if any(act in (_Act.PUT_BACK, _Act.TAKE_BACK) for act, _ in due):
                self.connection.execute("DELETE FROM history WHERE generation > ?", (current,))
            self.connection.execute("DELETE FROM staged")
        return len(due)

    def record_sync(self, sync: SyncRow, terms: SourceTerms | None = None) -> None:
        """Remember when and how the last run of a source ended, and on what terms (unchanged where None)."""
        values = asdict(sync) | {"problems": json.dumps(sync.problems)}
        marks = ", ".join("?" * len(SYNC_COLUMNS))
        with self.guarded(), self.connection:
            self.connection.execute(
                f"INSERT OR REPLACE INTO syncs ({', '.join(SYNC_COLUMNS)}) VALUES ({marks})",
                [values[name] for name in SYNC_COLUMNS],
            )
            if terms is not None:
                self.connection.execute(
                    "INSERT OR REPLACE INTO terms VALUES (?, ?, ?)",
                    (sync.source, terms.kind, json.dumps(terms.excludes)),
                )

    def forget_sync(self, source: str) -> None:
        """Forget that a source was ever read; its documents are not touched."""
        with self.guarded(), self.connection:
            for table in ("syncs", "terms", "corrections"):
                self.connection.execute(f"DELETE FROM {table} WHERE source = ?", (source,))

    def syncs(self) -> list[SyncRow]:
        """Return the last run of every source, by name."""
        with self.guarded():
            query = f"SELECT {', '.join(SYNC_COLUMNS)} FROM syncs ORDER BY source"
            found = [dict(zip(SYNC_COLUMNS, row, strict=True)) for row in self.connection.execute(query)]
        for row in found:
            row |= {name: bool(row[name]) for name in ("complete", "declared")}
            row["problems"] = tuple(json.loads(row["problems"]))
        return [SyncRow(**row) for row in found]

    def terms(self) -> dict[str, SourceTerms]:
        """Return the terms of every source by name; a source without any is left out."""
        with self.guarded():
            found = self.connection.execute("SELECT source, kind, excludes FROM terms").fetchall()
        return {source: SourceTerms(kind, tuple(json.loads(excludes))) for source, kind, excludes in found}

    def correct(self, correction: Correction) -> None:
        """Store a correction; the document counts as changed from then on."""
        services = None if correction.services is None else json.dumps(correction.services)
        key = (correction.source, correction.path)
        with self.guarded(), self.connection:
            self.connection.execute(
                "INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?)", (*key, correction.kind, services)
            )
            self.connection.execute("UPDATE documents SET recipe = '' WHERE source = ? AND path = ?", key)

    def corrections(self, source: str) -> dict[str, Correction]:
        """Return the corrections of one source by path."""
        query = "SELECT source, path, kind, services FROM corrections WHERE source = ?"
        with self.guarded():
            found = self.connection.execute(query, (source,)).fetchall()
        return {
            path: Correction(name, path, kind, None if services is None else tuple(json.loads(services)))
            for name, path, kind, services in found
        }

    def retry(self, document_ids: Sequence[str]) -> int:
        """Let the next run read these failed documents again; return how many of them had failed."""
        marks = ", ".join("?" * len(document_ids))
        query = f"UPDATE documents SET transient = 1 WHERE state = ? AND document_id IN ({marks})"
        with self.guarded(), self.connection:
            return self.connection.execute(query, (DocumentState.FAILED.value, *document_ids)).rowcount

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn what SQLite or the operating system refuses into StorageFailed that names the file."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise StorageFailed(
                f"cannot use the manifest {str(self.file)!r}: {error}; check free space and permissions, "
                "then run the same command again"
            ) from error

    def _stage(self, lines: Sequence[tuple[int, int, str]]) -> None:
        with self.guarded(), self.connection:
            self.connection.execute("DELETE FROM staged")
            self.connection.executemany("INSERT INTO staged VALUES (?, ?, ?)", lines)

    def _apply(self, act: _Act, row: ManifestRow, generation: int) -> None:
        key = (row.source, row.path)
        if act not in (_Act.PUT_BACK, _Act.TAKE_BACK):
            self._remember(generation, key)
        if act in (_Act.ERASE, _Act.TAKE_BACK):
            self.connection.execute("DELETE FROM documents WHERE source = ? AND path = ?", key)
            return
        if act in (_Act.TOMBSTONE, _Act.TAKE_OUT):
            held = act is _Act.TAKE_OUT
            reason = _TAKEN_OUT if held else row.reason
            row = replace(
                row,
                state=DocumentState.TOMBSTONED,
                passages=0,
                held=held,
                reason=reason,
                seen_at=self._latest_time(),
            )
        values = asdict(row) | {"warnings": json.dumps(row.warnings), "access": json.dumps(row.access)}
        marks = ", ".join("?" * len(DOCUMENT_COLUMNS))
        statement = f"INSERT OR REPLACE INTO documents ({', '.join(DOCUMENT_COLUMNS)}) VALUES ({marks})"
        self.connection.execute(statement, [values[name] for name in DOCUMENT_COLUMNS])

    def _latest_time(self) -> str:
        """Return the present time, or the end of the last run where the clock was set back before it.

        A tombstone of a wrong past would be pruned by the next run, before anybody could restore it.
        """
        (finished,) = self.connection.execute("SELECT coalesce(max(finished_at), '') FROM syncs").fetchone()
        return max(now(), str(finished))

    def _remember(self, generation: int, key: tuple[str, str]) -> None:
        names = ", ".join(field.name for field in fields(ManifestRow))
        query = f"SELECT {names} FROM documents WHERE source = ? AND path = ?"
        found = self.connection.execute(query, key).fetchone()
        before = _to_json(_row(found)) if found else None
        # A later run of the same generation (nothing was built) must not hide how it was before.
        self.connection.execute("INSERT OR IGNORE INTO history VALUES (?, ?, ?, ?)", (generation, *key, before))


def _row(values: Sequence[object]) -> ManifestRow:
    # Thousands of rows are read by each run, so they are made by position and not by name.
    made = list(values)
    made[_STATE] = _STATES[str(made[_STATE])]
    for words in _WORDS:
        made[words] = _words_of(str(made[words])) if made[words] != "[]" else ()
    for flag in _FLAGS:
        made[flag] = bool(made[flag])
    return ManifestRow(*made)  # type: ignore[arg-type]  # columns have the types and the order of the fields


_FIELDS = [field.name for field in fields(ManifestRow)]
_STATE = _FIELDS.index("state")
_WORDS = (_FIELDS.index("warnings"), _FIELDS.index("access"))
_FLAGS = (_FIELDS.index("transient"), _FIELDS.index("held"))


_STATES = {state.value: state for state in DocumentState}


@lru_cache(maxsize=4096)
def _words_of(text: str) -> tuple[str, ...]:
    """Return words from JSON; many rows have the same."""
    return tuple(json.loads(text))


def _to_json(row: ManifestRow) -> str:
    return json.dumps(asdict(row))


def _from_json(line: str) -> ManifestRow:
    record = json.loads(line)
    words = {name: tuple(record.get(name, ())) for name in ("warnings", "access")}
    return ManifestRow(**record | words | {"state": DocumentState(record["state"])})
