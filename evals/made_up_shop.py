"""Telemetry of a made-up shop as requests of OTLP: three services and a database, one of them in trouble at the end."""

import math
import random
from collections.abc import Iterator
from typing import Any

from api.telemetry.otlp.requests import OtlpSignal, message_of

CALLS = (("shop", "cart"), ("cart", "db"), ("shop", "payments"))
"""Who calls whom."""

GUILTY = "payments"
"""The service in trouble: it waits for locks, answers late, fails and says so."""

_EVERY = 10  # seconds between points of metrics
_SLOW_MS, _WELL_MS = 900.0, 40.0
_SECOND = 1_000_000_000


def telemetry(now: float, *, healthy_minutes: int, trouble_minutes: int) -> Iterator[tuple[OtlpSignal, bytes]]:
    """Give export requests from healthy time until `now`, in seconds since the epoch; the same for the same now."""
    told = random.Random(7)
    trouble = int(now) - 60 * trouble_minutes
    start = trouble - 60 * healthy_minutes
    for minute in range(start, int(now), 60):
        traces, logs = message_of(OtlpSignal.TRACES)(), message_of(OtlpSignal.LOGS)()
        places = {name: _scope(traces, name) for name in ("shop", "cart", "db", "payments")}
        lines = {name: _lines(logs, name) for name in places}
        for second in range(minute, min(minute + 60, int(now)), 2):
            _one_order(told, second, second >= trouble, places, lines)
        yield OtlpSignal.TRACES, traces.SerializeToString()
        yield OtlpSignal.LOGS, logs.SerializeToString()
        yield OtlpSignal.METRICS, _metrics(told, minute, min(minute + 60, int(now)), trouble).SerializeToString()


def _one_order(told: random.Random, second: int, in_trouble: bool, places: Any, lines: Any) -> None:
    trace, at = told.randbytes(16), second * _SECOND + told.randrange(_SECOND)
    late = told.gauss(_SLOW_MS, 120.0) if in_trouble else told.gauss(_WELL_MS, 5.0)
    fails = in_trouble and told.random() < 0.4
    own = {"shop": 12.0, "cart": told.gauss(15.0, 2.0), "db": told.gauss(6.0, 1.0), "payments": max(5.0, late)}
    length = {"db": own["db"], "payments": own["payments"]}
    length["cart"] = own["cart"] + length["db"]
    length["shop"] = own["shop"] + length["cart"] + length["payments"]
    ids = {name: told.randbytes(8) for name in length}
    parents = {"cart": "shop", "db": "cart", "payments": "shop"}
    for name, milliseconds in length.items():
        span = places[name].spans.add(trace_id=trace, span_id=ids[name], name=f"{name} work", kind=2)
        if name in parents:
            span.parent_span_id = ids[parents[name]]
        span.start_time_unix_nano, span.end_time_unix_nano = at, at + int(milliseconds * 1e6)
        span.status.code = 2 if fails and name in (GUILTY, "shop") else 0
    text = "charge failed: timed out waiting for a lock on table charges" if fails else "charged the card of an order"
    for name, said in ((GUILTY, text), ("cart", f"took {told.randrange(1, 9)} items into the basket")):
        line = lines[name].log_records.add(time_unix_nano=at, severity_number=17 if fails and name == GUILTY else 9)
        line.body.string_value = said


def _metrics(told: random.Random, start: int, end: int, trouble: int) -> Any:
    request = message_of(OtlpSignal.METRICS)()
    for name in ("shop", "cart", "db", "payments"):
        scope = request.resource_metrics.add()
        _name(scope.resource, name)
        metrics = scope.scope_metrics.add().metrics
        busy, waits = metrics.add(name="cpu.utilization", unit="1"), metrics.add(name="lock.wait", unit="s")
        for second in range(start, end, _EVERY):
            hot = name == GUILTY and second >= trouble
            at = second * _SECOND
            busy.gauge.data_points.add(
                time_unix_nano=at, as_double=(0.35 if hot else 0.2) + 0.02 * math.sin(second / 60) + told.gauss(0, 0.01)
            )
            waits.gauge.data_points.add(time_unix_nano=at, as_double=abs(told.gauss(0.8 if hot else 0.002, 0.001)))
    return request


def _scope(request: Any, name: str) -> Any:
    resource = request.resource_spans.add()
    _name(resource.resource, name)
    return resource.scope_spans.add()


def _lines(request: Any, name: str) -> Any:
    resource = request.resource_logs.add()
    _name(resource.resource, name)
    return resource.scope_logs.add()


def _name(resource: Any, name: str) -> None:
    resource.attributes.add(key="service.name").value.string_value = name
