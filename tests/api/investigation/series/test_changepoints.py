"""Where a departure from the baseline is dated to."""

import numpy as np

from api.investigation.series.changepoints import ChangePoint, first_change


def change(deviations: list[float]) -> ChangePoint | None:
    return first_change(np.arange(len(deviations), dtype=np.int64) * 10, np.array(deviations, dtype=np.float64))


def test_the_change_is_the_first_point_of_a_lasting_departure() -> None:
    assert change([0.0, 0.2, -0.1, 4.0, 5.0, 4.0, 5.0]) == ChangePoint(30, 10)


def test_an_outlier_long_before_is_not_the_change() -> None:
    found = change([0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 5.0, 5.0, 5.0])

    assert found == ChangePoint(60, 10)


def test_a_slow_rise_is_dated_to_where_it_begins_to_count() -> None:
    found = change([0.0, 0.0, 1.0, 1.5, 2.0, 3.0, 4.0])

    assert found == ChangePoint(20, 10)


def test_a_window_of_one_point_changes_there_without_a_step() -> None:
    assert change([7.0]) == ChangePoint(0, 0)


def test_what_stays_within_three_units_has_no_change() -> None:
    assert change([1.0, 2.0, 2.9, 2.9, 2.9]) is None


def test_missing_points_are_passed_over() -> None:
    assert change([float("nan"), 0.0, float("nan"), 6.0, 6.0]) == ChangePoint(30, 20)


def test_nothing_but_missing_points_has_no_change() -> None:
    assert change([float("nan")]) is None
    assert change([]) is None
