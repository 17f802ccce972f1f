"""Weights fitted on cases: drawn towards what is presumed, and never from a case's own (service, kind)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from api.investigation.call_graph import CallGraph
from api.investigation.candidates import candidates_of
from api.investigation.findings import Finding
from api.investigation.presumptions import presumed
from api.investigation.signals import Signal
from evals.cause_ranking import BY_JUDGEMENT, FOLDS, Choice, fit, pair_fold, unseen_rankings
from evals.investigation_cases import Case, Truth
from ingest.errors import UsageError
from tests.api.investigation.incidents_at_hand import call, finding, incident

CPU, SLOW = "metrics.metric.cpu", "metrics.metric.latency"


def choice(number: int, *findings: Finding, right: str = "db", set_: str = "shop") -> Choice:
    found = candidates_of(incident(), findings, CallGraph(()))
    truth = Truth(right, "cpu", f"{set_}/f{number}", False, None, (), None)
    case = Case(set_, f"{set_}-{number}", incident(), truth, (), (), 0.0, (), None)
    names = [one.component for one in found]
    return Choice(case, found, names.index(right) if right in names else None, pair_fold(case))


def misleading(count: int) -> list[Choice]:
    """Return cases in which the component at fault is slow, and a busy one beside it is well."""
    return [
        choice(number, finding("db", 9.0, signal=Signal.LATENCY), finding("cart", 9.0 + number))
        for number in range(count)
    ]


def test_cases_move_a_weight_away_from_what_is_presumed() -> None:
    weights = fit(misleading(12), origin="of the test").weights

    assert weights[SLOW] > presumed(SLOW)
    assert weights[CPU] < presumed(CPU)


def test_trouble_of_its_own_never_clears_a_component() -> None:
    weights = fit(misleading(40), origin="of the test", ridge=1e-6).weights

    assert 0.0 <= weights[CPU] < weights[SLOW] / 10
    assert 0.0 <= weights[f"{CPU}.lead"] < weights[f"{SLOW}.lead"] / 10


def test_greater_trouble_of_a_callee_never_speaks_for_its_caller() -> None:
    """Not even where all cases say so: that is blaming who waits."""
    graph = CallGraph([call("shop", "db")])
    found = candidates_of(incident(), [finding("db", 30.0), finding("shop", 5.0)], graph)
    cases = [replace(choice(number), candidates=found, right=1) for number in range(12)]

    weights = fit(cases, origin="of the test", ridge=1e-6).weights

    assert [one.component for one in found] == ["db", "shop"]
    assert weights["callee_above_own"] <= 0.0


def test_a_strong_penalty_leaves_what_is_presumed() -> None:
    weights = fit(misleading(12), origin="of the test", ridge=1_000.0).weights

    assert {name: weights[name] for name in (CPU, SLOW)} == pytest.approx(
        {name: presumed(name) for name in (CPU, SLOW)}, abs=0.01
    )


def test_how_a_system_is_built_is_not_learnt() -> None:
    weights = fit(misleading(6), origin="of the test").weights

    assert not {"symptom", "callee", "caller", "metrics.any"} & weights.keys()
    assert weights.items() >= BY_JUDGEMENT.items()


def test_a_signal_that_no_case_had_counts_all_the_same() -> None:
    ranking = fit(misleading(6), origin="of the test")
    other = candidates_of(incident(), [finding("mail", signal=Signal.MEMORY)], CallGraph(()))

    assert ranking.score(other[0]) > 0


def test_each_case_is_ranked_by_weights_that_never_saw_its_fold() -> None:
    cases = misleading(16)
    unseen = unseen_rankings(cases)

    assert len({one.fold for one in cases}) > 1
    assert all(0 <= one.fold < FOLDS for one in cases)
    for one, ranking in zip(cases, unseen, strict=True):
        others: Sequence[Choice] = [other for other in cases if other.fold != one.fold]
        assert ranking.weights == fit(others, origin="again").weights


def test_labels_that_name_no_candidate_teach_nothing() -> None:
    with pytest.raises(UsageError, match="no case has a labelled component"):
        fit([choice(0, finding("cart"), right="gone")], origin="of the test")
