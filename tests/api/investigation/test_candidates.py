"""Features of a candidate: what its findings say, how they stand among others, and what its neighbours show."""

import math
from collections.abc import Mapping, Sequence

import pytest

from api.investigation.call_graph import CallGraph
from api.investigation.candidates import candidates_of
from api.investigation.findings import NOWHERE, Direction, Finding
from api.investigation.reports import Call
from api.investigation.signals import Signal
from tests.api.investigation.incidents_at_hand import call, finding, incident, steady


def features(
    *findings: Finding, calls: Sequence[Call] = (), components: tuple[str, ...] = ()
) -> dict[str, Mapping[str, float]]:
    found = candidates_of(incident(components=components), findings, CallGraph(calls))
    return {one.component: one.features for one in found}


def test_a_signal_counts_by_the_logarithm_of_its_score() -> None:
    assert features(finding("db", 9.0))["db"]["metrics.metric.cpu"] == pytest.approx(math.log(10))


def test_a_fall_is_another_feature_than_a_rise() -> None:
    own = features(finding("db", signal=Signal.TRAFFIC, direction=Direction.DOWN))["db"]

    assert "metrics.metric.traffic.fall" in own
    assert "metrics.metric.traffic" not in own


def test_a_steady_finding_says_nothing_for_a_component() -> None:
    (own,) = candidates_of(incident(), [steady("db")], CallGraph([]))

    assert own.notable == ()
    assert own.strength == 0.0


def test_the_only_one_with_a_signal_is_ahead_of_all() -> None:
    both = features(finding("db", 9.0), finding("cart", 3.0))

    assert both["db"]["metrics.metric.cpu.lead"] == pytest.approx(math.log(10) - math.log(4))
    assert both["cart"]["metrics.metric.cpu.lead"] == 0.0
    assert both["db"]["metrics.metric.cpu.alone"] < math.log(10)
    assert features(finding("db", 9.0))["db"]["metrics.metric.cpu.alone"] == pytest.approx(math.log(10))


def test_a_replica_is_compared_with_its_siblings() -> None:
    own = features(finding("cart-0", 9.0), finding("cart-1", 9.0), finding("db-0", 9.0))

    assert own["cart-0"]["metrics.metric.cpu.sibling"] == 0.0
    assert "metrics.metric.cpu.sibling" not in own["db-0"]


def test_a_replica_whose_traffic_a_sibling_took_over_is_told_so() -> None:
    lost = finding("cart-0", 9.0, signal=Signal.TRAFFIC, direction=Direction.DOWN)
    own = features(lost, finding("cart-1", 4.0, signal=Signal.TRAFFIC), finding("db", signal=Signal.TRAFFIC))

    assert own["cart-0"]["shifted"] == pytest.approx(math.log(5))
    assert own["cart-1"]["shifted"] == 0.0
    assert "shifted" not in own["db"]


def test_trouble_of_a_callee_is_told_to_its_caller() -> None:
    own = features(finding("db", 20.0), finding("cart", 4.0), calls=[call("cart", "db")])

    assert own["cart"]["callee_above_own"] == pytest.approx(math.log(21) - math.log(5))
    assert own["db"]["callers_troubled"] == 1.0


def test_the_incident_can_narrow_the_candidates() -> None:
    assert list(features(finding("db"), finding("cart"), components=("cart", "web"))) == ["cart", "web"]


def test_who_began_first_is_early() -> None:
    own = features(finding("db", onset=0), finding("cart", onset=5_000_000), finding("shop", onset=9_000_000))

    assert own["db"]["earliness"] == 1.0
    assert own["shop"]["earliness"] == 0.0


def test_what_is_about_no_component_is_no_candidate() -> None:
    assert list(features(finding("db"), finding(NOWHERE))) == ["db"]
