"""A run tells how it goes: to the log in the manifest, to whoever listens, and by the time of its stages."""

import time
from collections.abc import Sequence

from ingest.building import Progress, Workshop
from ingest.errors import GroundwatchError, PromotionRefused, SyncCancelled
from ingest.knowledge.run_log import CheckResult, RunOutcome, StageTime
from ingest.redaction.redactor import redact_message
from ingest.runs import IngestResult


class LoggedRun:
    """A run in the manifest's log: it tells how far it is, and stops where somebody asked it to."""

    def __init__(self, workshop: Workshop, sources: Sequence[str], then: Progress) -> None:
        self._log = workshop.manifest.runs
        self._then = then
        self._started = time.monotonic()
        self._run = self._log.begin(sources)

    def report(self, stage: str, done: int, total: int) -> None:
        """Pass progress on; raises SyncCancelled where the run is to stop and has not built yet."""
        if self._log.beat(self._run, stage, done, total):
            raise SyncCancelled("the run was cancelled; what was served before still is")
        self._then(stage, done, total)

    def succeeded(self, result: IngestResult, *, note: str = "") -> None:
        """Note the result, with what a person should know of it beside its numbers."""
        self._log.end(
            self._run,
            RunOutcome.SUCCEEDED,
            generation=result.generation,
            reason=note,
            seconds=result.seconds,
            stages=result.stages,
            checks=result.checks,
            changes=result.changes,
        )

    def failed(self, error: BaseException) -> None:
        """Note why the run ended early; where the disk refuses even that, the next run notes a kill."""
        outcome, checks = RunOutcome.FAILED, tuple[CheckResult, ...]()
        if isinstance(error, PromotionRefused):
            outcome = RunOutcome.REFUSED
            checks = tuple(one for one in error.checks if isinstance(one, CheckResult))
        elif isinstance(error, (SyncCancelled, KeyboardInterrupt)):
            outcome = RunOutcome.CANCELLED
        reason = redact_message(str(error) or type(error).__name__)
        seconds = time.monotonic() - self._started
        try:
            self._log.end(self._run, outcome, reason=reason, seconds=seconds, checks=checks)
        except GroundwatchError:
            return


class StageClock:
    """Take the time between the ends of stages."""

    def __init__(self) -> None:
        self.stages: list[StageTime] = []
        self._last = time.monotonic()

    def ends(self, stage: str) -> None:
        """Note that a stage ended just now."""
        last, self._last = self._last, time.monotonic()
        self.stages.append(StageTime(stage, self._last - last))
