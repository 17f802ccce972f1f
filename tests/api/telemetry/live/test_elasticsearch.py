"""Elasticsearch and OpenSearch: a point in time read in pages, fields by their names, and what did not fit."""

from typing import Any

import pytest

from api.investigation.windows import SECOND, instant_text
from api.telemetry.live.sources import Scope
from api.telemetry.live.tables import at_path, instant
from tests.api.telemetry.live.adapted import gathered, problems
from tests.api.telemetry.live.live_sources import WINDOW
from tests.api.telemetry.live.local_server import Answering, Asked, Reply

ALONE = Scope(WINDOW, None)


def _elastic(records: list[dict[str, Any]], **more: Any) -> Answering:
    def answering(asked: Asked) -> Reply:
        if asked.path.endswith(("/_pit", "/point_in_time")):
            return Reply({"id": "point", "pit_id": "point", "succeeded": True})
        body = asked.json
        bounds = body["query"]["bool"]["filter"][0]["range"]["@timestamp"]
        first, end = instant(bounds["gte"]), instant(bounds["lt"])
        told = [(number, one) for number, one in enumerate(records) if first <= instant(one["@timestamp"]) < end]
        after = body.get("search_after", [-1])[-1]
        page = [{"_source": one, "sort": [one["@timestamp"], number]} for number, one in told if number > after]
        return Reply({"timed_out": False, "_shards": {"failed": 0}, "hits": {"hits": page[: body["size"]]}, **more})

    return answering


def _record(at: int, text: str = "hello", **more: Any) -> dict[str, Any]:
    return {
        "@timestamp": instant_text(WINDOW.start + at * SECOND), "message": text, "service": {"name": "cart"}, **more
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["elasticsearch", "opensearch"])
def test_all_pages_are_read_of_a_point_in_time_which_is_closed(kind: str) -> None:
    records = [_record(number // 3, f"line {number}") for number in range(500)]

    found, asked = gathered(kind, _elastic(records), ALONE, index="shop-*", page=40)

    texts = [text for batch in found.logs(WINDOW) for text in batch.text]
    assert texts == [f"line {number}" for number in range(500)]
    assert asked[0].path == ("/shop-*/_pit" if kind == "elasticsearch" else "/shop-*/_search/point_in_time")
    assert asked[0].body == b""
    assert (asked[-1].method, asked[-1].path.rpartition("/")[2]) == (
        "DELETE", "_pit" if kind == "elasticsearch" else "point_in_time",
    )  # fmt: skip
    assert problems(found) == []


def test_fields_are_found_nested_or_with_dots_in_their_names() -> None:
    records = [
        _record(1, "nested", log={"level": "ERROR"}, trace={"id": "a" * 32}),
        {
            "@timestamp": instant_text(WINDOW.start + 2 * SECOND),
            "body": "flat",
            "service.name": "front",
            "level": "info",
        },
    ]

    found, _ = gathered("elasticsearch", _elastic(records), ALONE)

    batch = next(found.logs(WINDOW))
    assert [(batch.names[c], batch.names[s]) for c, s in zip(batch.component, batch.severity, strict=True)] == [
        ("cart", "ERROR"), ("front", "info"),
    ]  # fmt: skip
    assert (batch.trace != -1).tolist() == [True, False]


def test_what_shards_or_records_lack_is_told() -> None:
    records = [_record(1), {"@timestamp": instant_text(WINDOW.start), "message": "of nobody"}]

    found, _ = gathered("elasticsearch", _elastic(records, _shards={"failed": 2}), ALONE)

    assert sum(len(batch) for batch in found.logs(WINDOW)) == 1
    assert problems(found) == [
        "lines without a time or a component were left out; check the fields; some of its shards did not answer"
    ]


def test_a_query_of_the_settings_restricts() -> None:
    _, asked = gathered("elasticsearch", _elastic([]), ALONE, query="namespace:shop")

    filters = next(one.json for one in asked if one.path == "/_search")["query"]["bool"]["filter"]
    assert filters[1] == {"query_string": {"query": "namespace:shop"}}


@pytest.mark.parametrize(
    ("record", "path", "found"),
    [
        ({"a": {"b": 1}}, "a.b", 1), ({"a.b": 1}, "a.b", 1), ({"a": {"b.c": 1}}, "a.b.c", 1),
        ({"a.b": {"c": 1}}, "a.b.c", 1), ({"a": 3}, "a.b", None), ([], "a", None),
    ],
)  # fmt: skip
def test_a_path_leads_through_objects_and_dots(record: Any, path: str, found: Any) -> None:
    assert at_path(record, path) == found


def test_a_time_may_have_nine_decimals() -> None:
    assert instant("2026-11-23T10:00:00.123456789Z") % SECOND == 123_456
    assert instant("2026-11-23T10:00:00+01:00") == instant("2026-11-23T09:00:00Z")
