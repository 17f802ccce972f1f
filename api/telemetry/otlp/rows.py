"""Requests of OTLP as rows of our tables: spans, log lines and points of metrics."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from api.telemetry.otlp.checking import is_taken, latest_at, log_time, points_of

UNNAMED = "unknown_service"
"""The component of what names none: the default of the specification for service.name."""

SPAN_COLUMNS = ("trace", "span", "parent", "component", "operation", "peer", "start", "duration", "failed")
LOG_COLUMNS = ("time", "component", "severity", "text", "trace", "span")
POINT_COLUMNS = (
    "time", "component", "metric", "unit", "kind", "stream", "failed", "value", "count", "bounds", "buckets",
)  # fmt: skip

_PEERS = ("peer.service", "server.address", "net.peer.name", "db.system.name", "db.system", "messaging.system")
_OUTGOING = (3, 4)  # span kinds client and producer
_ERROR = 2  # of status
_LONGEST = 16_384  # characters of a log line that are kept
_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_CUMULATIVE = 2
_STATUS_CODES = ("http.response.status_code", "http.status_code")


def span_rows(request: Any, received: int) -> Iterator[tuple[Any, ...]]:
    """Give the spans of a request in the order of SPAN_COLUMNS; times in microseconds, ids as signed integers.

    `received` is when it came, in nanoseconds.
    """
    latest = latest_at(received)
    for resource in request.resource_spans:
        component = _component(resource)
        for scope in resource.scope_spans:
            for one in scope.spans:
                start = one.start_time_unix_nano
                if not is_taken(start, latest):
                    continue
                yield (
                    _low(one.trace_id), _low(one.span_id), _low(one.parent_span_id) if one.parent_span_id else -1,
                    component, one.name or "unknown", _peer(one) if one.kind in _OUTGOING else "",
                    start // 1_000, max(0, one.end_time_unix_nano - start) // 1_000, int(one.status.code == _ERROR),
                )  # fmt: skip


def log_rows(request: Any, received: int) -> Iterator[tuple[Any, ...]]:
    """Give the log lines of a request in the order of LOG_COLUMNS."""
    latest = latest_at(received)
    for resource in request.resource_logs:
        component = _component(resource)
        for scope in resource.scope_logs:
            for one in scope.log_records:
                at = log_time(one, received)
                if not is_taken(at, latest):
                    continue
                level = one.severity_text.upper() or _level(one.severity_number)
                yield (
                    at // 1_000, component, level[:40], _text(one)[:_LONGEST],
                    _low(one.trace_id) if one.trace_id else -1, _low(one.span_id) if one.span_id else -1,
                )  # fmt: skip


def point_rows(request: Any, received: int) -> Iterator[tuple[Any, ...]]:
    """Give the points of all metrics of a request in the order of POINT_COLUMNS.

    `kind` is gauge, rate (a monotonic sum), sum, histogram or summary, with a plus where its values grow from a start
    (cumulative temporality). `stream` tells those of one metric apart, `failed` says that its attributes tell of
    failures.
    """
    latest = latest_at(received)
    for resource in request.resource_metrics:
        component = _component(resource)
        base = _digest(resource.resource.attributes)
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                kind = _kind(metric)
                for point in points_of(metric):
                    if is_taken(point.time_unix_nano, latest):
                        stream = base ^ _digest(point.attributes)
                        yield (
                            point.time_unix_nano // 1_000, component, metric.name, metric.unit, kind, stream,
                            _is_failed(point.attributes), *_values(metric, point),
                        )  # fmt: skip


def _values(metric: Any, point: Any) -> tuple[Any, Any, Any, Any]:
    """Return value (or sum), count, bounds and counts of buckets."""
    data = metric.WhichOneof("data")
    if data in ("gauge", "sum"):
        return (point.as_int if point.WhichOneof("value") == "as_int" else point.as_double), None, None, None
    if data == "histogram":
        return point.sum, point.count, list(point.explicit_bounds), list(point.bucket_counts)
    if data == "exponential_histogram":
        return point.sum, point.count, *_buckets(point)
    return point.sum, point.count, [one.quantile for one in point.quantile_values], None


def _buckets(point: Any) -> tuple[list[float], list[int]]:
    """Return the positive buckets of an exponential histogram with explicit bounds, what is zero or less first.

    The upper bound of bucket i is base^(i+1), base = 2^(2^-scale)
    (https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram).
    """
    base = 2.0 ** (2.0**-point.scale)
    below = point.zero_count + sum(point.negative.bucket_counts)
    bounds, counts = [base**point.positive.offset], [below]
    for place, count in enumerate(point.positive.bucket_counts):
        bounds.append(base ** (point.positive.offset + place + 1))
        counts.append(count)
    return bounds, [*counts, 0]


def _kind(metric: Any) -> str:
    data = metric.WhichOneof("data")
    if data == "gauge":
        return "gauge"
    if data == "summary":
        return "summary+"
    told = getattr(metric, data) if data else None
    plus = "+" if told is not None and told.aggregation_temporality == _CUMULATIVE else ""
    if data == "sum":
        return ("rate" if metric.sum.is_monotonic else "sum") + plus
    return f"histogram{plus}"


def _component(resource: Any) -> str:
    for one in resource.resource.attributes:
        if one.key == "service.name" and one.value.string_value:
            return str(one.value.string_value)[:300]
    return UNNAMED


def _peer(span: Any) -> str:
    told = {one.key: one.value.string_value for one in span.attributes if one.key in _PEERS}
    return next((told[name][:300] for name in _PEERS if told.get(name)), "")


def _is_failed(attributes: Any) -> bool:
    for one in attributes:
        if one.key == "error.type" and one.value.string_value:
            return True
        if one.key in _STATUS_CODES and (one.value.int_value >= 500 or one.value.string_value.startswith("5")):
            return True
        if one.key == "rpc.grpc.status_code" and one.value.int_value:
            return True
    return False


def _digest(attributes: Any) -> int:
    """Return a number that tells sets of attributes apart, whatever their order."""
    found = 0
    for one in attributes:
        text = f"{one.key}\x00".encode() + one.value.SerializeToString(deterministic=True)
        found ^= int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little", signed=True)
    return found


def _low(value: bytes) -> int:
    """Return the last 8 bytes of an id as a signed integer, as traces are told apart by."""
    return int.from_bytes(value[-8:], "little", signed=True)


def _level(number: int) -> str:
    """Return the name of a severity number: four numbers a level, from 1 on."""
    return _LEVELS[(number - 1) // 4] if 1 <= number <= 24 else ""


def _text(record: Any) -> str:
    """Return what a record says: its body, and the exception that it carries."""
    body = _any(record.body)
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, default=str)
    told = {one.key: one.value.string_value for one in record.attributes if one.key.startswith("exception.")}
    thrown = ": ".join(told[name] for name in ("exception.type", "exception.message") if told.get(name))
    return f"{text} {thrown}" if thrown and thrown not in text else text


def _any(value: Any) -> Any:
    """Return an AnyValue as plain data."""
    kind = value.WhichOneof("value")
    if kind is None:
        return ""
    if kind == "array_value":
        return [_any(one) for one in value.array_value.values]
    if kind == "kvlist_value":
        found: Mapping[str, Any] = {one.key: _any(one.value) for one in value.kvlist_value.values}
        return found
    told = getattr(value, kind)
    return told.hex() if isinstance(told, bytes) else told
