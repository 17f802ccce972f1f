"""The history of evaluations: one folder a run, read and never written here."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from api.errors import NotFound
from api.schemas.comparisons import Comparison
from api.schemas.evaluations import REPORT_VERSION, EvaluationPage, EvaluationReport, EvaluationSummary
from ingest.errors import StorageFailed

REPORT, COMPARISON = "report.json", "comparison.json"

_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")
_LARGEST = 64_000_000
"""Bytes of a file that are read: a full run writes about a million."""

Model = TypeVar("Model", bound=BaseModel)


class EvaluationHistory:
    """The runs below one folder. A run is named by its start, so that names sort by time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._summaries: dict[tuple[str, int], EvaluationSummary] = {}

    def ids(self) -> list[str]:
        """Return the names of all runs, newest first."""
        try:
            names = [entry.name for entry in self.folder.iterdir() if _RUN.fullmatch(entry.name)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageFailed(f"cannot read the evaluations in {str(self.folder)!r}: {error.strerror}") from error
        return sorted(names, reverse=True)

    def page(self, *, offset: int, limit: int) -> EvaluationPage:
        """Return the newest runs; files that cannot be read are named, and the others shown."""
        ids = self.ids()
        runs: list[EvaluationSummary] = []
        unreadable: list[str] = []
        for run in ids[offset : offset + limit]:
            try:
                runs.append(self._summary(run))
            except NotFound:
                continue  # removed since it was listed
            except StorageFailed as error:
                unreadable.append(str(error))
        return EvaluationPage(runs=runs, total=len(ids), unreadable=unreadable)

    def report(self, run: str) -> EvaluationReport:
        """Return one run; raises NotFound, and StorageFailed where its file cannot be read."""
        return self._read(run, REPORT, EvaluationReport)

    def comparison(self, run: str) -> Comparison:
        """Return one run beside earlier ones; without any suite where it was the first."""
        if run in self.ids() and not (self.folder / run / COMPARISON).is_file():
            return Comparison(id=run, suites=[])
        return self._read(run, COMPARISON, Comparison)

    def readable(self) -> Iterator[EvaluationReport]:
        """Yield the runs that can be read, newest first."""
        for run in self.ids():
            try:
                yield self.report(run)
            except (NotFound, StorageFailed):
                continue

    def _summary(self, run: str) -> EvaluationSummary:
        try:
            key = (run, (self.folder / run / REPORT).stat().st_mtime_ns)
        except OSError:
            key = (run, 0)
        if key not in self._summaries:
            self._summaries[key] = summary_of(self.report(run))
        return self._summaries[key]

    def _read(self, run: str, name: str, model: type[Model]) -> Model:
        if not _RUN.fullmatch(run) or not (self.folder / run).is_dir():
            raise NotFound(f"no evaluation is called {run!r}; list them with GET /v1/evaluations")
        file = self.folder / run / name
        try:
            if file.stat().st_size > _LARGEST:
                raise StorageFailed(f"evaluation {run!r}: {name} is larger than {_LARGEST:,} bytes; remove its folder")
            return model.model_validate_json(file.read_bytes())
        except OSError as error:
            raise StorageFailed(
                f"evaluation {run!r}: cannot read {name}: {error.strerror}; remove its folder"
            ) from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            raise StorageFailed(
                f"evaluation {run!r}: {name} is not a report of version {REPORT_VERSION} ({where}: {first['msg']}); "
                "measure again with: groundwatch evals run"
            ) from error


def summary_of(report: EvaluationReport) -> EvaluationSummary:
    """Return the head of a run, with the scores that have a bar."""
    return EvaluationSummary(
        id=report.id,
        started_at=report.started_at,
        seconds=report.seconds,
        trigger=report.trigger,
        revision=report.revision,
        embedding_model=report.embedding_model,
        passages=report.passages,
        scores={
            suite.name: [score for score in suite.scores if score.bar is not None]
            for suite in report.suites
            if not suite.skipped
        },
    )
