"""Lines and spans, as adapters read them one by one, made columns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from api.investigation.telemetry import LogLines, Spans
from api.investigation.windows import Window, instant_of
from api.telemetry.columns import identifiers
from api.telemetry.recording import Codes

_SEVERITY = re.compile(
    r"(?:\b(?:level|severity|lvl)\"?\s*[=:]\s*\"?|^|[\s\[|(])(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b",
    re.IGNORECASE,
)
_LOOKED_AT = 300  # signs at the start of a line, in which its severity stands
_FRACTION = re.compile(r"\.(\d{6})\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """One log line, at microseconds; ids and severity empty where not told."""

    at: int
    component: str
    text: str
    severity: str = ""
    trace: str = ""
    span: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """One span; start and duration in microseconds, ids as text, `failed` as in Spans."""

    trace: str
    span: str
    parent: str
    component: str
    operation: str
    start: int
    duration: int
    failed: int
    peer: str = ""


def lines_of(found: Sequence[Line]) -> LogLines:
    """Return lines as columns, in order of time."""
    ordered = sorted(found, key=lambda one: one.at)
    codes = Codes()
    component = codes.column([one.component for one in ordered])
    severity = codes.column([one.severity or severity_in(one.text) for one in ordered])
    return LogLines(
        names=codes.names,
        time=np.array([one.at for one in ordered], dtype=np.int64),
        component=component,
        severity=severity,
        origin=np.full(len(ordered), -1, dtype=np.int32),
        trace=_numbers([one.trace for one in ordered]),
        span=_numbers([one.span for one in ordered]),
        count=np.ones(len(ordered), dtype=np.int64),
        text=tuple(one.text for one in ordered),
    )


def spans_of(found: Sequence[Span]) -> Spans:
    """Return spans as columns, in order of their start."""
    ordered = sorted(found, key=lambda one: (one.start, one.trace, one.span))
    codes = Codes()
    component = codes.column([one.component for one in ordered])
    operation = codes.column([one.operation or "unknown" for one in ordered])
    peer = codes.column([one.peer for one in ordered])
    return Spans(
        names=codes.names,
        trace=_numbers([one.trace for one in ordered]),
        span=_numbers([one.span for one in ordered]),
        parent=_numbers([one.parent for one in ordered]),
        component=component,
        operation=operation,
        peer=peer,
        start=np.array([one.start for one in ordered], dtype=np.int64),
        duration=np.array([one.duration for one in ordered], dtype=np.int64),
        failed=np.array([one.failed for one in ordered], dtype=np.int8),
    )


def severity_in(text: str) -> str:
    """Return the severity that a line states itself near its start, in capitals; empty where it states none."""
    found = _SEVERITY.search(text[:_LOOKED_AT])
    return found[1].upper() if found else ""


def slices(window: Window, count: int) -> list[Window]:
    """Return a window in at most `count` parts of the same length."""
    step = max(1, -(-(window.end - window.start) // max(1, count)))
    return [Window(at, min(window.end, at + step)) for at in range(window.start, window.end, step)]


def instant(told: object) -> int:
    """Return a time of an API, RFC 3339 with up to nine decimals, in microseconds. Raises ValueError for any other."""
    if not isinstance(told, str):
        raise ValueError(f"{told!r} is no time")
    return instant_of(datetime.fromisoformat(_FRACTION.sub(r".\1", told)))


def at_path(record: Any, path: str) -> Any:
    """Return the value that a dotted path leads to, through nested objects or names with dots; None where none is."""
    if not isinstance(record, Mapping):
        return None
    if path in record:
        return record[path]
    head, _, rest = path.partition(".")
    while rest:
        if head in record and (found := at_path(record[head], rest)) is not None:
            return found
        more, _, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


def first_text(record: Any, paths: Sequence[str]) -> str:
    """Return the first text or number that one of several paths leads to; empty where none does."""
    for path in paths:
        found = at_path(record, path)
        if isinstance(found, str | int | float) and found != "":
            return str(found)
    return ""


def _numbers(ids: Sequence[str]) -> Any:
    import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints

    return identifiers(pa.array([one or None for one in ids], pa.string()))
