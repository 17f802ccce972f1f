"""Where a walk along calls says that trouble began."""

from api.investigation.series.traversal import traversed
from api.investigation.telemetry import Edge

CHAIN = (Edge("front", "cart"), Edge("cart", "store"), Edge("front", "ads"))


def best(scores: dict[str, float]) -> str:
    return max(sorted(scores), key=lambda name: scores[name])


def test_the_deepest_troubled_component_is_the_likeliest_origin() -> None:
    scores = traversed({"front": 20.0, "cart": 20.0, "store": 20.0, "ads": 0.0}, "front", CHAIN)

    assert best(scores) == "store"


def test_trouble_that_no_troubled_way_joins_to_the_symptom_counts_little() -> None:
    scores = traversed({"front": 10.0, "cart": 0.0, "store": 60.0, "ads": 0.0}, "front", CHAIN)

    assert best(scores) == "front"


def test_a_symptom_without_troubled_callees_is_its_own_origin() -> None:
    scores = traversed({"front": 10.0, "cart": 1.0, "store": 1.0, "ads": 1.0}, "front", CHAIN)

    assert best(scores) == "front"


def test_calls_that_go_round_end() -> None:
    scores = traversed({"a": 9.0, "b": 9.0}, "a", [Edge("a", "b"), Edge("b", "a")])

    assert scores["a"] == scores["b"] > 0


def test_a_symptom_that_is_not_known_reaches_nothing() -> None:
    assert traversed({}, "nobody", CHAIN) == {}
