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
    groups = _numbered(keys)
    count = np.bincount(groups)
    parts = np.split(_sorted_within(groups, values), np.cumsum(count)[:-1])
    return dict(zip(_rows(keys, first_rows(groups)), parts, strict=True))


def counted(keys: Sequence[NDArray[np.int32]]) -> Mapping[Key, int]:
    """Return how many rows each key has; `keys` are columns of one length, a key is a row of them."""
    if not len(keys[0]):
        return {}
    groups = _numbered(keys)
    return dict(zip(_rows(keys, first_rows(groups)), np.bincount(groups).tolist(), strict=True))


def folded(first: NDArray[np.integer[Any]], second: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return the number of each row's pair of values, counted from 0 in order of the pairs."""
    if not len(first):
        return np.empty(0, np.int64)
    one, other = ranked(first), ranked(second)
    return ranked(one * (int(other.max()) + 1) + other)


def first_rows(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first row of each group, in order of the groups, which are numbered from 0 without a gap."""
    if not len(groups):
        return np.empty(0, np.int64)
    found = np.empty(int(groups.max()) + 1, np.int64)
    found[groups[::-1]] = np.arange(len(groups) - 1, -1, -1)  # of several rows the one that is written last stays
    return found


def ranked(values: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return the place of each value among those that there are, in their order, from 0 without a gap."""
    if not len(values):
        return np.empty(0, np.int64)
    least = int(values.min())
    span = int(values.max()) - least + 1
    if span <= _DENSE * len(values):
        there = np.zeros(span, dtype=bool)
        shifted = values - least
        there[shifted] = True
        return np.asarray((np.cumsum(there) - 1)[shifted], dtype=np.int64)
    import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints

    told = pa.array(np.asarray(values, dtype=np.int64)).dictionary_encode()  # hashed: sorting ids takes far longer
    place = np.empty(len(told.dictionary), np.int64)
    place[np.argsort(told.dictionary.to_numpy())] = np.arange(len(place))
    return np.asarray(place[told.indices.to_numpy()], dtype=np.int64)


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


_DENSE = 8  # numbers that there could be for each that there is: up to that, a table of them is quicker than hashing


def _numbered(keys: Sequence[NDArray[np.int32]]) -> NDArray[np.int64]:
    """Return the number of each row's key, counted from 0 in order of the keys."""
    groups = ranked(keys[0])
    for column in keys[1:]:
        groups = folded(groups, column)
    return groups


def _rows(keys: Sequence[NDArray[np.int32]], rows: NDArray[np.int64]) -> list[Key]:
    return list(zip(*(column[rows].tolist() for column in keys), strict=True))


def _sorted_within(groups: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the values in order of their groups, within one in their own order."""
    least = int(values.min())
    span = int(values.max()) - least + 1
    if (int(groups.max()) + 1) * span >= 2**63:
        return values[np.lexsort((values, groups))]
    both = np.sort(groups * span + (values - least))
    return np.asarray(both % span + least, dtype=np.int64)


_Z = 1.0  # normal quantile of a one-sided bound of 84 %


def _bounds(values: Numbers) -> tuple[float, float]:
    n = len(values)
    first = max(int(np.floor((n - 1) / 2 - _Z * np.sqrt(n) / 2)), 0)
    return float(values[first]), float(values[n - 1 - first])
