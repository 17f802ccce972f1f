"""Values are grouped by key, and a median is only as sure as it has values."""

import numpy as np

from api.investigation.tracing.groups import folded, grouped, surely_above


def test_values_of_a_key_come_together_and_sorted() -> None:
    keys = (np.array([1, 0, 1], dtype=np.int32), np.array([2, 2, 2], dtype=np.int32))

    found = grouped(keys, np.array([9, 5, 3], dtype=np.int64))

    assert {key: part.tolist() for key, part in found.items()} == {(0, 2): [5], (1, 2): [3, 9]}


def test_pairs_are_numbered_in_order() -> None:
    assert folded(np.array([7, 5, 7]), np.array([1, 9, 1])).tolist() == [1, 0, 1]


def test_medians_whose_bounds_overlap_are_not_apart() -> None:
    assert surely_above(np.array([1, 50]), np.array([2, 3, 4])) == 0.0


def test_many_values_that_lie_higher_are_surely_above() -> None:
    assert surely_above(np.arange(100, 200), np.arange(0, 50)) > 50
    assert surely_above(np.arange(0, 50), np.arange(100, 200)) < -50
