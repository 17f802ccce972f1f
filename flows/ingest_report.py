"""What a person or a script sees of an ingest: progress on standard error, then a summary or a record."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ingest.building import Progress as Report
from ingest.runs import IngestResult

SHOWN_FAILURES = 20

_UNITS = {"read": "documents", "embed": "passages", "build": "documents", "check": "generation"}
_STARTING = "starting Prefect (--direct does without)"


@contextmanager
def reporting(*, silent: bool) -> Iterator[Report]:
    """Yield a callback that shows progress: bars on a terminal, a line a stage elsewhere, or nothing."""
    console = Console(stderr=True)
    if silent:
        yield _nothing
    elif console.is_terminal:
        with _bars(console) as bars:
            yield _BarReport(bars)
    else:
        yield _LineReport()


def as_record(result: IngestResult) -> dict[str, object]:
    """Return the result as `--json` prints it; documented in the README, so fields are only ever added."""
    return {
        "generation": result.generation,
        "embedded": result.embedded,
        "reused": result.reused,
        "seconds": round(result.seconds, 3),
        "stages": {one.stage: round(one.seconds, 3) for one in result.stages},
        "sources": [
            {
                "source": one.source,
                "indexed": one.indexed,
                "unchanged": one.unchanged,
                "removed": one.removed,
                "passages": one.passages,
                "problems": list(one.problems),
                "failed": [{"path": row.path, "reason": row.reason} for row in one.failed],
            }
            for one in result.sources
        ],
    }


def print_summary(result: IngestResult) -> None:
    """Print what became of the documents of each source, and the first failures with their reasons."""
    console = Console(highlight=False)
    console.print(_counts(result))
    failures = [row for source in result.sources for row in source.failed]
    if failures:
        console.print(_failures(result))
    if len(failures) > SHOWN_FAILURES:
        console.print(f"… and {len(failures) - SHOWN_FAILURES} more: groundwatch status")
    for source in result.sources:
        for problem in source.problems:
            console.print(f"{source.source}: {problem}; nothing of it was removed", markup=False)
    served = f"generation {result.generation}" if result.generation is not None else "nothing"
    console.print(
        f"Serving {served}; {result.embedded} passages embedded, {result.reused} reused, {result.seconds:.1f} s."
    )


def shortfall(result: IngestResult) -> str | None:
    """Return why a run counts as failed: none of its documents is in the index; None where some are."""
    if any(one.indexed or one.unchanged or one.removed for one in result.sources):
        return None
    failed = sum(len(one.failed) for one in result.sources)
    if failed:
        return f"none of the {failed} documents could be read; the reasons are with: groundwatch status"
    names = ", ".join(repr(one.source) for one in result.sources)
    return f"no documents found in {names}; check the path and the exclusions"


def _counts(result: IngestResult) -> Table:
    table = Table("source", box=None, pad_edge=False)
    for name in ("indexed", "unchanged", "removed", "failed", "passages"):
        table.add_column(name, justify="right")
    for one in result.sources:
        counts = (one.indexed, one.unchanged, one.removed, len(one.failed), one.passages)
        table.add_row(Text(one.source), *map(str, counts))
    return table


def _failures(result: IngestResult) -> Table:
    table = Table("failed document", "reason", box=None, pad_edge=False)
    rows = [row for source in result.sources for row in source.failed]
    for row in rows[:SHOWN_FAILURES]:
        kept = " (its last good version still serves)" if row.passages else ""
        table.add_row(Text(f"{row.source}/{row.path}"), Text(row.reason + kept))
    return table


def _nothing(stage: str, done: int, total: int) -> None:
    """Show nothing."""


class _LineReport:
    """Write one line a stage, when it is done."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "start":
            print(_STARTING, file=sys.stderr, flush=True)
        elif done >= total:
            seconds = time.monotonic() - self._started
            print(f"{stage}: {total} {_UNITS[stage]}, {seconds:.1f} s", file=sys.stderr, flush=True)
        else:
            return
        self._started = time.monotonic()


class _Speed(ProgressColumn):
    """How many units a stage does in a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.0f} {task.fields['unit']}/s" if speed else "", style="progress.data.speed")


class _BarReport:
    """Move one bar a stage."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._starting = bars.add_task(_STARTING, total=None, unit="", visible=False)
        self._tasks = {
            stage: bars.add_task(stage, total=None, unit=unit, visible=False) for stage, unit in _UNITS.items()
        }

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "start":
            self._bars.update(self._starting, visible=True)
            return
        self._bars.update(self._starting, visible=False)
        self._bars.update(self._tasks[stage], completed=done, total=total, visible=True)


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Speed(),
        TimeRemainingColumn(),
        console=console,
    )
