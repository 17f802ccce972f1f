"""Which records of a request are taken: those that tell a time that can be meant."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api.telemetry.otlp.requests import OtlpSignal

_EARLIEST = 946_684_800 * 10**9  # the year 2000: clocks that were never set stand in 1970
_AHEAD = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Taken:
    """How many records of a request are taken, and how many are rejected and why."""

    records: int
    rejected: int = 0
    reason: str = ""


def taken(signal: OtlpSignal, request: Any, *, now: float | None = None) -> Taken:
    """Tell which records of a request are taken."""
    moment = int((time.time() if now is None else now) * 1e9)
    latest = moment + _AHEAD
    count = bad = 0
    first: int | None = None
    for at in _times(signal, request, moment):
        count += 1
        if not _EARLIEST <= at <= latest:
            bad += 1
            first = at if first is None else first
    if not bad:
        return Taken(count)
    reason = f"{bad} of {count} tell a time before the year 2000 or more than a day ahead, such as {first} ns"
    return Taken(count - bad, bad, reason)


def is_taken(at: int, latest: int) -> bool:
    """Tell whether a record at nanoseconds is one that was taken; `latest` is the end of what may be meant."""
    return _EARLIEST <= at <= latest


def latest_at(received: int) -> int:
    """Return the end of what may be meant by records that came at `received`, in nanoseconds since the epoch."""
    return received + _AHEAD


def _times(signal: OtlpSignal, request: Any, now: int) -> Iterator[int]:
    """Give the nanoseconds of every record, for a metric those of every point; a log line may tell none."""
    if signal is OtlpSignal.TRACES:
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    yield span.start_time_unix_nano
    elif signal is OtlpSignal.LOGS:
        for resource in request.resource_logs:
            for scope in resource.scope_logs:
                for record in scope.log_records:
                    yield log_time(record, now)
    else:
        for resource in request.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in points_of(metric):
                        yield point.time_unix_nano


def log_time(record: Any, received: int) -> int:
    """Return the nanoseconds of a log line: its own, when it was observed, else when it came."""
    return int(record.time_unix_nano or record.observed_time_unix_nano or received)


def points_of(metric: Any) -> Any:
    """Return the points of a metric of any kind."""
    kind = metric.WhichOneof("data")
    return getattr(metric, kind).data_points if kind else ()
