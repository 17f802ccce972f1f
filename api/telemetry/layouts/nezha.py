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
        found = (self.folder / path).resolve() if isinstance(path, str) else None
        return found if found is not None and found.is_file() else None

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

    def spans(self) -> Iterator[Spans]:
        for file in (self.file("spans.csv.gz"), self.beside("baseline_spans")):
            if file:
                yield from _spans(file, self.day, self.facts, file.parent == self.folder)

    def logs(self) -> Iterator[LogLines]:
        pairs = (
            (self.file("log_events.csv.gz"), self.file("logs.jsonl.gz")),
            (self.beside("baseline_log_events"), self.beside("baseline_logs")),
        )
        for events, texts in pairs:
            if events:
                own = events.parent == self.folder
                zero = int(self.facts["t0_us"]) if own else 0
                yield _lines(events, texts, self.day, zero, _side(own))


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


def _spans(file: Path, day: str, facts: Mapping[str, Any], own: bool) -> Iterator[Spans]:
    names = ("minute", "service", "op")
    columns = read_columns(file, text=names)
    needed(columns, ("minute", "trace", "span", "parent", "service", "op", "start_us", "dur_us"), file)
    codes = Codes()
    component, operation = codes.column(columns["service"]), codes.column(columns["op"])
    started = np.array(columns["start_us"], dtype=np.int64) + (int(facts["t0_us"]) if own else 0)
    started = started + _shift(started, columns["minute"], day, file)
    parents = [-1 if value in {None, ""} else int(value) for value in columns["parent"]]
    count = len(columns["span"])
    parent = np.array(parents, dtype=np.int64)
    yield Spans(
        names=codes.names,
        trace=np.array(columns["trace"], dtype=np.int64) + _side(own),
        span=np.array(columns["span"], dtype=np.int64) + _side(own),
        parent=np.where(parent < 0, -1, parent + _side(own)),
        component=component,
        operation=operation,
        peer=np.full(count, -1, dtype=np.int32),
        start=started,
        duration=np.array(columns["dur_us"], dtype=np.int64),
        failed=np.full(count, -1, dtype=np.int8),
    )


def _side(own: bool) -> int:
    """Return what keeps ids of the healthy minute apart from those of the case."""
    return 0 if own else 1 << 60


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


def _lines(events: Path, texts: Path | None, day: str, zero: int, side: int) -> LogLines:
    columns = read_columns(events, text=("minute", "service", "level", "source"))
    needed(columns, ("minute", "span", "t_us", "service", "level", "source"), events)
    codes = Codes()
    component, severity = codes.column(columns["service"]), codes.column(columns["level"])
    origin = codes.column(columns["source"])
    spans = np.array([-1 if value is None else int(value) + side for value in columns["span"]], dtype=np.int64)
    ticks = np.array([0 if value is None else int(value) for value in columns["t_us"]], dtype=np.int64)
    times = _in_order(ticks) + zero
    return LogLines(
        names=codes.names,
        time=times + _shift(times, columns["minute"], day, events),
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
