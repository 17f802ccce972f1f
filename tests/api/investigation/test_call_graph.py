"""Trouble goes up the calls that were observed, over troubled components where there is a way."""

from api.investigation.call_graph import CallGraph
from api.investigation.telemetry import Edge
from tests.api.investigation.incidents_at_hand import call

GRAPH = CallGraph([call("shop", "cart"), call("shop", "search"), call("cart", "db"), call("search", "db")])


def test_those_above_are_all_whom_trouble_can_reach() -> None:
    assert GRAPH.above("db") == {"cart", "search", "shop"}
    assert GRAPH.below("cart") == {"db"}


def test_the_way_up_prefers_troubled_components() -> None:
    assert GRAPH.way_up("db", "shop", lambda name: name == "search") == ("db", "search", "shop")
    assert GRAPH.way_up("db", "shop", lambda name: name == "cart") == ("db", "cart", "shop")


def test_there_is_no_way_where_no_call_was_observed() -> None:
    assert GRAPH.way_up("shop", "db", lambda _: True) == ()


def test_a_circle_of_calls_ends() -> None:
    circle = CallGraph([call("a", "b"), call("b", "a"), call("a", "a")])

    assert circle.above("a") == {"b"}
    assert circle.way_up("a", "c", lambda _: True) == ()


def test_calls_tell_by_what_they_were_shown() -> None:
    twice = CallGraph([call("a", "b"), call("a", "b")])

    assert twice.shown_by(Edge("a", "b")) == ("o-a-b",)
    assert Edge("b", "a") not in twice
