"""A connected source of a test's own, and scopes to ask it about."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from api.errors import TelemetryUnreadable
from api.investigation.incidents import Incident, Symptom
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Edge, Happening, Series, Telemetry
from api.investigation.windows import SECOND, Window
from api.telemetry.live.answers import Account, Nothing
from api.telemetry.live.sources import Limits, Scope, SourceHealth

END = 1_790_000_000 * SECOND
WINDOW = Window(END - 1_800 * SECOND, END)
SCOPE = Scope(WINDOW, WINDOW.before(5_400))
INCIDENT = Incident("live-1", "Cart is slow", Symptom("Cart is slow", "cart"), WINDOW, SCOPE.baseline)


@dataclass
class FakeSource:
    """Gives one series of its own, one change and one call; `stop` is called before it gives anything."""

    name: str
    stop: Callable[[], None] = lambda: None
    gives: frozenset[SourceClass] = frozenset({SourceClass.METRIC, SourceClass.CHANGE})
    kind: str = "fake"
    asked: int = 0
    seconds: float = 1.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def telemetry(self, scope: Scope) -> Telemetry:
        """Return what it tells."""
        return _Told(self, scope)

    def health(self) -> SourceHealth:
        """Say that it is well."""
        return SourceHealth(self.name, self.kind, "http://fake", "1.0")


class _Told(Nothing):
    def __init__(self, source: FakeSource, scope: Scope) -> None:
        super().__init__(Account(source.name, source.gives, scope, Limits()))
        self._source = source

    def series(self, window: Window) -> Iterator[Series]:
        with self._source.lock:
            self._source.asked += 1
        self._source.stop()
        times = np.arange(window.start, window.end, 15 * SECOND, dtype=np.int64)
        values = np.where(times < WINDOW.start, 0.1, 2.0) + 0.001 * (times // SECOND % 7)
        self.account.room(SourceClass.METRIC, len(times))
        yield Series("cart", f"{self._source.name}_latency_seconds", times, values, "s", self._source.name)

    def happenings(self, window: Window) -> Iterator[Happening]:
        at = WINDOW.start - 60 * SECOND
        if at in window:
            yield Happening(SourceClass.CHANGE, "deploy", at, "cart", f"deploy by {self._source.name}")

    def edges(self) -> tuple[Edge, ...]:
        return (Edge("front", "cart"),)


def down() -> None:
    """Fail as a source that can't be read does."""
    raise TelemetryUnreadable("it is down")


def odd() -> None:
    """Fail as nobody foresaw."""
    raise KeyError("unforeseen")
