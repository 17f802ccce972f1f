"""Recordings of the Nezha benchmark: wide metrics by the minute, spans, events of logs, and a healthy minute beside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.investigation.incidents import Incident, Symptom
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, LogLines, Series, Spans
from api.investigation.windows import SECOND, Window
from api.telemetry.files import instant, needed, numbers, read_columns, read_lines
from api.telemetry.pointers import pointed
from api.telemetry.recording import Codes, Recording

_MINUTE = 60 * SECOND
_TRAILING = 20 * _MINUTE  # of metrics before the minute in question
_APART = 30 * _MINUTE  # clocks of spans that say less than this apart from their minute are believed


@dataclass(frozen=True)
class _Case:
    """One case and where its files are. A file's minute names the end of the minute that it holds."""

    folder: Path
    facts: Mapping[str, Any]

    @cached_property
    def day(self) -> str:
        return str(self.facts["day"])

    def file(self, name: str) -> Path | None:
        found = self.folder / name
        return found if found.is_file() else None

    def beside(self, pointer: str) -> Path | None:
        path = self.facts.get(pointer)
        return pointed(self.folder, path, within=self.folder.parent) if isinstance(path, str) else None

    @cached_property
    def window(self) -> Window:
        end = instant(self.facts["anomaly"]["minute"], str(self.folder))
        return Window(end - _MINUTE, end)

    @cached_property
    def healthy(self) -> Window:
        end = instant(self.facts["baseline_minute"], str(self.folder))
        return Window(end - _MINUTE, end)

    @cached_property
    def series(self) -> tuple[Series, ...]:
        found = self.file("metrics.csv.gz")
        return tuple(_wide(found)) if found else ()

    @cached_property
    def _sides(self) -> "tuple[_Side, ...]":
        files = (
            (self.file("spans.csv.gz"), 0, int(self.facts.get("t0_us") or 0)),
            (self.beside("baseline_spans"), 1 << 60, 0),
        )
        return tuple(_side(file, self.day, ids, zero) for file, ids, zero in files)

    def spans(self) -> Iterator[Spans]:
        return (side.spans for side in self._sides if side.spans is not None)

    def logs(self) -> Iterator[LogLines]:
        pairs = (
            (self.file("log_events.csv.gz"), self.file("logs.jsonl.gz")),
            (self.beside("baseline_log_events"), self.beside("baseline_logs")),
        )
        for (events, texts), side in zip(pairs, self._sides, strict=True):
            if events:
                yield _lines(events, texts, self.day, side)


@dataclass(frozen=True)
class _Side:
    """The spans of the case or of its healthy minute: what was added to their times and to their ids."""

    spans: Spans | None
    shift: int | None
    ids: int
    zero: int


def read(folder: Path, facts: Mapping[str, Any]) -> tuple[Incident, Recording]:
    """Return the incident of a case and its telemetry. Raises TelemetryUnreadable where a file can't be read."""
    case = _Case(folder, facts)
    name = str(facts["case_id"])
    told = facts["modalities"]
    incident = Incident(
        id=name,
        title=f"{facts.get('system', 'system')}: something is wrong",
        symptom=Symptom(text="something is wrong in this minute"),
        window=case.window,
        baseline=case.window.before(_TRAILING / SECOND),
        components=tuple(str(one) for one in facts.get("candidates", ())),
    )
    spans, logs = bool(told.get("traces")), bool(told.get("logs"))
    coverage = (
        _coverage(SourceClass.METRIC, f"{name}/metrics", case.window, incident.baseline, bool(case.series)),
        _coverage(SourceClass.TRACE, f"{name}/spans", case.window, case.healthy if spans else None, spans),
        _coverage(SourceClass.LOG, f"{name}/logs", case.window, case.healthy if logs else None, logs),
        _coverage(SourceClass.CHANGE, f"{name}/changes", case.window, None, bool(told.get("deploys"))),
    )
    return incident, Recording(coverage, case.series, case.spans, case.logs)


def _coverage(source: SourceClass, instance: str, window: Window, baseline: Window | None, there: bool) -> Coverage:
    if not there:
        return Coverage(source, instance, None, None, "the recording holds none")
    return Coverage(source, instance, window, baseline)


def _wide(file: Path) -> Iterator[Series]:
    columns = read_columns(file, text=("time",))
    needed(columns, ("time",), file)
    times = np.array([instant(value, str(file)) - _MINUTE for value in columns["time"]], dtype=np.int64)
    order = np.argsort(times, kind="stable")
    for name in columns:
        component, bar, metric = name.partition("|")
        if bar and not component.startswith("_"):
            yield Series(component, metric, times[order], numbers(columns[name])[order], instance=file.name)


def _side(file: Path | None, day: str, ids: int, zero: int) -> _Side:
    if file is None:
        return _Side(None, None, ids, zero)
    names = ("minute", "service", "op")
    columns = read_columns(file, text=names)
    needed(columns, ("minute", "trace", "span", "parent", "service", "op", "start_us", "dur_us"), file)
    codes = Codes()
    component, operation = codes.column(columns["service"]), codes.column(columns["op"])
    started = np.array(columns["start_us"], dtype=np.int64) + zero
    shift = _shift(started, columns["minute"], day, file)
    parent = np.array([-1 if value in {None, ""} else int(value) for value in columns["parent"]], dtype=np.int64)
    count = len(columns["span"])
    spans = Spans(
        names=codes.names,
        trace=np.array(columns["trace"], dtype=np.int64) + ids,
        span=np.array(columns["span"], dtype=np.int64) + ids,
        parent=np.where(parent < 0, -1, parent + ids),
        component=component,
        operation=operation,
        peer=np.full(count, -1, dtype=np.int32),
        start=started + shift,
        duration=np.array(columns["dur_us"], dtype=np.int64),
        failed=np.full(count, -1, dtype=np.int8),
    )
    return _Side(spans, shift, ids, zero)


def _shift(started: NDArray[np.int64], minutes: list[str], day: str, file: Path) -> int:
    """Return what to add to times for them to be on the clock of the minutes that the file names.

    Each minute's median is laid on its middle; the median of what that takes is the shift, and none is made where it
    is less than half an hour: the clock is believed then.
    """
    labels = np.array(minutes)
    apart = [
        instant(f"{day} {label}", str(file)) - _MINUTE // 2 - int(np.median(started[labels == label]))
        for label in np.unique(labels).tolist()
    ]
    shift = round(float(np.median(apart))) if apart else 0
    return shift if abs(shift) > _APART else 0


def _lines(events: Path, texts: Path | None, day: str, side: _Side) -> LogLines:
    columns = read_columns(events, text=("minute", "service", "level", "source"))
    needed(columns, ("minute", "span", "t_us", "service", "level", "source"), events)
    codes = Codes()
    component, severity = codes.column(columns["service"]), codes.column(columns["level"])
    origin = codes.column(columns["source"])
    spans = np.array([-1 if value is None else int(value) + side.ids for value in columns["span"]], dtype=np.int64)
    ticks = np.array([0 if value is None else int(value) for value in columns["t_us"]], dtype=np.int64)
    times = _in_order(ticks) + side.zero
    # Lines are on the clock of the spans that they were written in.
    shift = side.shift if side.shift is not None else _shift(times, columns["minute"], day, events)
    return LogLines(
        names=codes.names,
        time=times + shift,
        component=component,
        severity=severity,
        origin=origin,
        trace=np.full(len(spans), -1, dtype=np.int64),
        span=spans,
        count=np.ones(len(spans), dtype=np.int64),
        text=_texts(columns, texts) if texts else (),
    )


def _in_order(ticks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return times in which a line without one has that of the line before it, else of the first that has one."""
    known = ticks > 0
    if known.all() or not known.any():
        return ticks
    place = np.where(known, np.arange(len(ticks)), -1)
    last = np.maximum.accumulate(place)
    filled = np.where(last >= 0, ticks[np.maximum(last, 0)], ticks[known][0])
    return np.asarray(np.where(known, ticks, filled))


def _texts(columns: Mapping[str, list[Any]], file: Path) -> tuple[str, ...]:
    """Return the texts of the lines, in order of each minute, service and source; empty where none was kept."""
    kept: dict[tuple[str, str, str, str], list[str]] = {}
    for _, line in read_lines(file):
        key = (str(line.get("m")), str(line.get("svc")), str(line.get("lvl")), str(line.get("src")))
        kept.setdefault(key, []).append(str(line.get("msg", "")))
    waiting = {key: iter(texts) for key, texts in kept.items()}
    keys = zip(columns["minute"], columns["service"], columns["level"], columns["source"], strict=True)
    return tuple(next(waiting.get(key, iter(())), "") for key in keys)
