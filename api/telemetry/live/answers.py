"""What adapters share: telemetry that gives nothing of its own, and the account of what could not be had."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Edge, Happening, LogLines, Series, Spans
from api.investigation.windows import Window
from api.telemetry.live.asking import Unanswered
from api.telemetry.live.sources import Limits, Scope

REACH_SECONDS = 7 * 86_400.0
"""How far before an incident changes are looked for: as far as the specialist for changes looks."""

_MOST_TOLD = 3


class Account:
    """What came of each class and what did not, told by several threads; gives the coverage."""

    def __init__(self, instance: str, gives: frozenset[SourceClass], scope: Scope, limits: Limits) -> None:
        self.instance, self._gives, self._scope, self._limits = instance, gives, scope, limits
        self._lock = threading.Lock()
        self._rows = 0
        self._came: defaultdict[SourceClass, int] = defaultdict(int)
        self._problems: defaultdict[SourceClass, list[str]] = defaultdict(list)

    def room(self, source: SourceClass, rows: int) -> int:
        """Count rows that came and return how many of them may be kept; where that is fewer, it is noted as cut."""
        with self._lock:
            kept = max(0, min(rows, self._limits.rows - self._rows))
            self._rows += kept
            self._came[source] += kept
        if kept < rows:
            self.lacks(source, f"no more than {self._limits.rows:,} rows are taken of it")
        return kept

    @property
    def full(self) -> bool:
        """Whether no more rows are taken."""
        with self._lock:
            return self._rows >= self._limits.rows

    def lacks(self, source: SourceClass, problem: str | Unanswered) -> None:
        """Note what could not be had of a class; said twice, it is kept once."""
        with self._lock:
            if str(problem) not in self._problems[source]:
                self._problems[source].append(str(problem))

    def coverage(self) -> tuple[Coverage, ...]:
        """Tell of each class what there is: missing where nothing came and something failed, else cut."""
        with self._lock:
            return tuple(self._of(source) for source in sorted(self._gives))

    def _of(self, source: SourceClass) -> Coverage:
        problems = sorted(self._problems[source])
        more = len(problems) - _MOST_TOLD
        text = "; ".join(problems[:_MOST_TOLD]) + (f"; and {more} more such problems" if more > 0 else "")
        came = self._came[source] > 0
        return Coverage(
            source,
            self.instance,
            covered(self._scope, source),
            self._scope.baseline,
            missing="" if came or not text else f"{self.instance}: {text}",
            cut=text if came else "",
        )


class Nothing:
    """Telemetry that gives nothing; an adapter gives what it has in place of these."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def coverage(self) -> tuple[Coverage, ...]:
        """Tell what there is, and after reading what is missing or was cut."""
        return self.account.coverage()

    def series(self, window: Window) -> Iterator[Series]:  # noqa: ARG002 - the port names it
        """Give no series."""
        return iter(())

    def spans(self, window: Window) -> Iterator[Spans]:  # noqa: ARG002 - the port names it
        """Give no spans."""
        return iter(())

    def logs(self, window: Window) -> Iterator[LogLines]:  # noqa: ARG002 - the port names it
        """Give no lines."""
        return iter(())

    def happenings(self, window: Window) -> Iterator[Happening]:  # noqa: ARG002 - the port names it
        """Give no happenings."""
        return iter(())

    def edges(self) -> tuple[Edge, ...]:
        """Give no calls."""
        return ()

    def close(self) -> None:
        """Let go of what is open."""


def covered(scope: Scope, source: SourceClass) -> Window:
    """Return the time that a source is asked about: changes reach back a week, all else as far as the baseline."""
    start = min(scope.window.start, scope.baseline.start if scope.baseline else scope.window.start)
    if source is SourceClass.CHANGE:
        start = min(start, scope.window.before(REACH_SECONDS).start)
    return Window(start, scope.window.end)


def asked_windows(scope: Scope) -> Sequence[Window]:
    """Return the healthy time and the trouble, in this order; one where they touch is not made of them."""
    return [one for one in (scope.baseline, scope.window) if one is not None]
