"""Intervals from resampling hold what they should, and are the same each time."""

import numpy as np
import pytest

from evals.bootstrap import difference_interval, mean_interval


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide_on_each_side() -> None:
    values = np.random.default_rng(3).normal(5, 2, 400).tolist()
    found = mean_interval(values)
    error = float(np.std(values, ddof=1)) / 20

    assert found.value == pytest.approx(np.mean(values))
    assert found.value - found.low == pytest.approx(1.96 * error, rel=0.1)
    assert found.high - found.value == pytest.approx(1.96 * error, rel=0.1)


def test_the_same_cases_give_the_same_interval() -> None:
    assert mean_interval([0, 1, 1, 0, 1]) == mean_interval([0, 1, 1, 0, 1])


def test_the_interval_holds_the_true_share_about_95_times_of_100() -> None:
    random = np.random.default_rng(5)
    intervals = [mean_interval((random.random(80) < 0.7).astype(float).tolist()) for _ in range(200)]

    assert 0.90 <= np.mean([each.low <= 0.7 <= each.high for each in intervals]) <= 0.99


def test_cases_that_all_came_out_alike_still_leave_some_doubt() -> None:
    all_right, all_wrong = mean_interval([1.0] * 60), mean_interval([0.0] * 60)

    assert (all_right.value, all_right.high) == (1.0, 1.0)
    assert all_right.low == pytest.approx(0.025 ** (1 / 60))  # 0.940, by Clopper and Pearson
    assert [all_wrong.low, all_wrong.high] == pytest.approx([0.0, 1 - 0.025 ** (1 / 60)])


def test_a_paired_difference_sees_what_the_spread_between_cases_would_hide() -> None:
    before = np.random.default_rng(6).random(200)
    found = difference_interval(before.tolist(), (before + 0.02).tolist())

    assert found.value == pytest.approx(0.02)
    assert found.low > 0.019


def test_only_the_same_cases_are_compared() -> None:
    with pytest.raises(ValueError, match="2 cases before and 1 after"):
        difference_interval([1, 0], [1])


def test_nothing_has_no_interval() -> None:
    with pytest.raises(ValueError, match="expected a row"):
        mean_interval([])


def test_many_cases_are_drawn_in_blocks() -> None:
    found = mean_interval(np.linspace(0, 1, 50_000).tolist())

    assert found.low < 0.5 < found.high
