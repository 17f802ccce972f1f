"""A metric shows a symptom where hardly any healthy stretch of the same length is as bad."""

import numpy as np

from api.investigation.series.tripping import CHANCE, tripped
from api.investigation.telemetry import Series


def points(values: "np.typing.ArrayLike") -> Series:
    numbers = np.asarray(values, dtype=float)
    return Series("shop", "latency", np.arange(len(numbers), dtype=np.int64) * 60, numbers)


USUAL = points(10 + np.resize([0.0, 1.0, -1.0, 0.5, 2.0], 300))


def test_what_healthy_time_never_reached_shows() -> None:
    found = tripped(USUAL, points([10, 11, 30, 10]), rising=True)

    assert found is not None
    assert found.chance < CHANCE
    assert (found.worst, found.worst_at) == (30.0, 120)


def test_small_moves_that_last_show_by_their_mean() -> None:
    found = tripped(USUAL, points([12, 12, 12, 12, 12]), rising=True)

    assert found is not None
    assert found.chance < CHANCE


def test_what_healthy_time_shows_too_does_not() -> None:
    found = tripped(USUAL, points([10, 11, 12, 10]), rising=True)

    assert found is not None
    assert found.chance > CHANCE


def test_a_metric_that_falls_is_looked_at_from_below() -> None:
    up, down = (tripped(USUAL, points([10, 2, 10]), rising=rising) for rising in (True, False))

    assert up is not None
    assert down is not None
    assert up.chance > CHANCE > down.chance
    assert (down.usual, down.worst) == (10.5, 2.0)


def test_too_few_points_or_none_at_all_say_nothing() -> None:
    assert tripped(points([1, 2]), points([9]), rising=True) is None
    assert tripped(USUAL, points([np.nan, np.inf]), rising=True) is None
    assert tripped(USUAL, points([]), rising=True) is None


def test_where_healthy_time_is_short_points_beyond_all_of_it_show() -> None:
    short = points(10 + np.resize([0.0, 1.0, -1.0, 0.5, 2.0], 60))
    bad, usual = (tripped(short, points(np.full(60, level)), rising=True) for level in (30.0, 11.0))

    assert bad is not None
    assert usual is not None
    assert bad.by_order
    assert bad.chance < CHANCE < usual.chance
