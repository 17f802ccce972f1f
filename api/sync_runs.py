"""Runs of the knowledge base: what each did, and the start, stop and repetition of one on request."""

import json
import logging
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from api.errors import NotFound
from api.schemas.upkeep import (
    ChangedDocument,
    Check,
    RetryRequest,
    RetryStored,
    RunDetail,
    RunPage,
    RunSummary,
    Stage,
    SyncRequest,
    SyncStarted,
)
from ingest.errors import UsageError
from ingest.knowledge.documents import document_id
from ingest.knowledge.manifest import Manifest
from ingest.knowledge.manifest_archive import HELD_NOTE
from ingest.knowledge.run_log import DocumentChange, Run, RunOutcome

_STALLED_SECONDS = 60.0
_COMMAND = "from api.cli import main; main()"
_KILLED = "its process ended without a word; nothing of it was promoted"

_log = logging.getLogger(__name__)

Launch = Callable[[Sequence[str]], None]
"""Starts the command `groundwatch` with some arguments, and does not wait for it."""


class SyncRuns:
    """The run log of one manifest. `launch` starts runs; documents of other groups than `labels` are not shown."""

    def __init__(self, manifest: Path, launch: Launch, labels: frozenset[str] = frozenset()) -> None:
        self._manifest_file, self._launch, self._labels = manifest, launch, labels

    def runs(self, *, source: str | None, limit: int) -> RunPage:
        """Return the newest runs, of all sources or of those that read one."""
        if not self._manifest_file.exists():
            return RunPage(runs=[])
        with self._manifest() as manifest:
            at_work = manifest.is_held()
            found = manifest.runs.latest(limit, source)
            counts = {run.id: Counter(one.change.value for one in self._changes(manifest, run.id)) for run in found}
            held = manifest.archive.noted(HELD_NOTE) or ""
        return RunPage(runs=[_summary(run, counts[run.id], at_work=at_work) for run in found], held=held)

    def run(self, run_id: int, *, offset: int, limit: int) -> RunDetail:
        """Return one run with a part of its diff; raises NotFound."""
        with self._known_manifest(run_id) as manifest:
            run = next((one for one in manifest.runs.latest() if one.id == run_id), None)
            if run is None:
                raise _no_run(run_id)
            changes = [_changed(one) for one in self._changes(manifest, run_id)]
            counts = Counter(one.change.value for one in changes)
            summary = _summary(run, counts, at_work=manifest.is_held())
        return RunDetail(run=summary, changes=changes[offset : offset + limit], total=len(changes))

    def start(self, request: SyncRequest) -> SyncStarted:
        """Start a run in a process of its own, unless one is at work; raises UsageError for an unknown source."""
        with self._manifest() as manifest:
            # Sources that are declared and were never read are known by the schedules of who keeps the time.
            scheduled = json.loads(manifest.archive.noted("schedules") or "{}")
            known = {sync.source for sync in manifest.syncs()} | set(scheduled)
            busy = manifest.is_held()
        unknown = [name for name in request.sources if name not in known]
        if unknown:
            there = ", ".join(map(repr, sorted(known))) or "none yet"
            raise UsageError(f"no source is called {unknown[0]!r}; there are: {there}")
        if busy:
            return SyncStarted(state="busy", detail="a run is at work already; wait for its end, or cancel it")
        retry = ["--retry-failed"] if request.retry_failed else []
        self._launch(["sync", *request.sources, "--direct", "--quiet", *retry])
        return SyncStarted(state="started", detail="the run starts; GET /v1/runs tells how far it is")

    def cancel(self) -> SyncStarted:
        """Ask the run at work to stop before it promotes."""
        with self._manifest() as manifest:
            asked = manifest.is_held() and manifest.runs.cancel()
        if asked:
            return SyncStarted(state="stopping", detail="the run at work was asked to stop; what is served stays")
        return SyncStarted(state="idle", detail="no run is at work")

    def retry(self, request: RetryRequest) -> RetryStored:
        """Let the next run read failed documents again."""
        with self._manifest() as manifest:
            count = manifest.retry(request.document_ids)
        effect = "the next run reads them again" if count else "none of them is a document that failed"
        return RetryStored(documents=count, effect=effect)

    def _changes(self, manifest: Manifest, run: int) -> list[DocumentChange]:
        found = manifest.runs.changes(run)
        return [one for one in found if not one.access or self._labels & set(one.access)]

    @contextmanager
    def _known_manifest(self, run_id: int) -> Iterator[Manifest]:
        if not self._manifest_file.exists():
            raise _no_run(run_id)
        with self._manifest() as manifest:
            yield manifest

    @contextmanager
    def _manifest(self) -> Iterator[Manifest]:
        manifest = Manifest(self._manifest_file)
        try:
            yield manifest
        finally:
            manifest.close()


class CommandLauncher:
    """Start `groundwatch` in a session of its own, with its words in a log file."""

    def __init__(self, log_file: Path) -> None:
        self._log_file = log_file

    def __call__(self, arguments: Sequence[str]) -> None:
        """Start the command and return; its end is noted in the log of this process."""
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        with self._log_file.open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-c", _COMMAND, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        threading.Thread(target=self._reap, args=(child,), name="sync", daemon=True).start()

    def _reap(self, child: "subprocess.Popen[bytes]") -> None:
        code = child.wait()
        _log.info("sync ended with code %d; its words are in %s", code, self._log_file)


def _summary(run: Run, counts: Counter[str], *, at_work: bool) -> RunSummary:
    running = run.outcome is RunOutcome.RUNNING
    beat = datetime.fromisoformat(run.heartbeat_at)
    silent = (datetime.now(UTC) - beat).total_seconds()
    killed = running and not at_work
    return RunSummary(
        id=run.id,
        sources=list(run.sources),
        outcome=RunOutcome.KILLED if killed else run.outcome,
        started_at=datetime.fromisoformat(run.started_at),
        finished_at=datetime.fromisoformat(run.finished_at) if run.finished_at else beat if killed else None,
        seconds=run.seconds,
        stage=run.stage,
        done=run.done,
        total=run.total,
        stalled=running and at_work and silent > _STALLED_SECONDS,
        generation=run.generation,
        reason=_KILLED if killed else run.reason,
        stages=[Stage(stage=one.stage, seconds=one.seconds) for one in run.stages],
        checks=[Check(name=one.name, passed=one.passed, detail=one.detail) for one in run.checks],
        counts=dict(sorted(counts.items())),
    )


def _changed(change: DocumentChange) -> ChangedDocument:
    return ChangedDocument(
        source=change.source,
        path=change.path,
        change=change.change,
        detail=change.detail,
        document_id=document_id(change.source, change.path),
    )


def _no_run(run_id: int) -> NotFound:
    return NotFound(f"no run has the number {run_id!r}; list them with GET /v1/runs")
