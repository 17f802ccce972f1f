"""Export requests of OTLP as they come: protobuf or JSON made the messages of the specification.

https://opentelemetry.io/docs/specs/otlp/ (OTLP/HTTP); JSON is that of protobuf, but for ids, which are in hex, and
enums, which are numbers.
"""

import base64
import gzip
import json
import zlib
from enum import StrEnum
from io import BytesIO
from typing import Any

from api.errors import UsageError

PROTOBUF, JSON = "application/x-protobuf", "application/json"

MAX_BYTES = 16_000_000
"""Bytes of a request as it is sent."""

MAX_UNPACKED = 64_000_000
"""Bytes of a request once it is unpacked."""

_IDS = frozenset({"traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id"})
_DEEPEST = 60


class OtlpSignal(StrEnum):
    """What a request brings; its path ends with the name."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"


class TooLarge(UsageError):
    """A request is larger than is taken."""


def unpacked(body: bytes, encoding: str) -> bytes:
    """Return a body without its compression. Raises UsageError for another one than gzip, TooLarge."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    if name != "gzip":
        raise UsageError(f"Content-Encoding {encoding[:40]!r} is not understood; send gzip, or none")
    try:
        with gzip.GzipFile(fileobj=BytesIO(body)) as file:
            found = file.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"the body is no whole gzip file ({error}); send it again") from error
    if len(found) > MAX_UNPACKED:
        raise TooLarge(f"the body is larger than {MAX_UNPACKED:,} bytes once it is unpacked; send smaller batches")
    return found


def request_of(signal: OtlpSignal, body: bytes, content_type: str) -> Any:
    """Return the request message of a signal. Raises UsageError that says what is wrong with it."""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # ships no hints

    if content_type == JSON:
        return _from_json(signal, body)
    try:
        return message_of(signal).FromString(body)
    except (DecodeError, ValueError) as error:
        raise UsageError(
            f"the body is no Export{signal.value.title()}ServiceRequest in protobuf ({error}); is its path right?"
        ) from error


def message_of(signal: OtlpSignal) -> Any:
    """Return the class of a signal's request."""
    if signal is OtlpSignal.TRACES:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        return ExportTraceServiceRequest
    if signal is OtlpSignal.LOGS:
        from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

        return ExportLogsServiceRequest
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

    return ExportMetricsServiceRequest


def _from_json(signal: OtlpSignal, body: bytes) -> Any:
    from google.protobuf.json_format import ParseDict, ParseError  # type: ignore[import-untyped]  # ships no hints

    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the body is no JSON ({str(error)[:200]})") from error
    if not isinstance(told, dict):
        raise UsageError("the body is no JSON object; send an export request of OTLP")
    try:
        return ParseDict(_with_ids(told, 0), message_of(signal)(), ignore_unknown_fields=True, max_recursion_depth=100)
    except (ParseError, ValueError, TypeError) as error:
        raise UsageError(f"the body is no export request of {signal.value} ({str(error)[:300]})") from error


def _with_ids(value: Any, depth: int) -> Any:
    """Return JSON of OTLP as that of protobuf: its ids in base64. Raises UsageError for an id that is no hex."""
    if depth > _DEEPEST:
        raise UsageError(f"the body is nested more than {_DEEPEST} levels deep")
    if isinstance(value, list):
        return [_with_ids(one, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _id(name, one) if name in _IDS else _with_ids(one, depth + 1) for name, one in value.items()}


def _id(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64encode(bytes.fromhex(value)).decode()
    except ValueError as error:
        raise UsageError(f"{name} {value[:60]!r} is not hex; OTLP in JSON writes ids in hex") from error
