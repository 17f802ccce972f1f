"""Averages carry their standard errors."""

import math

import pytest

from evals.statistics import mean, percentile, share


def test_a_mean_comes_with_the_deviation_of_the_sample_over_the_root_of_n() -> None:
    found = mean([1.0, 2.0, 3.0, 4.0])

    assert found.value == 2.5
    assert found.standard_error == pytest.approx(math.sqrt(5 / 3) / 2)
    assert found.n == 4


def test_the_error_of_a_single_value_is_unknown() -> None:
    assert mean([0.7]).standard_error is None
    assert str(mean([0.7])) == "0.700 ±?"


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="no values"):
        mean([])


def test_a_share_is_a_mean_of_ones_and_zeros() -> None:
    assert share([True, False, False, False]).value == 0.25


@pytest.mark.parametrize(("wanted", "value"), [(0.0, 10), (0.5, 25), (1.0, 40), (0.99, 39.7)])
def test_a_percentile_lies_between_its_neighbours(wanted: float, value: float) -> None:
    assert percentile([40, 10, 30, 20], wanted) == pytest.approx(value)
