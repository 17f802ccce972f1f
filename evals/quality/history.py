"""Keep runs: each in a folder of its own that appears whole or not at all, and only so many of them."""

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from api.evaluations import COMPARISON, REPORT, EvaluationHistory
from api.schemas.comparisons import Comparison
from api.schemas.evaluations import EvaluationReport
from evals.quality.results import CaseResult
from ingest.errors import StorageFailed

CASES, TEXT, PLOTS = "cases.jsonl", "report.md", "plots"
_WRITING = ".writing-"
_ABANDONED_SECONDS = 24 * 3600.0


class KeptCase(BaseModel):
    """A case as later runs compare themselves with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    suite: str
    id: str
    question: str
    group: str
    failed: bool
    values: dict[str, float]


_TICK = 16  # microseconds: a second has 62,500 of them, which four hexadecimal digits count


def new_run_id(started: datetime) -> str:
    """Return a name for a run that sorts by time and no other run has."""
    return f"{started.astimezone(UTC):%Y%m%dT%H%M%SZ}-{started.microsecond // _TICK:04x}"


def kept_cases(suite: str, cases: Sequence[CaseResult]) -> list[KeptCase]:
    """Return cases as they are kept."""
    return [
        KeptCase(
            suite=suite,
            id=case.id,
            question=case.question,
            group=case.group,
            failed=bool(case.faults),
            values=dict(case.values),
        )
        for case in cases
    ]


def keep(
    history: EvaluationHistory,
    report: EvaluationReport,
    *,
    cases: Sequence[KeptCase],
    comparison: Comparison,
    text: str,
    plots: Mapping[str, str],
) -> Path:
    """Write a run and return its folder; raises StorageFailed where it cannot be written."""
    target = history.folder / report.id
    draft = history.folder / f"{_WRITING}{report.id}-{os.getpid()}"
    try:
        _remove_abandoned(history.folder)
        (draft / PLOTS).mkdir(parents=True)
        _write(draft / REPORT, report.model_dump_json(indent=1))
        _write(draft / COMPARISON, comparison.model_dump_json(indent=1))
        _write(draft / CASES, "".join(f"{case.model_dump_json()}\n" for case in cases))
        _write(draft / TEXT, text)
        for name, drawing in plots.items():
            _write(draft / PLOTS / name, drawing)
        draft.rename(target)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise StorageFailed(
            f"cannot keep the evaluation in {str(history.folder)!r}: {error.strerror}; free space or choose --data-dir"
        ) from error
    return target


def read_cases(history: EvaluationHistory, run: str) -> list[KeptCase]:
    """Return the cases of a run; none where they were not kept or cannot be read."""
    try:
        lines = (history.folder / run / CASES).read_bytes().splitlines()
        return [KeptCase.model_validate_json(line) for line in lines]
    except (OSError, ValidationError):
        return []


def prune(history: EvaluationHistory, most: int) -> list[str]:
    """Remove the oldest runs above `most`, and return their names."""
    removed = history.ids()[most:]
    for run in removed:
        # Renamed first, so that nobody reads a run that is half gone.
        doomed = history.folder / f"{_WRITING}{run}-{os.getpid()}"
        try:
            (history.folder / run).rename(doomed)
        except OSError as error:
            raise StorageFailed(f"cannot remove the evaluation {run!r}: {error.strerror}") from error
        shutil.rmtree(doomed, ignore_errors=True)
    return removed


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())


def _remove_abandoned(folder: Path) -> None:
    """Remove what runs that were killed while writing left behind."""
    folder.mkdir(parents=True, exist_ok=True)
    for draft in folder.glob(f"{_WRITING}*"):
        if time.time() - draft.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(draft, ignore_errors=True)
