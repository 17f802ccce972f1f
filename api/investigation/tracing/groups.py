"""Values of many groups at once: quantiles and counts per key."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Key = tuple[int, ...]


def grouped(keys: Sequence[NDArray[np.int32]], values: NDArray[np.int64]) -> Mapping[Key, NDArray[np.int64]]:
    """Return the values of each key, sorted; `keys` are columns of the values' length, a key is a row of them."""
    if not len(values):
        return {}
    order = np.lexsort(np.stack([values, *(key.astype(np.int64) for key in reversed(keys))]))
    columns = np.stack([column[order] for column in keys])
    starts = np.flatnonzero(np.concatenate([[True], (columns[:, 1:] != columns[:, :-1]).any(axis=0)]))
    parts = np.split(values[order], starts[1:])
    return {tuple(columns[:, at].tolist()): part for at, part in zip(starts.tolist(), parts, strict=True)}


def middle(values: NDArray[np.int64]) -> float:
    """Return the median of values."""
    return float(np.median(values))


def spread(values: NDArray[np.int64]) -> float:
    """Return 1.4826 times the median absolute deviation: a standard deviation, where values are normal."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
