"""Values of many groups at once: quantiles and counts per key."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Key = tuple[int, ...]
Numbers = NDArray[np.int64] | NDArray[np.float64]


def grouped(keys: Sequence[NDArray[np.int32]], values: NDArray[np.int64]) -> Mapping[Key, NDArray[np.int64]]:
    """Return the values of each key, sorted; `keys` are columns of the values' length, a key is a row of them."""
    if not len(values):
        return {}
    order = np.lexsort(np.stack([values, *(key.astype(np.int64) for key in reversed(keys))]))
    columns = np.stack([column[order] for column in keys])
    starts = np.flatnonzero(np.concatenate([[True], (columns[:, 1:] != columns[:, :-1]).any(axis=0)]))
    parts = np.split(values[order], starts[1:])
    return {tuple(columns[:, at].tolist()): part for at, part in zip(starts.tolist(), parts, strict=True)}


def folded(first: NDArray[np.integer[Any]], second: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return the number of each row's pair of values, counted from 0 in order of the pairs."""
    if not len(first):
        return np.empty(0, np.int64)
    one, other = (np.unique(column, return_inverse=True)[1].astype(np.int64) for column in (first, second))
    pairs = one * (int(other.max()) + 1) + other
    return np.unique(pairs, return_inverse=True)[1].astype(np.int64)


def middle(values: NDArray[np.int64]) -> float:
    """Return the median of values."""
    return float(np.median(values))


def surely_above(values: Numbers, usual: Numbers) -> float:
    """Return how far the median of `values` lies above that of `usual` at least, both sorted; negative likewise.

    Each median is known to within order statistics (Conover, Practical Nonparametric Statistics, 3.2), so few values
    count for little: a single one among spread values says nothing. Zero where the bounds overlap.
    """
    low, high = _bounds(values)
    usual_low, usual_high = _bounds(usual)
    return max(low - usual_high, 0.0) + min(high - usual_low, 0.0)


def spread(values: NDArray[np.int64]) -> float:
    """Return 1.4826 times the median absolute deviation: a standard deviation, where values are normal."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


_Z = 1.0  # normal quantile of a one-sided bound of 84 %


def _bounds(values: Numbers) -> tuple[float, float]:
    n = len(values)
    first = max(int(np.floor((n - 1) / 2 - _Z * np.sqrt(n) / 2)), 0)
    return float(values[first]), float(values[n - 1 - first])
