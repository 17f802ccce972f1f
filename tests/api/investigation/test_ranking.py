"""The order of candidates by fitted weights, and by what is presumed where nothing was fitted."""

import pytest

from api.investigation.call_graph import CallGraph
from api.investigation.candidates import Candidate, candidates_of
from api.investigation.findings import Direction, Finding
from api.investigation.observations import SourceClass
from api.investigation.ranking import CauseRanking, default_ranking
from api.investigation.signals import Signal
from tests.api.investigation.incidents_at_hand import call, finding, incident


def candidates(*findings: Finding) -> tuple[Candidate, ...]:
    return candidates_of(incident(), findings, CallGraph([call("shop", "cart"), call("cart", "db")]))


def first(ranking: CauseRanking, *findings: Finding) -> str:
    return ranking.rank(candidates(*findings))[0].candidate.component


def test_shares_sum_to_one_and_equal_ones_are_in_order_of_their_names() -> None:
    ranked = CauseRanking({}, "nothing").rank(candidates(finding("shop"), finding("db")))

    assert sum(one.share for one in ranked) == pytest.approx(1.0)
    assert [one.candidate.component for one in ranked] == ["cart", "db", "shop"]


def test_a_feature_without_a_weight_says_nothing_unless_it_is_presumed() -> None:
    restarted = finding("db", signal=Signal.RESTART, source=SourceClass.EVENT, specialist="events")

    assert first(CauseRanking({}, "nothing"), restarted) == "cart"
    assert first(CauseRanking({}, "nothing", presumes=True), restarted) == "db"


def test_a_fitted_weight_takes_the_place_of_what_is_presumed() -> None:
    loud, quiet = finding("shop", 20.0, signal=Signal.LATENCY), finding("db", 4.0)
    fitted = {f"metrics.metric.latency{how}": 0.0 for how in ("", ".alone", ".lead")}

    assert first(CauseRanking({}, "nothing", presumes=True), loud, quiet) == "shop"
    assert first(CauseRanking(fitted, "latency says nothing", presumes=True), loud, quiet) == "db"


@pytest.mark.parametrize(
    "told",
    [
        finding("db", 20.0),
        finding("db", 20.0, signal=Signal.MEMORY),
        finding("db", 20.0, signal=Signal.SELF_TIME, source=SourceClass.TRACE, specialist="traces"),
        finding("db", 20.0, signal=Signal.FAILED_CALLS, source=SourceClass.TRACE, specialist="traces"),
        finding(
            "db", 20.0, signal=Signal.ERROR_LOGS, source=SourceClass.LOG, specialist="logs", direction=Direction.NEW
        ),
        finding("db", 20.0, signal=Signal.RESTART, source=SourceClass.EVENT, specialist="events"),
        finding("db", 20.0, signal=Signal.AVAILABILITY, direction=Direction.DOWN),
    ],
    ids=lambda one: f"{one.specialist}-{one.signal.value}",
)
def test_the_weights_that_come_along_blame_the_only_one_in_trouble(told: Finding) -> None:
    assert first(default_ranking(), told) == "db"


def test_the_weights_that_come_along_blame_a_busy_component_and_not_those_that_wait_for_it() -> None:
    waiting = [finding(name, 30.0, signal=Signal.OUTGOING_LATENCY, id_=f"waits-{name}") for name in ("cart", "shop")]

    assert first(default_ranking(), finding("db", 10.0), *waiting) == "db"
