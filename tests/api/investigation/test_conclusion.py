"""From findings to a verdict: what confirms, what holds it back, what is ruled out, and when nothing is wrong."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from api.investigation.conclusion import Conclusion, conclude
from api.investigation.confidence import Confidence, Costs, Logistic, Measure, Standing
from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Finding, Gap, GapReason
from api.investigation.incidents import Incident
from api.investigation.kinds import KindModel, default_kinds
from api.investigation.observations import SourceClass
from api.investigation.ranking import CauseRanking, default_ranking
from api.investigation.reports import Call
from api.investigation.signals import Signal
from api.investigation.verdicts import VerdictState
from tests.api.investigation.incidents_at_hand import call, finding, incident, steady

RANKING = CauseRanking({"metrics.any": 2.0, "logs.any": 2.0, "traces.any": 2.0}, "of the tests")
KINDS = KindModel(1.0, {}, {}, 0.0, "of the tests")
CALLS = (call("shop", "cart"), call("cart", "db"), call("shop", "search"))


def sure(probability: float) -> Confidence:
    odds = {0.99: 4.6, 0.8: 1.39, 0.3: -0.85}[probability]
    model = Logistic({}, odds, Measure(100, 0.1, 0.2, 0.02, 0.9))
    return Confidence(model, model, "of the tests")


SURE = sure(0.99)


def concluded(
    findings: Sequence[Finding],
    *,
    confidence: Confidence | None = SURE,
    about: Incident | None = None,
    gaps: Sequence[Gap] = (),
    calls: Sequence[Call] = CALLS,
    fitted_here: bool = True,
) -> Conclusion:
    return conclude(
        about or incident(),
        findings,
        gaps,
        calls,
        ranking=RANKING,
        confidence=confidence,
        costs=Costs(),
        kinds=KINDS,
        fitted_here=fitted_here,
    )


def logs(component: str, score: float = 10.0) -> Finding:
    return finding(component, score, signal=Signal.ERROR_LOGS, source=SourceClass.LOG, specialist="logs")


CLEAR = (
    finding("db", 20.0),
    logs("db", 20.0),
    finding("cart", 6.0, signal=Signal.LATENCY),
    finding("shop", 5.0, signal=Signal.LATENCY),
    steady("search"),
    steady("ads"),
)


def rules(found: Conclusion) -> set[str]:
    return {one.rule for one in found.verdict.objections}


def test_two_sources_that_agree_confirm_a_cause() -> None:
    found = concluded(CLEAR)

    assert found.verdict.state is VerdictState.CONFIRMED
    assert found.hypotheses[0].component == "db"
    assert found.hypotheses[0].kind is FaultKind.CPU
    assert [(hop.cause, hop.effect) for hop in found.hypotheses[0].chain] == [("db", "cart"), ("cart", "shop")]
    assert all(hop.calls and hop.anomalies for hop in found.hypotheses[0].chain)
    assert found.blast_radius == ("cart", "shop")
    assert found.verdict.deciding is None


def test_one_source_is_never_more_than_likely() -> None:
    found = concluded([one for one in CLEAR if one.source is SourceClass.METRIC])

    assert found.verdict.state is VerdictState.LIKELY
    assert "two_sources" in rules(found)
    assert found.verdict.deciding is not None


def test_sources_that_tell_another_story_stop_it() -> None:
    found = concluded((*CLEAR, logs("ads", 60.0)))

    assert found.verdict.state is not VerdictState.CONFIRMED
    assert "sources_agree" in rules(found)


def test_trouble_of_a_callee_that_is_greater_stops_the_blame_of_its_caller() -> None:
    ranking = CauseRanking({"symptom": 9.0}, "blames whom the symptom names")
    found = conclude(incident(), CLEAR, (), CALLS, ranking=ranking, confidence=sure(0.99), costs=Costs(), kinds=KINDS)

    assert found.hypotheses[0].component == "shop"
    assert found.verdict.state is not VerdictState.CONFIRMED


def test_a_cause_that_began_after_its_effect_is_doubted() -> None:
    late = (finding("db", 20.0, onset=900_000_000), logs("db", 20.0), finding("shop", 5.0, onset=600_000_000))

    assert "onset_order" in rules(concluded((*late, steady("search"), steady("ads"))))


def test_a_symptom_that_the_cause_cannot_reach_is_doubted() -> None:
    assert "reaches_the_symptom" in rules(concluded(CLEAR, calls=()))


def test_what_is_as_unusual_and_not_explained_is_told() -> None:
    found = concluded((*CLEAR, finding("mail", 20.0)))

    assert "symptoms_explained" in rules(found)
    assert "metrics-mail-cpu" in found.hypotheses[0].unexplained


def test_without_alternatives_that_were_ruled_out_nothing_is_confirmed() -> None:
    assert "alternatives_tried" in rules(concluded((finding("db", 20.0), logs("db", 20.0)), about=incident(None)))


def test_a_gap_holds_back_and_is_told() -> None:
    gap = Gap(SourceClass.TRACE, GapReason.NOT_CONNECTED, "no traces", "connect them")
    found = concluded(CLEAR, gaps=[gap])

    assert found.verdict.state is VerdictState.LIKELY
    assert "seen_whole" in rules(found)


def test_without_a_baseline_nothing_is_known_to_be_unusual() -> None:
    found = concluded(CLEAR, about=incident(baseline=None))

    assert found.verdict.state is VerdictState.INCONCLUSIVE


@pytest.mark.parametrize(("probability", "state"), [(0.8, VerdictState.LIKELY), (0.3, VerdictState.INCONCLUSIVE)])
def test_a_low_probability_lowers_the_verdict(probability: float, state: VerdictState) -> None:
    found = concluded(CLEAR, confidence=sure(probability))

    assert found.verdict.state is state
    assert found.verdict.component_right == pytest.approx(probability, abs=0.01)


def test_without_calibration_there_is_no_number_and_nothing_is_confirmed() -> None:
    found = concluded(CLEAR, confidence=None)

    assert found.verdict.state is VerdictState.LIKELY
    assert found.verdict.component_right is None


@pytest.mark.parametrize(("probability", "state"), [(0.99, VerdictState.LIKELY), (0.3, VerdictState.INCONCLUSIVE)])
def test_in_a_system_that_the_models_never_saw_there_is_no_number_and_nothing_is_confirmed(
    probability: float, state: VerdictState
) -> None:
    found = concluded(CLEAR, confidence=sure(probability), fitted_here=False)

    assert found.verdict.state is state
    assert rules(found) == {"system_known"}
    assert found.verdict.component_right is None
    assert found.verdict.kind_right is None


def test_where_only_the_system_is_unknown_a_person_decides() -> None:
    deciding = concluded(CLEAR, fitted_here=False).verdict.deciding

    assert deciding is not None
    assert deciding.source == "human"
    assert "db" in deciding.text


def test_where_all_is_steady_nothing_is_wrong() -> None:
    found = concluded([steady("db"), steady("cart")])

    assert found.verdict.state is VerdictState.NOTHING_WRONG
    assert found.hypotheses == ()


def test_where_nothing_was_seen_nothing_can_be_told() -> None:
    found = concluded([])

    assert found.verdict.state is VerdictState.INCONCLUSIVE
    assert "nothing to look at" in found.sentence


def test_that_a_change_broke_it_is_said_only_where_one_was_seen() -> None:
    kinds = (FaultKind.BAD_CHANGE, FaultKind.CODE_DEFECT)
    found = concluded([replace(one, kinds=kinds) if one.component == "db" else one for one in CLEAR])

    assert found.hypotheses[0].kind is FaultKind.CODE_DEFECT


def test_callers_of_the_cause_are_ruled_out_with_the_reason() -> None:
    reasons = {one.component: one.reason for one in concluded(CLEAR).ruled_out}

    assert "calls db" in reasons["cart"]
    assert "nothing unusual" in reasons["search"]


def test_a_probability_is_that_of_the_logistic_model() -> None:
    standing = Standing(0.5, 0.2, 2, 3.0, 0.7, 10, 1)
    model = Logistic({"sources": 1.0}, -2.0, Measure(0, 0, 0, 0, 0))

    assert model.probability(standing) == pytest.approx(0.5)


def test_the_costs_set_from_when_a_cause_is_told() -> None:
    assert Costs(wrong_likely=1.0, silence=1.0).likely_from == pytest.approx(0.5)


def test_what_comes_with_groundwatch_can_be_read_and_says_where_it_is_from() -> None:
    ranking, kinds = default_ranking(), default_kinds()

    assert ranking.weights
    assert "evals.investigation" in ranking.origin
    assert kinds.constants
    assert "evals.investigation" in kinds.origin


def test_a_finding_that_went_down_can_be_notable() -> None:
    found = concluded([finding("db", 9.0, direction=Direction.GONE, kinds=(FaultKind.CRASH,)), steady("cart")])

    assert found.hypotheses[0].kind is FaultKind.CRASH
