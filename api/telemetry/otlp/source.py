"""The store of what is sent by OTLP, as a source of metrics, logs and traces."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from api.investigation.observations import SourceClass
from api.investigation.telemetry import LogLines, Series, Spans
from api.investigation.windows import Window
from api.telemetry.live.answers import Account, Nothing
from api.telemetry.live.sources import Limits, Scope, SourceHealth
from api.telemetry.live.tables import severity_in
from api.telemetry.otlp.points import series_of
from api.telemetry.otlp.requests import OtlpSignal
from api.telemetry.otlp.store import OtlpStore
from api.telemetry.otlp.tables import read
from api.telemetry.recording import Codes

NAME = "otlp"
_PATIENCE = 8.0  # for what was taken just now to be made tables
_CLASSES = {
    OtlpSignal.METRICS: SourceClass.METRIC,
    OtlpSignal.LOGS: SourceClass.LOG,
    OtlpSignal.TRACES: SourceClass.TRACE,
}


class OtlpSource:
    """What was sent to us; it gives nothing, and so is asked nothing, until the first of it came."""

    name, kind = NAME, NAME

    def __init__(self, store: OtlpStore, *, limits: Limits | None = None) -> None:
        self._store, self._limits = store, limits or Limits(seconds=30.0, rows=3_000_000)

    @property
    def seconds(self) -> float:
        """How long reading may take."""
        return self._limits.seconds

    @property
    def gives(self) -> frozenset[SourceClass]:
        """The classes of which something came."""
        if self._store.is_empty:
            return frozenset()
        return frozenset(_CLASSES.values())

    def telemetry(self, scope: Scope) -> "_Sent":
        """Return what was sent around an incident."""
        return _Sent(self._store, scope, self._limits)

    def health(self) -> SourceHealth:
        """Tell how much is kept, and what is wrong where something is."""
        began = time.monotonic()
        try:
            place = f"{self._store.folder} ({self._store.size / 1e6:,.0f} MB)"
        except OSError as error:
            return SourceHealth(NAME, NAME, str(self._store.folder), problem=str(error))
        told = "nothing was sent yet (docs/otlp.md)" if self._store.is_empty else ""
        seconds = time.monotonic() - began
        return SourceHealth(NAME, NAME, place, version=told, problem=self._store.problem, seconds=seconds)


class _Sent(Nothing):
    """What was sent around one incident; what came until now is made tables before it is read."""

    def __init__(self, store: OtlpStore, scope: Scope, limits: Limits) -> None:
        super().__init__(Account(NAME, frozenset(_CLASSES.values()), scope, limits))
        self._store, self._scope = store, scope
        self._settled = store.settle(_PATIENCE)
        self._end = time.monotonic() + limits.seconds

    def series(self, window: Window) -> Iterator[Series]:
        """Give each metric of each component in the window."""
        import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints

        found = list(self._read(OtlpSignal.METRICS, window))
        if found:
            yield from series_of(pa.concat_tables(found), window, NAME)

    def spans(self, window: Window) -> Iterator[Spans]:
        """Give the spans that start in the window, a batch for each table."""
        return (_spans(rows) for rows in self._read(OtlpSignal.TRACES, window))

    def logs(self, window: Window) -> Iterator[LogLines]:
        """Give the log lines in the window, a batch for each table."""
        return (_lines(rows) for rows in self._read(OtlpSignal.LOGS, window))

    def _read(self, signal: OtlpSignal, window: Window) -> Iterator[Any]:
        source = _CLASSES[signal]
        if not self._settled:
            self.account.lacks(source, "what came last was not yet made tables; look again in some seconds")
        came = False
        for table in self._store.tables(signal):
            if not table.meets(window):
                continue
            if time.monotonic() > self._end:
                self.account.lacks(source, "it took too long to read all of it; ask for a shorter window")
                return
            try:
                rows = read(table, signal, window, self._scope.components)
            except OSError as error:
                self.account.lacks(source, f"{error}")
                continue
            kept = self.account.room(source, rows.num_rows)
            came = came or kept > 0
            if kept:
                yield rows.slice(0, kept)
            if kept < rows.num_rows:
                return
        if not came:
            self.account.lacks(source, f"none was sent for {window}")


def _spans(rows: Any) -> Spans:
    codes = Codes()
    component, operation, peer = (
        codes.column(rows.column(one).to_pylist()) for one in ("component", "operation", "peer")
    )
    numbers = {one: rows.column(one).to_numpy() for one in ("trace", "span", "parent", "start", "duration", "failed")}
    return Spans(
        codes.names, numbers["trace"], numbers["span"], numbers["parent"], component, operation, peer,
        numbers["start"], numbers["duration"], numbers["failed"],
    )  # fmt: skip


def _lines(rows: Any) -> LogLines:
    codes, text = Codes(), rows.column("text").to_pylist()
    component = codes.column(rows.column("component").to_pylist())
    severity = codes.column(_severities(rows.column("severity").to_pylist(), text))
    return LogLines(
        names=codes.names,
        time=rows.column("time").to_numpy(),
        component=component,
        severity=severity,
        origin=np.full(rows.num_rows, -1, dtype=np.int32),
        trace=rows.column("trace").to_numpy(),
        span=rows.column("span").to_numpy(),
        count=np.ones(rows.num_rows, dtype=np.int64),
        text=tuple(text),
    )


def _severities(told: list[str], text: list[str]) -> list[str]:
    return [own or severity_in(line) for own, line in zip(told, text, strict=True)]
