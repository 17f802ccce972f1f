"""What healthy time is taken for, with outliers, gaps, seasons and counters."""

import numpy as np
import pytest

from api.investigation.series.baseline import Baseline, baseline_of, is_counter, rates, sustained
from api.investigation.telemetry import Series
from api.investigation.windows import SECOND, Window

MINUTE = 60 * SECOND
DAY = 86_400 * SECOND


def series(values: list[float], *, metric: str = "latency", step: int = MINUTE) -> Series:
    return Series("cart", metric, np.arange(len(values), dtype=np.int64) * step, np.array(values, dtype=np.float64))


def baseline(values: list[float], *, width: int = 1) -> Baseline:
    known = baseline_of(series(values), Window(0, MINUTE), width)
    assert known is not None
    return known


def test_one_outlier_in_healthy_time_moves_neither_middle_nor_usual_high() -> None:
    known = baseline([10.0] * 30 + [900.0] + [10.0] * 30, width=5)

    assert (known.middle, known.high, known.low) == (10.0, 10.0, 10.0)


def test_a_heavy_tail_widens_the_unit_of_its_own_side_only() -> None:
    known = baseline([10.0, 11.0, 10.0, 9.0] * 15 + [60.0])

    assert known.above > 5 * known.below


def test_a_constant_zero_series_has_a_baseline_without_spread() -> None:
    known = baseline([0.0] * 20)

    assert (known.middle, known.above, known.below, known.resolution) == (0.0, 0.0, 0.0, 0.0)


def test_missing_points_do_not_count() -> None:
    known = baseline([float("nan"), 5.0] * 6)

    assert (known.points, known.middle) == (6, 5.0)


def test_fewer_than_five_finite_points_are_no_baseline() -> None:
    assert baseline_of(series([1.0, 2.0, 3.0, 4.0, float("inf")]), Window(0, MINUTE), 1) is None


def test_few_healthy_points_give_a_wider_unit_than_many() -> None:
    pattern = [9.0, 10.0, 11.0, 10.0, 10.0]

    assert baseline(pattern * 2).above > baseline(pattern * 40).above


def test_with_days_of_healthy_time_only_the_same_time_of_day_counts() -> None:
    hours = np.arange(0, 3 * 24 * 12) / 12 % 24
    healthy = series(np.where(hours < 12, 100.0, 10.0).tolist(), step=5 * MINUTE)
    evening = 4 * DAY + 18 * 60 * MINUTE

    known = baseline_of(healthy, Window(evening, evening + MINUTE), 1)

    assert known is not None
    assert known.middle == 10.0
    assert known.points == 3 * 24


def test_of_four_points_or_more_the_second_highest_and_lowest_are_sustained() -> None:
    assert sustained(np.array([1.0, 50.0, 2.0, 3.0, -9.0])) == (3.0, 1.0)


def test_of_fewer_points_the_highest_and_lowest_are_sustained() -> None:
    assert sustained(np.array([1.0, 50.0])) == (50.0, 1.0)


def test_a_counter_becomes_its_rise_per_second_over_a_reset() -> None:
    rate = rates(series([0.0, 60.0, 180.0, 30.0], metric="http_requests_total"))

    assert rate.values.tolist() == [1.0, 2.0, 0.5]
    assert rate.times.tolist() == [MINUTE, 2 * MINUTE, 3 * MINUTE]


def test_two_points_at_one_instant_have_no_rate() -> None:
    counter = Series("cart", "x_total", np.array([0, 0], dtype=np.int64), np.array([1.0, 2.0]))

    assert np.isnan(rates(counter).values).all()


@pytest.mark.parametrize(
    ("metric", "values", "expected"),
    [
        ("http_requests_total", [float(10 * n) for n in range(40)], True),
        ("http_requests_total", [*(float(10 * n) for n in range(30)), *(float(n) for n in range(10))], True),
        ("process_resident_memory_bytes", [float(10 * n) for n in range(40)], False),
        ("http_requests_total", [5.0, 3.0, 4.0, 2.0, 6.0] * 8, False),
        ("http_requests_total", [], False),
    ],
)
def test_a_counter_is_named_as_one_and_grows_but_for_resets(metric: str, values: list[float], expected: bool) -> None:
    assert is_counter(series(values, metric=metric)) is expected
