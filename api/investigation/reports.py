"""What a specialist is given and what it gives back, and the budget that it works within."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from api.investigation.findings import Finding, Gap, GapReason
from api.investigation.incidents import Incident
from api.investigation.observations import Observation, SourceClass
from api.investigation.telemetry import Edge, Telemetry
from api.investigation.windows import Window


class Budget:
    """How long a specialist may take and how many rows it may read; safe to use from several threads.

    A specialist asks `allows` before each batch. Once that says no, it stops reading and reports on what it has, with
    a gap for the reason in `spent`.
    """

    def __init__(
        self,
        seconds: float,
        rows: int,
        *,
        cancelled: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._end = clock() + seconds
        self._cancelled = cancelled or threading.Event()
        self._lock = threading.Lock()
        self._read = 0
        self._spent: GapReason | None = None

    @property
    def rows_read(self) -> int:
        """How many rows were asked for and allowed."""
        return self._read

    @property
    def spent(self) -> GapReason | None:
        """Why nothing more may be read: TIMED_OUT, TRUNCATED for too many rows, or None."""
        return self._spent

    @property
    def cancelled(self) -> bool:
        """Whether the investigation was called off."""
        return self._cancelled.is_set()

    def allows(self, rows: int) -> bool:
        """Tell whether `rows` more may be read, and count them if so."""
        with self._lock:
            if self._spent is None and (self._cancelled.is_set() or self._clock() > self._end):
                self._spent = GapReason.TIMED_OUT
            if self._spent is None and self._read + rows > self._rows:
                self._spent = GapReason.TRUNCATED
            if self._spent is not None:
                return False
            self._read += rows
            return True


@dataclass(frozen=True, slots=True)
class Brief:
    """What a specialist works on."""

    incident: Incident
    telemetry: Telemetry
    budget: Budget

    def baseline(self, source: SourceClass) -> Window | None:
        """Return the healthy time to compare a class of source with: the source's own, else the incident's.

        None where the source says that it has none.
        """
        told = [
            one
            for one in self.telemetry.coverage()
            if one.source is source and not one.missing and one.component is None
        ]
        if told:
            return next((one.baseline for one in told if one.baseline is not None), None)
        return self.incident.baseline


@dataclass(frozen=True, slots=True)
class Call:
    """A call edge that was observed: `observation` holds its rows, `count` how often it was seen in the window."""

    edge: Edge
    observation: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What one specialist found, on which observations, and what it could not see.

    Every id in a finding's or call's observations is among `observations`.
    """

    specialist: str
    findings: tuple[Finding, ...]
    observations: tuple[Observation, ...]
    gaps: tuple[Gap, ...] = ()
    calls: tuple[Call, ...] = ()
    rows_read: int = 0


class Specialist(Protocol):
    """One who looks at one class of source. It only states what its observations show."""

    @property
    def name(self) -> str:
        """A word for it, such as metrics."""

    def investigate(self, brief: Brief) -> Report:
        """Look at the incident. Raises TelemetryUnreadable where its source is there and can't be read.

        Deterministic: the same telemetry gives the same report, in the same order, within the budget.
        """
