"""Whether the metric that tripped is worse in the window than in healthy stretches of the same length."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.telemetry import Series

CHANCE = 0.05
"""Share of healthy stretches that look as bad, from which on a symptom does not show in its metric."""

_FEWEST = 8  # healthy points from which a share says anything
_FEW_STRETCHES = 100  # healthy stretches below which none being as bad says little
_TOGETHER = 5  # points next to one another move together: so many count as one


@dataclass(frozen=True, slots=True)
class Tripped:
    """A metric in the window: its mean and its worst point with its time, and what is usual in healthy time.

    `chance` is the share of healthy stretches of as many points that are as bad by their mean or by their worst
    point, doubled since both are tried, counting the window itself as one, so it is never 0. Where healthy time is too
    short for that, it is the chance that so many points of the window would be worse than all healthy ones if both
    were alike; `by_order` says so.
    """

    series: Series
    rising: bool
    usual: float
    mean: float
    worst: float
    worst_at: int
    points: int
    healthy: int
    chance: float
    by_order: bool


def tripped(healthy: Series, now: Series, *, rising: bool) -> Tripped | None:
    """Compare a metric with its healthy time; None where there are too few points to compare."""
    sign = 1.0 if rising else -1.0
    before = healthy.values[np.isfinite(healthy.values)] * sign
    there = np.isfinite(now.values)
    after, times = now.values[there] * sign, now.times[there]
    if not len(after) or len(before) < _FEWEST:
        return None
    by_order = len(before) - len(after) < _FEW_STRETCHES
    at = int(np.argmax(after))
    return Tripped(
        series=now,
        rising=rising,
        usual=float(np.median(before)) * sign,
        mean=float(after.mean()) * sign,
        worst=float(after[at]) * sign,
        worst_at=int(times[at]),
        points=len(after),
        healthy=len(before),
        chance=_chance_by_order(before, after) if by_order else _chance_of_stretches(before, after),
        by_order=by_order,
    )


def _chance_of_stretches(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    stretches = np.lib.stride_tricks.sliding_window_view(before, len(after))
    by_mean = _as_bad(stretches.mean(axis=1), float(after.mean()))
    by_worst = _as_bad(stretches.max(axis=1), float(after.max()))
    return min(1.0, 2 * min(by_mean, by_worst))


def _chance_by_order(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """Return the chance that the top of all points, as many as exceed every healthy one, are all of the window."""
    highest = float(before.max())
    above = int((after > highest + 1e-9 * abs(highest)).sum()) // _TOGETHER
    now, healthy = -(-len(after) // _TOGETHER), len(before) // _TOGETHER
    return math.prod((now - at) / (now + healthy - at) for at in range(above))


def _as_bad(usual: NDArray[np.float64], value: float) -> float:
    """Return the share of values that reach `value`, which counts as one of them (Davison and Hinkley, 1997, 4.2).

    What differs by rounding alone is the same.
    """
    slack = 1e-9 * max(abs(value), float(np.abs(usual).max()))
    return (1 + int((usual >= value - slack).sum())) / (1 + len(usual))
