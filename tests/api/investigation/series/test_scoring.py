"""What counts as unusual against healthy time, and what does not."""

import numpy as np
import pytest

from api.investigation.series.scoring import Shift, shifts
from api.investigation.telemetry import Series
from api.investigation.windows import SECOND, Window

MINUTE = 60 * SECOND
WINDOW = Window(500 * MINUTE, 510 * MINUTE)
NOISE = np.random.default_rng(7)


def pair(
    component: str, metric: str, level: float, spread: float, now: float | list[float], *, points: int = 60
) -> tuple[Series, Series]:
    healthy = NOISE.normal(level, spread, points) if spread else np.full(points, level)
    inside = np.array(now if isinstance(now, list) else [now] * 10, dtype=np.float64)
    times = WINDOW.start + np.arange(len(inside), dtype=np.int64) * MINUTE
    return (
        Series(component, metric, np.arange(points, dtype=np.int64) * MINUTE, healthy),
        Series(component, metric, times, inside),
    )


def only(*given: object) -> Shift:
    (shift,) = shifts([pair(*given)], WINDOW)  # type: ignore[arg-type]  # passed through as they are
    return shift


def test_a_clear_rise_is_unusual_with_its_effect_and_onset() -> None:
    shift = only("cart", "latency_p90_ms", 12.0, 0.5, [12.0] * 4 + [48.0] * 6)

    assert shift.score > 3
    assert shift.effect == pytest.approx(36.0, abs=0.5)
    assert shift.change is not None
    assert shift.change.at == WINDOW.start + 4 * MINUTE


def test_a_clear_fall_has_a_negative_score() -> None:
    shift = only("cart", "latency_p90_ms", 100.0, 2.0, 10.0)

    assert shift.score < -3
    assert shift.effect < 0


def test_a_tiny_change_of_a_quiet_series_is_not_unusual() -> None:
    assert abs(only("cart", "latency_p90_ms", 100.0, 0.001, 105.0).score) < 1


def test_half_a_point_of_cpu_is_not_unusual_however_quiet_it_was() -> None:
    assert abs(only("cart", "CpuUsageRate(%)", 0.2, 0.001, 0.7).score) < 1


def test_one_point_alone_of_ten_is_not_unusual() -> None:
    assert abs(only("cart", "latency_p90_ms", 12.0, 0.5, [12.0] * 9 + [500.0]).score) < 3


def test_a_move_of_all_components_is_drift_and_marks_none() -> None:
    found = shifts([pair(f"s{n}", "latency_ms", 50.0, 1.0, 100.0) for n in range(6)], WINDOW)

    assert all(abs(one.score) < 3 for one in found)
    assert all(one.drift > 3 for one in found)


def test_who_moves_far_more_than_all_is_unusual_in_spite_of_drift() -> None:
    others = [pair(f"s{n}", "latency_ms", 50.0, 1.0, 70.0) for n in range(6)]

    found = shifts([*others, pair("worst", "latency_ms", 50.0, 1.0, 200.0)], WINDOW)

    assert [one.series.component for one in found if one.score >= 3] == ["worst"]


def test_a_counter_is_scored_by_its_rate() -> None:
    healthy = Series(
        "cart", "x_failed_total", np.arange(60, dtype=np.int64) * MINUTE, np.arange(60, dtype=np.float64) * 60
    )
    times = WINDOW.start + np.arange(10, dtype=np.int64) * MINUTE
    steady = Series("cart", "x_failed_total", times, 1e6 + np.arange(10, dtype=np.float64) * 60)

    (shift,) = shifts([(healthy, steady)], WINDOW)

    assert shift.score == 0.0
    assert shift.baseline.middle == 1.0


def test_series_that_cannot_be_compared_are_left_out() -> None:
    short = pair("short", "latency_ms", 50.0, 1.0, 50.0, points=4)
    empty = pair("empty", "latency_ms", 50.0, 1.0, [float("nan")] * 10)

    assert shifts([short, empty], WINDOW) == ()


def test_fewer_than_one_in_a_hundred_of_healthy_heavy_tailed_series_are_unusual() -> None:
    tailed = np.random.default_rng(1)
    times = np.arange(210, dtype=np.int64) * MINUTE
    values = tailed.lognormal(3.0, 0.6, (400, 210))
    pairs = [
        (Series(f"s{n}", "latency_ms", times[:200], row[:200]), Series(f"s{n}", "latency_ms", times[200:], row[200:]))
        for n, row in enumerate(values)
    ]

    found = shifts(pairs, WINDOW)

    assert len(found) == 400
    assert sum(abs(one.score) >= 3 for one in found) <= 4
