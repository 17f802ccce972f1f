"""Outcomes follow from a probability and from what each mistake costs."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.answering.answer import Outcome
from api.answering.ladder import Costs, outcome_for, thresholds

_LADDER = [Outcome.ABSTAINED, Outcome.PARTIAL, Outcome.CAVEAT, Outcome.ANSWERED]


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_probability_never_says_less(one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert _LADDER.index(outcome_for(low, Costs())) <= _LADDER.index(outcome_for(high, Costs()))


@pytest.mark.parametrize(("probability", "outcome"), [(0.0, Outcome.ABSTAINED), (1.0, Outcome.ANSWERED)])
def test_certainty_is_said_and_impossibility_is_not(probability: float, outcome: Outcome) -> None:
    assert outcome_for(probability, Costs()) is outcome


def test_each_outcome_has_its_range_by_default() -> None:
    assert list(thresholds(Costs())) == _LADDER


def test_a_site_that_fears_wrong_answers_more_is_told_less() -> None:
    careful = replace(Costs(), wrong=40.0, wrong_with_caveat=20.0, wrong_partial=10.0)

    assert all(thresholds(careful)[one] > thresholds(Costs())[one] for one in _LADDER[1:])


def test_where_silence_costs_nothing_all_but_certainty_is_silence() -> None:
    assert outcome_for(0.9, replace(Costs(), missed=0.0)) is Outcome.ABSTAINED
