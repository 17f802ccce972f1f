"""Loki: lines in pages, their components, severities and ids; and what did not fit."""

from typing import Any

from api.investigation.windows import SECOND
from api.telemetry.live.sources import Scope
from tests.api.telemetry.live.adapted import gathered, problems
from tests.api.telemetry.live.live_sources import WINDOW
from tests.api.telemetry.live.local_server import Answering, Asked, Reply

ALONE = Scope(WINDOW, None)
Entry = tuple[int, dict[str, str], list[Any]]


def _loki(entries: list[Entry], labels: tuple[str, ...] = ("app", "namespace")) -> Answering:
    """Answer as a Loki that holds these entries, at seconds into the window."""

    def answering(asked: Asked) -> Reply:
        if asked.path == "/loki/api/v1/labels":
            return Reply({"status": "success", "data": list(labels)})
        if asked.path.endswith("/values"):
            return Reply({"status": "success", "data": sorted({stream["app"] for _, stream, _ in entries})})
        start, end = int(asked.query["start"]), int(asked.query["end"])
        told = [(_nano(at), stream, value) for at, stream, value in entries if start <= _nano(at) < end]
        streams = [
            {"stream": stream, "values": [[str(at), *value]]} for at, stream, value in told[: int(asked.query["limit"])]
        ]
        return Reply({"status": "success", "data": {"resultType": "streams", "result": streams}})

    return answering


def _nano(at: int) -> int:
    return (WINDOW.start + at * SECOND) * 1_000


def test_lines_have_their_component_severity_and_trace() -> None:
    trace = {"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331", "detected_level": "warn"}
    entries: list[Entry] = [
        (10, {"app": "cart"}, ["level=error msg=boom"]),
        (5, {"app": "front", "level": "info"}, ["GET /"]),
        (20, {"app": "cart"}, ["slow", trace]),
    ]

    found, asked = gathered("loki", _loki(entries), ALONE)

    batches = list(found.logs(WINDOW))
    told = [
        (b.names[b.component[i]], b.names[b.severity[i]] if b.severity[i] >= 0 else "", b.text[i])
        for b in batches
        for i in range(len(b))
    ]
    assert told == [("front", "info", "GET /"), ("cart", "ERROR", "level=error msg=boom"), ("cart", "warn", "slow")]
    assert sum(int((b.trace != -1).sum()) for b in batches) == 1
    assert {one.query["query"] for one in asked if "query" in one.query} == {'{app=~".+"}'}
    assert problems(found) == []


def test_pages_are_read_to_the_end_and_no_line_twice() -> None:
    entries: list[Entry] = [(100 + number // 7, {"app": "cart"}, [f"line {number}"]) for number in range(700)]
    found, _ = gathered("loki", _loki(entries), ALONE, page=50)

    texts = [text for batch in found.logs(WINDOW) for text in batch.text]
    assert sorted(texts) == sorted(f"line {number}" for number in range(700))


def test_components_restrict_the_selector_and_what_is_kept() -> None:
    entries: list[Entry] = [(1, {"app": "cart"}, ["a"]), (2, {"app": "front"}, ["b"])]

    found, asked = gathered("loki", _loki(entries), Scope(WINDOW, None, ("cart",)))

    assert [text for batch in found.logs(WINDOW) for text in batch.text] == ["a"]
    assert {one.query["query"] for one in asked if "query" in one.query} == {'{app=~"cart"}'}


def test_a_selector_of_the_settings_is_used_as_it_is() -> None:
    _, asked = gathered("loki", _loki([]), ALONE, select='{namespace="shop"}')

    assert {one.query["query"] for one in asked} == {'{namespace="shop"}'}


def test_lines_beyond_the_limit_are_told() -> None:
    entries: list[Entry] = [(number, {"app": "cart"}, [f"line {number}"]) for number in range(100)]

    found, _ = gathered("loki", _loki(entries), ALONE, limits={"rows": 30})

    assert sum(len(batch) for batch in found.logs(WINDOW)) == 30
    assert problems(found) == ["no more than 30 rows are taken of it"]


def test_no_label_that_names_a_component_is_said() -> None:
    found, _ = gathered("loki", _loki([], labels=("zone",)), ALONE)

    assert "no stream carries a label that names a component" in problems(found)[0]
