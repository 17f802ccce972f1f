"""Export requests of OTLP for tests, with what the test is about in sight."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

NOW = int(time.time())
"""Seconds: near now, since what tells a time far ahead is rejected."""

START = (NOW - 600) * 1_000_000
"""Microseconds of the first record, ten minutes ago."""


def attributes(of: Any, told: Mapping[str, str | int]) -> None:
    """Add attributes to a message."""
    for name, value in told.items():
        one = of.add()
        one.key = name
        if isinstance(value, int):
            one.value.int_value = value
        else:
            one.value.string_value = value


def traces(component: str = "cart", count: int = 1, *, at: int = START, **span: Any) -> ExportTraceServiceRequest:
    """Return a request with spans a millisecond apart."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    attributes(resource.resource.attributes, {"service.name": component})
    spans = resource.scope_spans.add().spans
    told = span.pop("attributes", {})
    for number in range(count):
        one = spans.add(trace_id=(7).to_bytes(16, "little"), span_id=(number + 1).to_bytes(8, "little"), name="GET /")
        one.start_time_unix_nano = (at + 1_000 * number) * 1_000
        one.end_time_unix_nano = one.start_time_unix_nano + 2_000_000
        for name, value in span.items():
            setattr(one, name, value)
        attributes(one.attributes, told)
    return request


def logs(text: str = "it is well", *, component: str = "cart", at: int = START, **record: Any) -> Any:
    """Return a request with one line."""
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    attributes(resource.resource.attributes, {"service.name": component})
    one = resource.scope_logs.add().log_records.add(time_unix_nano=at * 1_000)
    one.body.string_value = text
    attributes(one.attributes, record.pop("attributes", {}))
    for name, value in record.items():
        setattr(one, name, value)
    return request


def counter(
    values: Sequence[float],
    told: Mapping[str, str | int],
    *,
    name: str = "requests",
    every: int = 30,
    cumulative: bool = True,
) -> Any:
    """Return a request with the points of one stream of a monotonic sum, so many seconds apart."""
    request, metric = _metric(name)
    metric.sum.is_monotonic = True
    metric.sum.aggregation_temporality = 2 if cumulative else 1
    for number, value in enumerate(values):
        point = metric.sum.data_points.add(time_unix_nano=(START + number * every * 1_000_000) * 1_000)
        point.as_double = value
        attributes(point.attributes, told)
    return request


def gauge(values: Sequence[float], *, name: str = "memory", every: int = 30, **told: str | int) -> Any:
    """Return a request with the points of one stream of a gauge."""
    request, metric = _metric(name)
    for number, value in enumerate(values):
        point = metric.gauge.data_points.add(time_unix_nano=(START + number * every * 1_000_000) * 1_000)
        point.as_double = value
        attributes(point.attributes, told)
    return request


def histogram(counts: Sequence[Sequence[int]], bounds: Sequence[float], *, name: str = "latency") -> Any:
    """Return a request with points of a cumulative histogram, half a minute apart."""
    request, metric = _metric(name)
    metric.unit = "s"
    metric.histogram.aggregation_temporality = 2
    for number, buckets in enumerate(counts):
        metric.histogram.data_points.add(
            time_unix_nano=(START + number * 30_000_000) * 1_000,
            count=sum(buckets),
            sum=float(sum(buckets)),
            bucket_counts=buckets,
            explicit_bounds=bounds,
        )
    return request


def _metric(name: str) -> Any:
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    attributes(resource.resource.attributes, {"service.name": "cart"})
    return request, resource.scope_metrics.add().metrics.add(name=name)
