"""POST /otlp/v1/{traces,logs,metrics}: telemetry by OTLP/HTTP, acknowledged once it is on disk.

Codes and bodies are those of https://opentelemetry.io/docs/specs/otlp/#otlphttp: 200 with the number of records that
were rejected, 400 for what can't be read, 413 for what is too large, 503 with Retry-After where it is to be sent again;
an error is a google.rpc.Status in the format of the request.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from api.errors import UsageError
from api.routes.workers import Workers
from api.telemetry.otlp.checking import Taken, taken
from api.telemetry.otlp.journal import Full
from api.telemetry.otlp.requests import JSON, MAX_BYTES, PROTOBUF, OtlpSignal, TooLarge, request_of, unpacked
from ingest.errors import StorageFailed

OTLP_PATHS = frozenset(f"/otlp/v1/{signal.value}" for signal in OtlpSignal)
"""Paths whose bodies this door measures itself."""

_INVALID, _UNAVAILABLE, _EXHAUSTED = 3, 14, 8  # of google.rpc.Code
_RETRY_SECONDS = 5
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "An Export…ServiceResponse; it tells how many records were rejected and why."},
    400: {"description": "It can't be read: a google.rpc.Status, and it is not to be sent again."},
    413: {"description": "It is too large: a google.rpc.Status."},
    503: {"description": "It is to be sent again after Retry-After: a google.rpc.Status."},
}


class Taking(Protocol):
    """What keeps telemetry."""

    def take(self, signal: OtlpSignal, payload: bytes) -> "Future[None]":
        """Take a request; the future is done once it is on disk. Raises Full, StorageFailed."""


@dataclass(frozen=True, slots=True)
class _Read:
    taken: Taken
    payload: bytes


def otlp_routes(store: Taking, workers: Workers) -> APIRouter:
    """Return the routes, one for each signal."""
    router = APIRouter(tags=["telemetry"])
    for signal in OtlpSignal:
        router.add_api_route(
            f"/otlp/v1/{signal.value}",
            _receiver(signal, store, workers),
            methods=["POST"],
            operation_id=f"exportOtlp{signal.value.title()}",
            response_class=Response,
            responses=_RESPONSES,
            summary=f"Take {signal.value} by OTLP/HTTP, protobuf or JSON",
            openapi_extra={"requestBody": {"required": True, "content": {PROTOBUF: {}, JSON: {}}}},
        )
    return router


def _receiver(signal: OtlpSignal, store: Taking, workers: Workers) -> Callable[..., Any]:
    async def receive(
        request: Request,
        content_type: Annotated[str, Header(include_in_schema=False)] = "",
        content_encoding: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> Response:
        """Take telemetry; what was answered with 200 is on disk, and is read by investigations of its time."""
        kind = content_type.partition(";")[0].strip().lower()
        if kind not in (PROTOBUF, JSON):
            text = f"Content-Type {content_type[:80]!r} is not understood; send {PROTOBUF} or {JSON}"
            return _error(JSON, 415, _INVALID, text)
        try:
            body = await _body(request)
            read = await workers.run(_read, signal, body, content_encoding, kind)
            if read.taken.records:
                await asyncio.wrap_future(store.take(signal, read.payload))
        except TooLarge as error:
            return _error(kind, 413, _INVALID, str(error))
        except UsageError as error:
            return _error(kind, 400, _INVALID, str(error))
        except Full as error:
            return _error(kind, 503, _EXHAUSTED, f"{error}; send it again", retry_after=error.seconds)
        except StorageFailed as error:
            return _error(kind, 503, _UNAVAILABLE, str(error), retry_after=_RETRY_SECONDS)
        return _answer(signal, kind, read.taken)

    return receive


async def _body(request: Request) -> bytes:
    """Return the body; raises TooLarge, and UsageError where it broke off."""
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MAX_BYTES:
                raise TooLarge(f"the body is larger than {MAX_BYTES:,} bytes; send smaller batches")
            parts.append(part)
    except ClientDisconnect as error:
        raise UsageError("the request broke off; send it again") from error
    return b"".join(parts)


def _read(signal: OtlpSignal, body: bytes, encoding: str, kind: str) -> _Read:
    plain = unpacked(body, encoding)
    request = request_of(signal, plain, kind)
    return _Read(taken(signal, request), plain if kind == PROTOBUF else request.SerializeToString())


def _answer(signal: OtlpSignal, kind: str, told: Taken) -> Response:
    message = _response_of(signal)()
    if told.rejected:
        partial = message.partial_success
        setattr(partial, _REJECTED[signal], told.rejected)
        partial.error_message = told.reason
    return Response(_written(message, kind), media_type=kind)


_REJECTED = {
    OtlpSignal.TRACES: "rejected_spans",
    OtlpSignal.LOGS: "rejected_log_records",
    OtlpSignal.METRICS: "rejected_data_points",
}


def _response_of(signal: OtlpSignal) -> Any:
    if signal is OtlpSignal.TRACES:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

        return ExportTraceServiceResponse
    if signal is OtlpSignal.LOGS:
        from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

        return ExportLogsServiceResponse
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

    return ExportMetricsServiceResponse


def _error(kind: str, status: int, code: int, message: str, *, retry_after: int | None = None) -> Response:
    from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no hints

    headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
    return Response(_written(Status(code=code, message=message), kind), status, headers, kind)


def _written(message: Any, kind: str) -> bytes:
    if kind == PROTOBUF:
        return bytes(message.SerializeToString())
    from google.protobuf.json_format import MessageToJson  # type: ignore[import-untyped]  # ships no hints

    return str(MessageToJson(message, indent=None)).encode()
