"""The door that takes telemetry by OTLP/HTTP: codes and bodies of the specification; what is acknowledged is kept."""

import gzip
import json
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no hints
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from api.routes.otlp import otlp_routes
from api.routes.workers import Workers
from api.telemetry.otlp.journal import Full
from api.telemetry.otlp.requests import JSON, MAX_UNPACKED, PROTOBUF, OtlpSignal
from ingest.errors import StorageFailed
from tests.api.telemetry.otlp.requests_at_hand import START, logs, traces

TRACES, LOGS = "/otlp/v1/traces", "/otlp/v1/logs"


class Kept:
    """Keeps what it is given, or refuses it."""

    def __init__(self) -> None:
        self.taken: list[tuple[OtlpSignal, bytes]] = []
        self.refusal: Exception | None = None
        self.failure: Exception | None = None

    def take(self, signal: OtlpSignal, payload: bytes) -> "Future[None]":
        if self.refusal is not None:
            raise self.refusal
        done: Future[None] = Future()
        if self.failure is not None:
            done.set_exception(self.failure)
        else:
            self.taken.append((signal, payload))
            done.set_result(None)
        return done


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def http(kept: Kept) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(otlp_routes(kept, Workers(2)))
    with TestClient(app) as client:
        yield client


def test_a_request_in_protobuf_is_kept_as_it_came(http: TestClient, kept: Kept) -> None:
    body = traces(count=3).SerializeToString()

    answer = http.post(TRACES, content=body, headers={"Content-Type": PROTOBUF})

    assert (answer.status_code, answer.headers["content-type"]) == (200, PROTOBUF)
    assert not ExportTraceServiceResponse.FromString(answer.content).HasField("partial_success")
    assert kept.taken == [(OtlpSignal.TRACES, body)]


def test_gzip_is_unpacked(http: TestClient, kept: Kept) -> None:
    body = logs().SerializeToString()

    answer = http.post(
        LOGS, content=gzip.compress(body), headers={"Content-Type": PROTOBUF, "Content-Encoding": "gzip"}
    )

    assert answer.status_code == 200
    assert kept.taken == [(OtlpSignal.LOGS, body)]


def test_json_has_ids_in_hex_and_fields_that_nobody_knows_are_ignored(http: TestClient, kept: Kept) -> None:
    span = {
        "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "GET /", "kind": 2,
        "startTimeUnixNano": str(START * 1_000), "endTimeUnixNano": str(START * 1_000 + 5_000), "newField": {"a": 1},
    }  # fmt: skip
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "cart"}}]}
    told = {"resourceSpans": [{"resource": service, "scopeSpans": [{"spans": [span]}]}]}

    answer = http.post(TRACES, json=told)

    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (200, JSON, {})
    request = type(traces()).FromString(kept.taken[0][1])
    one = request.resource_spans[0].scope_spans[0].spans[0]
    assert (one.trace_id.hex(), one.span_id.hex(), one.kind) == (span["traceId"], span["spanId"], 2)


def test_records_whose_time_cannot_be_meant_are_counted_as_rejected(http: TestClient, kept: Kept) -> None:
    mixed = traces(count=2)
    mixed.resource_spans[0].scope_spans[0].spans[1].start_time_unix_nano = 17
    far = traces(at=(int(time.time()) + 10 * 86_400) * 1_000_000)

    partly = http.post(TRACES, content=mixed.SerializeToString(), headers={"Content-Type": PROTOBUF})
    none = http.post(TRACES, content=far.SerializeToString(), headers={"Content-Type": PROTOBUF})

    told = ExportTraceServiceResponse.FromString(partly.content).partial_success
    assert (partly.status_code, told.rejected_spans) == (200, 1)
    assert "1 of 2 tell a time before the year 2000 or more than a day ahead, such as 17 ns" in told.error_message
    assert ExportTraceServiceResponse.FromString(none.content).partial_success.rejected_spans == 1
    assert len(kept.taken) == 1


def test_a_line_without_a_time_is_taken(http: TestClient) -> None:
    answer = http.post(LOGS, content=logs(at=0).SerializeToString(), headers={"Content-Type": PROTOBUF})

    assert not ExportLogsServiceResponse.FromString(answer.content).HasField("partial_success")


def test_nothing_in_a_request_is_no_error(http: TestClient, kept: Kept) -> None:
    assert http.post(TRACES, content=b"", headers={"Content-Type": PROTOBUF}).status_code == 200
    assert kept.taken == []


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b"\xff\xffgarbage", {"Content-Type": PROTOBUF}, 400, "is no ExportTracesServiceRequest in protobuf"),
        (b"{", {"Content-Type": JSON}, 400, "the body is no JSON"),
        (b"[]", {"Content-Type": JSON}, 400, "no JSON object"),
        (b'{"resourceSpans": 3}', {"Content-Type": JSON}, 400, "no export request of traces"),
        (b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}', {"Content-Type": JSON}, 400, "not hex"),
        (b'{"a":' * 90 + b"1" + b"}" * 90, {"Content-Type": JSON}, 400, "nested more than 60 levels"),
        (b"x", {"Content-Type": "text/plain"}, 415, "Content-Type 'text/plain' is not understood"),
        (b"x", {"Content-Type": PROTOBUF, "Content-Encoding": "br"}, 400, "Content-Encoding 'br'"),
        (b"x", {"Content-Type": PROTOBUF, "Content-Encoding": "gzip"}, 400, "no whole gzip file"),
        (gzip.compress(b"a" * 99)[:-9], {"Content-Type": PROTOBUF, "Content-Encoding": "gzip"}, 400, "no whole gzip"),
    ],
)
def test_what_cannot_be_read_is_refused_for_good(
    http: TestClient, kept: Kept, body: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    answer = http.post(TRACES, content=body, headers=headers)

    assert answer.status_code == status
    told = json.loads(answer.content) if answer.headers["content-type"] == JSON else None
    message = told["message"] if told else Status.FromString(answer.content).message
    assert said in message
    assert kept.taken == []


def test_what_is_too_large_is_refused_packed_or_not(http: TestClient) -> None:
    bomb = gzip.compress(b"\x00" * (MAX_UNPACKED + 1), 1)

    unpacks = http.post(TRACES, content=bomb, headers={"Content-Type": PROTOBUF, "Content-Encoding": "gzip"})
    packed = http.post(TRACES, content=b"\x00" * 16_000_001, headers={"Content-Type": PROTOBUF})

    assert (unpacks.status_code, packed.status_code) == (413, 413)


def test_what_can_be_taken_later_says_when(http: TestClient, kept: Kept) -> None:
    body = traces().SerializeToString()
    kept.refusal = Full("9 bytes wait", 7)
    full = http.post(TRACES, content=body, headers={"Content-Type": PROTOBUF})
    kept.refusal, kept.failure = None, StorageFailed("the disk is full; check free space")
    failed = http.post(TRACES, content=body, headers={"Content-Type": PROTOBUF})

    assert (full.status_code, full.headers["retry-after"]) == (503, "7")
    assert (failed.status_code, failed.headers["retry-after"]) == (503, "5")
    assert Status.FromString(failed.content).message == "the disk is full; check free space"


def test_the_exporters_of_opentelemetry_deliver_to_a_server(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    from tests.api.telemetry.otlp.exporters import delivered

    spans, lines, series = delivered(tmp_path)

    assert spans == {"GET /cart"}
    assert "payment failed" in lines
    assert {"orders", "queue.size", "latency.p50"} <= series
