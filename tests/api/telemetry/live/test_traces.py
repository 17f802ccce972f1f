"""Tempo and Jaeger: traces found over a window, spans with their parents, failures and peers."""

import base64
from typing import Any

from api.investigation.telemetry import Edge
from api.investigation.windows import SECOND
from api.telemetry.live.sources import Scope
from tests.api.telemetry.live.adapted import gathered, problems
from tests.api.telemetry.live.live_sources import WINDOW
from tests.api.telemetry.live.local_server import Asked, Reply

ALONE = Scope(WINDOW, None)
AT = WINDOW.start + 60 * SECOND


def _otlp(trace: str) -> dict[str, Any]:
    def attribute(key: str, value: str) -> dict[str, Any]:
        return {"key": key, "value": {"stringValue": value}}

    def span(number: int, parent: int, **more: Any) -> dict[str, Any]:
        ids = {"traceId": base64.b64encode(bytes.fromhex(trace)).decode(), "spanId": _b64(number)}
        times = {"startTimeUnixNano": str((AT + number) * 1_000), "endTimeUnixNano": str((AT + number + 500) * 1_000)}
        return {**ids, "parentSpanId": _b64(parent) if parent else "", "name": f"op {number}", **times, **more}

    def resource(service: str, *spans: dict[str, Any]) -> dict[str, Any]:
        return {
            "resource": {"attributes": [attribute("service.name", service)]},
            "scopeSpans": [{"spans": list(spans)}],
        }

    out = span(2, 1, kind="SPAN_KIND_CLIENT", attributes=[attribute("peer.service", "cart")])
    return {"batches": [resource("front", span(1, 0), out), resource("cart", span(3, 2, status={"code": 2}))]}


def _b64(number: int) -> str:
    return base64.b64encode(number.to_bytes(8, "big")).decode()


def _tempo(asked: Asked) -> Reply:
    if asked.path == "/api/search":
        first = int(asked.query["start"]) * SECOND
        own = first <= AT < int(asked.query["end"]) * SECOND
        traces = [{"traceID": f"{number:032x}"} for number in range(1, 1 + min(3, int(asked.query["limit"])))]
        return Reply({"traces": traces if own else []})
    return Reply(_otlp(asked.path.rpartition("/")[2]))


def test_tempo_gives_whole_traces_with_who_called_whom() -> None:
    found, asked = gathered("tempo", _tempo, ALONE)

    batch = next(found.spans(WINDOW))
    told = [
        (batch.names[batch.component[i]], batch.names[batch.operation[i]], int(batch.failed[i]), int(batch.duration[i]))
        for i in range(3)
    ]
    assert len(batch) == 9
    assert told == [("front", "op 1", 0, 500)] * 3
    assert {batch.names[code] for code in batch.peer if code >= 0} == {"cart"}
    assert int((batch.parent == -1).sum()) == 3
    assert int((batch.failed == 1).sum()) == 3
    assert set(batch.parent[batch.parent != -1]) <= set(batch.span)
    assert len([one for one in asked if one.path == "/api/search"]) == 10
    assert problems(found) == []


def test_tempo_says_where_there_are_more_traces_than_it_was_asked_for() -> None:
    found, _ = gathered("tempo", _tempo, ALONE, traces=20)

    assert problems(found) == ["2 traces were read of each 180 s, and 1 of 10 have more"]


def test_a_trace_that_tempo_cannot_give_is_told_and_the_others_stay() -> None:
    def answering(asked: Asked) -> Reply:
        return Reply({}, 404) if asked.path.endswith("2") and "traces" in asked.path else _tempo(asked)

    found, _ = gathered("tempo", answering, ALONE)

    assert sum(len(batch) for batch in found.spans(WINDOW)) == 6
    assert "HTTP 404" in problems(found)[0]


def _jaeger(asked: Asked) -> Reply:
    if asked.path == "/api/services":
        return Reply({"data": ["front", "cart"]})
    if asked.path == "/api/dependencies":
        return Reply({"data": [{"parent": "front", "child": "cart", "callCount": 7}]})
    if not int(asked.query["start"]) <= AT < int(asked.query["end"]):
        return Reply({"data": []})
    spans = [
        {
            "traceID": "a1", "spanID": "01", "operationName": "GET /", "startTime": AT, "duration": 900,
            "processID": "p1",
        },
        {
            "traceID": "a1", "spanID": "02", "operationName": "add", "startTime": AT + 10, "duration": 500,
            "processID": "p2", "references": [{"refType": "CHILD_OF", "traceID": "a1", "spanID": "01"}],
            "tags": [{"key": "error", "type": "bool", "value": True}],
        },
    ]  # fmt: skip
    processes = {"p1": {"serviceName": "front"}, "p2": {"serviceName": "cart"}}
    return Reply({"data": [{"traceID": "a1", "spans": spans, "processes": processes}], "errors": None})


def test_jaeger_gives_each_span_once_though_both_services_tell_it() -> None:
    found, _ = gathered("jaeger", _jaeger, ALONE)

    batch = next(found.spans(WINDOW))
    assert [batch.names[code] for code in batch.component] == ["front", "cart"]
    assert batch.parent[1] == batch.span[0]
    assert batch.failed.tolist() == [0, 1]
    assert found.edges() == (Edge("front", "cart"),)
    assert problems(found) == []


def test_jaeger_is_asked_for_the_services_that_the_settings_name() -> None:
    _, asked = gathered("jaeger", _jaeger, ALONE, services=["cart"])

    assert {one.query["service"] for one in asked if one.path == "/api/traces"} == {"cart"}
    assert "/api/services" not in {one.path for one in asked}
