"""Intervals from resampling cases: of an average, of any metric, and of the difference between two runs.

Percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13), always with the same
seed, so that the same cases give the same interval.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = npt.NDArray[np.float64]
Metric: TypeAlias = Callable[..., float]

RESAMPLES = 2000
"""Enough for the bounds of a 95 % interval to settle within about a twentieth of its width."""

_TAILS = (2.5, 97.5)
_SEED = 4
_BLOCK = 4_000_000
"""Most numbers drawn at once, so that many cases do not need much memory."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


def mean_interval(values: Sequence[float]) -> Interval:
    """Return the mean with its interval.

    Cases that all came out alike (all 0 or all 1) leave nothing to resample; the bound is then the exact one of
    Clopper and Pearson (1934). Raises ValueError without values.
    """
    cases = numbers(values)
    value = float(cases.mean())
    if value in (0.0, 1.0) and np.all(cases == value):
        slack = 1 - 0.025 ** (1 / len(cases))
        return Interval(value, value and 1 - slack, value or slack)
    means = np.concatenate([cases[draw].mean(axis=1) for draw in _draws(len(cases))])
    return _interval(value, means)


def difference_interval(before: Sequence[float], after: Sequence[float]) -> Interval:
    """Return the mean of `after` less `before`, case by case, with its interval; both in the same order of cases."""
    earlier, later = numbers(before), numbers(after)
    if len(earlier) != len(later):
        raise ValueError(f"{len(earlier)} cases before and {len(later)} after; compare the same cases")
    changes = later - earlier
    means = np.concatenate([changes[draw].mean(axis=1) for draw in _draws(len(changes))])
    return _interval(float(changes.mean()), means)


def metric_interval(metric: Metric, *columns: npt.ArrayLike, resamples: int = RESAMPLES // 2) -> Interval:
    """Return `metric(*columns)` with its interval, resampling the rows of all columns together.

    Resamples for which the metric is not defined (ValueError, such as an AUROC of one class) are left out. The
    interval always holds the value itself: resampling inflates metrics that cannot fall below 0, such as a
    calibration error.
    """
    rows = [np.asarray(column) for column in columns]
    value = metric(*rows)
    found = [score for draw in _draws(len(rows[0]), resamples) for score in _scores(metric, rows, draw)]
    return _interval(value, np.array(found)) if found else Interval(value, value, value)


def metric_difference(
    metric: Metric, before: Sequence[npt.ArrayLike], after: Sequence[npt.ArrayLike], resamples: int = RESAMPLES // 2
) -> Interval:
    """Return `metric(*after) - metric(*before)` with its interval; the columns of both have the same cases in order."""
    middle = len(before)
    rows = [np.asarray(column) for column in (*before, *after)]
    return metric_interval(lambda *both: metric(*both[middle:]) - metric(*both[:middle]), *rows, resamples=resamples)


def numbers(values: npt.ArrayLike) -> Numbers:
    """Return values as a row of numbers; raises ValueError where there are none, or one is not a finite number."""
    row = np.asarray(values, dtype=np.float64)
    if row.ndim != 1 or not len(row):
        raise ValueError(f"expected a row of values, got the shape {row.shape!r}; leave empty groups out")
    if not np.isfinite(row).all():
        raise ValueError("a value is not a finite number; leave cases without a value out and say so")
    return row


def _draws(n: int, resamples: int = RESAMPLES) -> Iterator[npt.NDArray[np.int64]]:
    random = np.random.default_rng(_SEED)
    at_once = max(1, min(resamples, _BLOCK // n))
    for start in range(0, resamples, at_once):
        yield random.integers(0, n, size=(min(at_once, resamples - start), n))


def _scores(metric: Metric, rows: Sequence[npt.NDArray[np.generic]], draw: npt.NDArray[np.int64]) -> Iterator[float]:
    for chosen in draw:
        try:
            yield metric(*(row[chosen] for row in rows))
        except ValueError:
            continue


def _interval(value: float, resampled: Numbers) -> Interval:
    low, high = np.percentile(resampled, _TAILS)
    return Interval(value, min(float(low), value), max(float(high), value))
