"""Bundles in Groundwatch's own layout, which docs/bundles.md describes: streamed, never held as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.errors import TelemetryUnreadable
from api.investigation.incidents import Incident
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Edge, Happening, LogLines, Series, Spans
from api.investigation.windows import Window
from api.telemetry.batches import UNKNOWN, Kind, Tally
from api.telemetry.columns import amounts, identifiers, instants, names
from api.telemetry.files import read_columns
from api.telemetry.gathering import COLUMNS, gathered
from api.telemetry.manifest import FILE, Manifest, Part, SourceFacts, Stretch, Unit, read_alert, read_manifest
from api.telemetry.occurrences import read_cluster, read_occurrences
from api.telemetry.pointers import pointed
from api.telemetry.recording import Codes, lines_where, spans_where
from api.telemetry.spooling import Spools

ENDINGS: Mapping[Part, tuple[str, ...]] = {
    "metrics": (".parquet", ".csv", ".csv.gz"),
    "spans": (".parquet", ".jsonl", ".jsonl.gz"),
    "logs": (".parquet", ".jsonl", ".jsonl.gz"),
    "events": (".json", ".jsonl", ".jsonl.gz"),
    "changes": (".json", ".jsonl", ".jsonl.gz"),
    "alert": (".json",),
    "kubernetes": (".json",),
    "calls": (".csv",),
}
"""The endings that each part may have, in the order in which they are looked for."""

NEEDED: Mapping[Part, tuple[str, ...]] = {
    "metrics": ("time", "component", "metric", "value"),
    "spans": ("trace", "span", "component", "start", "duration"),
    "logs": ("time", "component"),
}
"""The columns that a table must have."""

_SPANS: Mapping[str, Kind] = {
    "trace": "either", "span": "either", "parent": "either", "component": "text", "operation": "text", "peer": "text",
    "start": "either", "duration": "number", "status": "text",
}  # fmt: skip
_LOGS: Mapping[str, Kind] = {
    "time": "either", "component": "text", "severity": "text", "origin": "text", "trace": "either", "span": "either",
    "count": "whole", "message": "text",
}  # fmt: skip
_TABLES: Mapping[Part, Mapping[str, Kind]] = {"metrics": COLUMNS, "spans": _SPANS, "logs": _LOGS}
_STATUS = {"error": 1, "failed": 1, "status_code_error": 1, "ok": 0, "status_code_ok": 0}
_MOST_NAMES = 65_536
_PARTS: Mapping[Part, SourceClass] = {
    "metrics": SourceClass.METRIC,
    "logs": SourceClass.LOG,
    "spans": SourceClass.TRACE,
    "events": SourceClass.EVENT,
    "changes": SourceClass.CHANGE,
}


def read(folder: Path) -> tuple[Incident, "BundleFolder"]:
    """Return the incident of a bundle and its telemetry. Raises TelemetryUnreadable for what is wrong with it."""
    manifest = read_manifest(folder / FILE)
    opened = BundleFolder(folder, manifest)
    alert = opened.file("alert")
    return manifest.incident(read_alert(alert) if alert else None), opened


@dataclass(frozen=True)
class BundleFolder:
    """The telemetry of a bundle's folder. Rows are sorted by time inside a batch; batches come as the file has them.

    `names` of batches are codes of that batch alone.
    """

    folder: Path
    manifest: Manifest

    def file(self, part: Part) -> Path | None:
        """Return the file of a part, or None where the bundle has none. Raises TelemetryUnreadable."""
        told = self.manifest.files.get(part)
        if told is None:
            return next((one for end in ENDINGS[part] if (one := self.folder / f"{part}{end}").is_file()), None)
        if not told.endswith(ENDINGS[part]):
            raise TelemetryUnreadable(
                f"{self.folder / FILE}: {part} are in {told!r}, which ends with none of {', '.join(ENDINGS[part])}"
            )
        return pointed(self.folder, told, within=self.folder)

    def coverage(self) -> tuple[Coverage, ...]:
        """Tell what there is; where bundle.json doesn't state it, from the times in the files."""
        return self._covered

    def series(self, window: Window) -> Iterator[Series]:
        """Give each series that has points inside `window`, cut to it."""
        file = self.file("metrics")
        if file is None:
            return iter(())
        return gathered(file, window, self.manifest.time_unit, Tally(file), read=self._spools.batches)

    def spans(self, window: Window) -> Iterator[Spans]:
        """Give the spans that start inside `window`."""
        file, codes = self.file("spans"), Codes()
        if file is None:
            return
        tally = Tally(file)
        for batch in self._spools.batches(file, _SPANS, NEEDED["spans"], tally):
            codes = codes if len(codes.names) < _MOST_NAMES else Codes()
            start = instants(batch.column("start"), self.manifest.time_unit)
            tally.skip_times(start, batch.column("start"))
            rows = _sorted_inside(start, window)
            if len(rows):
                found = _spans(_taken(batch, rows), start[rows], codes, self.manifest.duration_unit)
                yield spans_where(found, (found.component >= 0) & (found.duration >= 0) & (found.span != -1))

    def logs(self, window: Window) -> Iterator[LogLines]:
        """Give the log lines inside `window`."""
        file, codes = self.file("logs"), Codes()
        if file is None:
            return
        tally = Tally(file)
        for batch in self._spools.batches(file, _LOGS, NEEDED["logs"], tally):
            codes = codes if len(codes.names) < _MOST_NAMES else Codes()
            time = instants(batch.column("time"), self.manifest.time_unit)
            tally.skip_times(time, batch.column("time"))
            rows = _sorted_inside(time, window)
            if len(rows):
                found = _lines(_taken(batch, rows), time[rows], codes)
                yield lines_where(found, found.component >= 0)

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Give the events and changes inside `window`."""
        return (one for one in self._occurred if one.at in window)

    def edges(self) -> tuple[Edge, ...]:
        """Give the calls that calls.csv states."""
        file = self.file("calls")
        if file is None:
            return ()
        columns = read_columns(file, text=("caller", "callee"))
        if not {"caller", "callee"} <= set(columns):
            raise TelemetryUnreadable(f"{file} has no columns 'caller' and 'callee'; write it as docs/bundles.md says")
        return tuple(sorted({Edge(*pair) for pair in zip(columns["caller"], columns["callee"], strict=True)}))

    @cached_property
    def _spools(self) -> Spools:
        return Spools()

    @cached_property
    def _occurred(self) -> tuple[Happening, ...]:
        unit = self.manifest.time_unit
        found: list[Happening] = []
        for part in ("events", "changes"):
            if file := self.file(part):
                found.extend(read_occurrences(file, _PARTS[part], unit, Tally(file)))
        if cluster := self.file("kubernetes"):
            found.extend(read_cluster(cluster, self.manifest.components, Tally(cluster)))
        return tuple(sorted(found, key=lambda one: (one.at, one.source, one.kind, one.ref, one.title)))

    @cached_property
    def _covered(self) -> tuple[Coverage, ...]:
        stated = [_stated(one) for one in self.manifest.sources or ()]
        known = {one.source for one in stated}
        found: list[Coverage] = []
        for part, source in _PARTS.items():
            scan = self._scanned(part) if part in NEEDED else None
            if source not in known and (self.manifest.sources is None or self.file(part)):
                found.append(self._seen(source, scan) if part in NEEDED else self._happened(part, source))
            if scan is not None and scan.tally.broken:
                found.append(Coverage(source, f"{scan.tally.file.name}: broken lines", None, None, str(scan.tally)))
        return (*stated, *found)

    def _scanned(self, part: Part) -> "_Scan | None":
        """Look at the times of a whole file, and at which of its lines can't be read."""
        file = self.file(part)
        if file is None:
            return None
        time: str = "start" if part == "spans" else "time"
        tally, ends = Tally(file), list[int]()
        for batch in self._spools.batches(file, _TABLES[part], NEEDED[part], tally):
            times = instants(batch.column(time), self.manifest.time_unit)
            tally.skip_times(times, batch.column(time))
            there = times[times != UNKNOWN]
            if len(there):
                ends = [min(ends[0], int(there.min())), max(ends[1], int(there.max()))] if ends else _ends(there)
        return _Scan(tally, Window(ends[0], ends[1] + 1) if ends else None)

    def _seen(self, source: SourceClass, scan: "_Scan | None") -> Coverage:
        instance = f"{self.manifest.id}/{source.value}"
        if scan is None or scan.whole is None:
            return Coverage(source, instance, None, None, "the bundle holds none")
        window, baseline = self.manifest.incident(None).window, self.manifest.incident(None).baseline
        if scan.whole.overlap(window) is None:
            return Coverage(source, instance, None, None, f"the bundle has them for {scan.whole}, not for {window}")
        healthy = baseline.overlap(scan.whole) if baseline else None
        return Coverage(source, instance, scan.whole, healthy)

    def _happened(self, part: Part, source: SourceClass) -> Coverage:
        instance = f"{self.manifest.id}/{source.value}"
        if self.file(part) is None and not (part == "events" and self.file("kubernetes")):
            return Coverage(source, instance, None, None, "the bundle holds none")
        incident = self.manifest.incident(None)
        first = min((one.at for one in self._occurred if one.source is source), default=incident.window.start)
        return Coverage(
            source, instance, Window(min(first, incident.window.start), incident.window.end), incident.baseline
        )


@dataclass(frozen=True, slots=True)
class _Scan:
    """What a look at a whole file showed."""

    tally: Tally
    whole: Window | None


def _ends(times: NDArray[np.int64]) -> list[int]:
    return [int(times.min()), int(times.max())]


def _stated(told: SourceFacts) -> Coverage:
    return Coverage(
        told.source, told.instance, _window(told.window), _window(told.baseline), told.missing, cut=told.cut
    )


def _window(told: Stretch | None) -> Window | None:
    return told.window() if told else None


def _sorted_inside(times: NDArray[np.int64], window: Window) -> NDArray[np.int64]:
    """Return the rows whose time is inside the window, in order of time."""
    rows = np.flatnonzero((times >= window.start) & (times < window.end))
    own = times[rows]
    return rows if (np.diff(own) >= 0).all() else rows[np.argsort(own, kind="stable")]


def _taken(batch: Any, rows: NDArray[np.int64]) -> Any:
    if (np.diff(rows) == 1).all():
        return batch.slice(int(rows[0]), len(rows))
    return batch.take(rows)


def _spans(batch: Any, start: NDArray[np.int64], codes: Codes, unit: Unit) -> Spans:
    component = names(batch.column("component"), codes)
    operation = names(batch.column("operation"), codes, otherwise="unknown")
    peer = names(batch.column("peer"), codes)
    return Spans(
        names=codes.names,
        trace=identifiers(batch.column("trace")),
        span=identifiers(batch.column("span")),
        parent=identifiers(batch.column("parent")),
        component=component,
        operation=operation,
        peer=peer,
        start=start,
        duration=amounts(batch.column("duration"), unit),
        failed=_failed(batch.column("status")),
    )


def _failed(column: Any) -> NDArray[np.int8]:
    """Return 1 for a status that says it failed, 0 for one that says it did not, else -1."""
    words = Codes()
    codes = names(column, words)
    told = np.array([*(_STATUS.get(word.lower(), -1) for word in words.names), -1], dtype=np.int8)
    return np.asarray(told[codes])


def _lines(batch: Any, time: NDArray[np.int64], codes: Codes) -> LogLines:
    component, severity = names(batch.column("component"), codes), names(batch.column("severity"), codes)
    origin = names(batch.column("origin"), codes)
    message, count = batch.column("message"), batch.column("count")
    return LogLines(
        names=codes.names,
        time=time,
        component=component,
        severity=severity,
        origin=origin,
        trace=identifiers(batch.column("trace")),
        span=identifiers(batch.column("span")),
        count=np.asarray(count.cast("int64").fill_null(1).to_numpy(zero_copy_only=False), dtype=np.int64),
        text=tuple(message.fill_null("").to_pylist()) if message.null_count < len(message) else (),
    )
