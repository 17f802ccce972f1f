"""What a run leaves in Prefect to be looked at: progress, counts, diff, failures, timings, checks."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact

from ingest.building import Progress
from ingest.knowledge.run_log import ChangeKind, CheckResult
from ingest.runs import IngestResult, SourceResult

_SHARES = {"read": (0.0, 15.0), "embed": (15.0, 78.0), "build": (93.0, 5.0), "check": (98.0, 2.0)}
"""Where each stage begins and how much of the whole it is, in percent, as measured on a first ingest."""

_SECONDS_BETWEEN_UPDATES = 2.0
_SHOWN_ROWS = 500
"""Rows of a table: Prefect's page shows all of them at once. The rest is with `groundwatch knowledge list`."""


class ProgressArtifact:
    """Show progress in Prefect, not more often than every few seconds, and pass it on."""

    def __init__(self, then: Progress | None) -> None:
        self._then = then
        self._id = _as_id(create_progress_artifact(0.0, key="ingest-progress", description="Ingest"))
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._then is not None:
            self._then(stage, done, total)
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_UPDATES:
            self._last = time.monotonic()
            start, share = _SHARES.get(stage, (0.0, 0.0))
            update_progress_artifact(self._id, progress=start + share * done / max(1, total), description=stage)

    def complete(self) -> None:
        """Show that everything is done."""
        update_progress_artifact(self._id, progress=100.0, description="done")


def leave_artifacts(result: IngestResult) -> None:
    """Leave the tables of a run; an empty one is left out, but for the counts and the timings."""
    _table(
        "ingest-sources",
        [_counts(source) for source in result.sources],
        f"Generation {result.generation}: {result.embedded} passages embedded, {result.reused} reused",
    )
    changes = [one for one in result.changes if one.change is not ChangeKind.FAILED]
    if changes:
        rows = [{"change": one.change.value, "source": one.source, "path": one.path} for one in changes]
        _table("ingest-changes", rows, f"{len(rows)} documents changed")
    failures = [
        {"source": row.source, "path": row.path, "reason": row.reason, "attempts": row.attempts}
        for source in result.sources
        for row in source.failed
    ]
    if failures:
        _table("ingest-failures", failures, f"{len(failures)} documents failed")
    stages = [{"stage": one.stage, "seconds": round(one.seconds, 2)} for one in result.stages]
    _table("ingest-timings", stages, f"{result.seconds:.1f} s in all")
    leave_checks(result.checks)


def leave_checks(checks: Sequence[CheckResult]) -> None:
    """Leave the table of the checks that a new generation passed or failed."""
    if checks:
        rows = [{"check": one.name, "passed": one.passed, "detail": one.detail} for one in checks]
        failed = sum(not one.passed for one in checks)
        _table("ingest-checks", rows, f"{failed} of {len(checks)} checks failed" if failed else "All checks held")


def _table(key: str, rows: Sequence[dict[str, Any]], description: str) -> None:
    cut = f" (the first {_SHOWN_ROWS} of {len(rows)})" if len(rows) > _SHOWN_ROWS else ""
    create_table_artifact([*rows[:_SHOWN_ROWS]], key=key, description=description + cut)


def _counts(source: SourceResult) -> dict[str, Any]:
    return {
        "source": source.source,
        "indexed": source.indexed,
        "unchanged": source.unchanged,
        "removed": source.removed,
        "failed": len(source.failed),
        "no documents": source.ignored,
        "passages": source.passages,
        "problems": "; ".join(source.problems),
    }


def _as_id(created: object) -> UUID:
    assert isinstance(created, UUID)  # a coroutine only where a loop is running, and flows are sync here
    return created
