"""Shares of few cases with Wilson's interval."""

import pytest

from evals.proportions import proportion


def test_the_interval_is_that_of_wilson() -> None:
    found = proportion([True] * 8 + [False] * 2)

    assert (found.hits, found.n) == (8, 10)
    assert found.low == pytest.approx(0.4902, abs=1e-4)
    assert found.high == pytest.approx(0.9433, abs=1e-4)


def test_all_and_none_stay_within_zero_and_one() -> None:
    assert proportion([True] * 5).high == 1.0
    assert proportion([False] * 5).low == 0.0


def test_no_outcomes_have_no_share() -> None:
    with pytest.raises(ValueError, match="leave the empty group out"):
        proportion([])
