"""Whom a fault affected is told by a criterion of its own: callers whose own telemetry moved."""

from collections.abc import Sequence

from api.investigation.call_graph import CallGraph
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Series
from api.telemetry.recording import Recording
from evals.investigation_affected import affected, moved_components
from tests.api.investigation.incidents_at_hand import BASELINE, WINDOW, call, incident
from tests.api.investigation.recordings_at_hand import series
from tests.api.investigation.specialists.test_symptoms import about

GRAPH = CallGraph([call("shop", "cart"), call("cart", "db"), call("ads", "db")])


def recording(every: Sequence[Series]) -> Recording:
    return Recording((Coverage(SourceClass.METRIC, "metrics", WINDOW, BASELINE),), tuple(every))


def test_callers_whose_metric_moved_are_affected_over_affected_ones() -> None:
    told = recording(
        [
            series("db", "latency", 1.0, 9.0),
            series("cart", "latency", 1.0, 5.0),
            series("shop", "latency", 1.0, 3.0),
            series("ads", "latency", 1.0, 1.0),
        ]
    )

    assert affected("db", GRAPH, about("latency"), told) == ("cart", "shop")


def test_where_nothing_can_be_compared_nothing_is_told() -> None:
    assert moved_components(incident(), recording([])) is None
    assert affected("db", GRAPH, incident(), recording([])) is None
