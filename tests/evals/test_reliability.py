"""Calibration metrics agree with values worked out by hand, and with scikit-learn where it has the same metric."""

import numpy as np
import pytest

from evals.bootstrap import Numbers, metric_interval
from evals.reliability import (
    aurc,
    auroc,
    best_aurc,
    brier,
    brier_skill,
    expected_calibration_error,
    reliability_table,
    risk_coverage,
)

P = [0.1, 0.2, 0.8, 0.9]
Y = [0, 1, 1, 1]


def forecasts(n: int, *, digits: int = 9, seed: int = 7) -> tuple[Numbers, Numbers]:
    """Return overconfident probabilities and what came of them; few digits make ties."""
    random = np.random.default_rng(seed)
    p = np.round(random.random(n), digits)
    return p, (random.random(n) < 0.2 + 0.6 * p).astype(np.float64)


def test_two_bins_by_hand() -> None:
    low, high = reliability_table(P, Y, bins=2)

    assert (low.n, high.n) == (2, 2)
    assert [low.predicted, high.predicted] == pytest.approx([0.15, 0.85])
    assert [low.observed.value, high.observed.value] == [0.5, 1.0]
    assert expected_calibration_error(P, Y, bins=2) == pytest.approx((0.35 + 0.15) / 2)


@pytest.mark.parametrize("digits", [9, 1])
def test_the_table_is_the_quantile_curve_of_scikit_learn(digits: int) -> None:
    from sklearn.calibration import calibration_curve  # type: ignore[import-untyped]  # ships no types

    p, y = forecasts(400, digits=digits)
    observed, predicted = calibration_curve(y, p, n_bins=10, strategy="quantile")
    table = reliability_table(p, y)

    assert [each.observed.value for each in table] == pytest.approx(list(observed))
    assert [each.predicted for each in table] == pytest.approx(list(predicted))
    assert sum(each.n for each in table) == 400


def test_a_bin_says_how_sure_its_share_is() -> None:
    p, y = forecasts(100)

    for each in reliability_table(p, y):
        assert 0 <= each.observed.low <= each.observed.value <= each.observed.high <= 1
        assert each.observed.high - each.observed.low > 0.1


def test_cases_of_equal_probability_share_a_bin_whatever_their_order() -> None:
    p = [0.7] * 30 + [0.2] * 10
    y = [1, 0, 1] * 10 + [0] * 10
    shuffled = np.random.default_rng(1).permutation(40)

    assert [each.n for each in reliability_table(p, y)] == [10, 30]
    assert expected_calibration_error(np.array(p)[shuffled], np.array(y)[shuffled]) == pytest.approx(
        expected_calibration_error(p, y)
    )


def test_a_calibrated_forecast_has_a_small_error_and_an_overconfident_one_a_large() -> None:
    p, y = forecasts(20_000)
    calibrated = 0.2 + 0.6 * p

    assert expected_calibration_error(calibrated, y) < 0.015
    assert expected_calibration_error(p, y) == pytest.approx(0.1, abs=0.01)  # the mean of |0.2 - 0.4 p|


def test_brier_by_hand_and_by_scikit_learn() -> None:
    from sklearn.metrics import brier_score_loss  # type: ignore[import-untyped]  # ships no types

    p, y = forecasts(300)

    assert brier(P, Y) == pytest.approx((0.01 + 0.64 + 0.04 + 0.01) / 4)
    assert brier(p, y) == pytest.approx(brier_score_loss(y, p))


def test_the_skill_is_measured_against_the_base_rate() -> None:
    assert brier_skill([0.75] * 4, Y) == pytest.approx(0)
    assert brier_skill([0, 1, 1, 1], Y) == 1
    assert brier_skill(P, Y) == pytest.approx(1 - 0.175 / 0.1875)


@pytest.mark.parametrize("digits", [9, 1])
def test_auroc_is_that_of_scikit_learn_with_and_without_ties(digits: int) -> None:
    from sklearn.metrics import roc_auc_score

    p, y = forecasts(300, digits=digits)

    assert auroc(p, y) == pytest.approx(roc_auc_score(y, p))


def test_auroc_by_hand() -> None:
    assert auroc([3, 2, 2, 1], [1, 1, 0, 0]) == pytest.approx((2 + 1.5) / 4)


def test_the_risk_rises_with_coverage_by_hand() -> None:
    curve = risk_coverage([0.9, 0.8, 0.8, 0.1], [1, 1, 0, 0])

    assert [each.coverage for each in curve] == [0.25, 0.75, 1.0]
    assert [each.risk for each in curve] == pytest.approx([0, 1 / 3, 0.5])
    assert [each.threshold for each in curve] == [0.9, 0.8, 0.1]


def test_the_area_by_hand() -> None:
    assert aurc([4, 3, 2, 1], [1, 0, 1, 0]) == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
    assert best_aurc([1, 0, 1, 0]) == pytest.approx((0 + 0 + 1 / 3 + 2 / 4) / 4)


def test_a_score_that_says_nothing_has_the_share_of_wrong_ones_as_its_area() -> None:
    assert aurc([0.5] * 5, [1, 1, 0, 0, 0]) == pytest.approx(0.6)


def test_ties_are_left_to_chance_not_to_the_order_of_the_cases() -> None:
    p, y = forecasts(200, digits=1)
    shuffled = np.random.default_rng(2).permutation(200)
    random_orders = [aurc(p + np.random.default_rng(seed).random(200) * 1e-6, y) for seed in range(300)]

    assert aurc(p[shuffled], y[shuffled]) == pytest.approx(aurc(p, y))
    assert aurc(p, y) == pytest.approx(np.mean(random_orders), abs=0.003)


def test_intervals_hold_the_value_and_shrink_with_more_cases() -> None:
    few, many = (metric_interval(brier, *forecasts(n), resamples=300) for n in (100, 2000))

    assert few.low <= few.value <= few.high
    assert many.high - many.low < (few.high - few.low) / 3


def test_the_interval_of_a_calibration_error_reaches_down_to_its_value() -> None:
    p, y = forecasts(200)
    found = metric_interval(expected_calibration_error, 0.2 + 0.6 * p, y, resamples=300)

    assert found.low <= found.value <= found.high


def test_an_interval_leaves_out_resamples_of_one_class() -> None:
    found = metric_interval(auroc, [0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], resamples=200)

    assert found.value == pytest.approx(0.75)
    assert 0 <= found.low <= found.high <= 1


@pytest.mark.parametrize(
    ("p", "y", "words"),
    [
        ([], [], "expected a row"),
        ([0.5, 0.5], [1], "one for each"),
        ([1.5, 0.5], [1, 0], "0..1"),
        ([0.5, float("nan")], [1, 0], "finite"),
        ([0.5, 0.5], [1, 2], "neither 0 nor 1"),
        ([[0.5], [0.5]], [1, 0], "shape"),
    ],
)
def test_columns_that_cannot_be_measured_are_refused(p: list[float], y: list[float], words: str) -> None:
    for metric in (brier, expected_calibration_error, reliability_table):
        with pytest.raises(ValueError, match=words):
            metric(p, y)


def test_outcomes_that_are_all_equal_have_no_skill_and_nothing_to_tell_apart() -> None:
    with pytest.raises(ValueError, match="base rate"):
        brier_skill([0.9, 0.8], [1, 1])
    with pytest.raises(ValueError, match="tell apart"):
        auroc([0.9, 0.8], [1, 1])
