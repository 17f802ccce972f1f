"""The log of runs: what each is doing, what it changed, how it ended, and whether somebody asked it to stop."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum

from ingest.knowledge.manifest_archive import now

KEPT_RUNS = 50
_SECONDS_BETWEEN_BEATS = 0.5


class RunOutcome(StrEnum):
    """How a run ended, or that it has not."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"  # the new generation did not pass its checks
    CANCELLED = "cancelled"
    KILLED = "killed"  # its process ended without a word


class ChangeKind(StrEnum):
    """What a run did to a document."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    FAILED = "failed"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """One line of a run's diff; `detail` is the reason of a failure, else "".

    `access` names the groups that alone may know of the document.
    """

    source: str
    path: str
    change: ChangeKind
    detail: str = ""
    access: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageTime:
    """Wall time of one stage of a run."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check that a new generation had to pass before it was served."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run; times are ISO 8601 in UTC, `finished_at` is "" while it runs, `done` of `total` belong to `stage`."""

    id: int
    sources: tuple[str, ...]
    started_at: str
    heartbeat_at: str
    finished_at: str
    outcome: RunOutcome
    stage: str
    done: int
    total: int
    generation: int | None
    reason: str
    seconds: float
    stages: tuple[StageTime, ...]
    checks: tuple[CheckResult, ...]


class RunLog:
    """The runs of one manifest; `guarded` translates what SQLite refuses."""

    def __init__(self, connection: sqlite3.Connection, guarded: Callable[[], AbstractContextManager[None]]) -> None:
        self._connection, self._guarded = connection, guarded
        self._beat_at = 0.0

    def begin(self, sources: Sequence[str]) -> int:
        """Note that a run starts and return its number; call it while the manifest is held exclusively.

        A run that still counts as running then was killed.
        """
        self._beat_at = 0.0
        with self._guarded(), self._connection:
            self._connection.execute(
                "UPDATE runs SET outcome = ?, finished_at = heartbeat_at, reason = ? WHERE outcome = ?",
                (
                    RunOutcome.KILLED,
                    "its process ended without a word; nothing of it was promoted",
                    RunOutcome.RUNNING,
                ),
            )
            self._connection.execute("DELETE FROM inflight")
            started = now()
            cursor = self._connection.execute(
                "INSERT INTO runs (sources, started_at, heartbeat_at, outcome) VALUES (?, ?, ?, ?)",
                (json.dumps(list(sources)), started, started, RunOutcome.RUNNING),
            )
            oldest = (cursor.lastrowid or 0) - KEPT_RUNS
            self._connection.execute("DELETE FROM run_changes WHERE run <= ?", (oldest,))
            self._connection.execute("DELETE FROM runs WHERE id <= ?", (oldest,))
        return cursor.lastrowid or 0

    def beat(self, run: int, stage: str, done: int, total: int) -> bool:
        """Note how far a run is, not more often than twice a second; return whether it was asked to stop."""
        if time.monotonic() - self._beat_at < _SECONDS_BETWEEN_BEATS and done < total:
            return False
        self._beat_at = time.monotonic()
        with self._guarded(), self._connection:
            self._connection.execute(
                "UPDATE runs SET heartbeat_at = ?, stage = ?, done = ?, total = ? WHERE id = ?",
                (now(), stage, done, total, run),
            )
            found = self._connection.execute("SELECT cancel FROM runs WHERE id = ?", (run,)).fetchone()
        return bool(found and found[0])

    def end(
        self,
        run: int,
        outcome: RunOutcome,
        *,
        generation: int | None = None,
        reason: str = "",
        seconds: float = 0.0,
        stages: Sequence[StageTime] = (),
        checks: Sequence[CheckResult] = (),
        changes: Iterable[DocumentChange] = (),
    ) -> None:
        """Note how a run ended and what it changed."""
        listed = [(one.stage, round(one.seconds, 3)) for one in stages]
        passed = [(one.name, one.passed, one.detail) for one in checks]
        with self._guarded(), self._connection:
            self._connection.execute(
                "UPDATE runs SET heartbeat_at = ?1, finished_at = ?1, outcome = ?2, generation = ?3, reason = ?4, "
                "seconds = ?5, stages = ?6, checks = ?7 WHERE id = ?8",
                (now(), outcome, generation, reason, seconds, json.dumps(listed), json.dumps(passed), run),
            )
            self._connection.executemany(
                "INSERT INTO run_changes (run, source, path, change, detail, access) VALUES (?, ?, ?, ?, ?, ?)",
                [(run, one.source, one.path, one.change, one.detail, json.dumps(one.access)) for one in changes],
            )
            self._connection.execute("DELETE FROM inflight")

    def cancel(self) -> bool:
        """Ask the run at work to stop before it promotes; return whether there is one."""
        with self._guarded(), self._connection:
            query = "UPDATE runs SET cancel = 1 WHERE outcome = ?"
            return self._connection.execute(query, (RunOutcome.RUNNING,)).rowcount > 0

    def latest(self, limit: int = KEPT_RUNS, source: str | None = None) -> list[Run]:
        """Return the newest runs, newest first, of all sources or of those that read one."""
        query = (
            "SELECT id, sources, started_at, heartbeat_at, finished_at, outcome, stage, done, total, generation, "
            "reason, seconds, stages, checks FROM runs ORDER BY id DESC"
        )
        with self._guarded():
            found = [_run(values) for values in self._connection.execute(query)]
        return [run for run in found if source is None or source in run.sources][:limit]

    def changes(self, run: int, source: str | None = None) -> list[DocumentChange]:
        """Return what a run changed, in order of source and path."""
        query = (
            "SELECT source, path, change, detail, access FROM run_changes WHERE run = ? AND (? IS NULL OR source = ?) "
            "ORDER BY source, path"
        )
        with self._guarded():
            found = self._connection.execute(query, (run, source, source)).fetchall()
        return [
            DocumentChange(where, path, ChangeKind(change), detail, tuple(json.loads(access)))
            for where, path, change, detail, access in found
        ]

    def under_way(self, states: Iterable[tuple[str, str, str]]) -> None:
        """Note the state (discovered, fetched, parsed) of documents that the run at work has in hand."""
        with self._guarded(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO inflight VALUES (?, ?, ?)", list(states))

    def in_hand(self) -> dict[tuple[str, str], str]:
        """Return the state of every document that a run has in hand, by source and path."""
        with self._guarded():
            found = self._connection.execute("SELECT source, path, state FROM inflight").fetchall()
        return {(source, path): state for source, path, state in found}


def _run(values: Sequence[object]) -> Run:
    run, sources, started, beat, finished, outcome, stage, done, total, generation, reason, seconds, stages, checks = (
        values
    )
    return Run(
        id=int(str(run)),
        sources=tuple(json.loads(str(sources))),
        started_at=str(started),
        heartbeat_at=str(beat),
        finished_at=str(finished),
        outcome=RunOutcome(str(outcome)),
        stage=str(stage),
        done=int(str(done)),
        total=int(str(total)),
        generation=None if generation is None else int(str(generation)),
        reason=str(reason),
        seconds=float(str(seconds)),
        stages=tuple(StageTime(name, spent) for name, spent in json.loads(str(stages))),
        checks=tuple(CheckResult(*check) for check in json.loads(str(checks))),
    )
