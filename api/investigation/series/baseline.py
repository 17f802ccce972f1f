"""What a series does when all is well: its middle, and how far windows of healthy time stray from it.

A window is judged by its second highest and second lowest value, since one point alone is an outlier. Healthy time
is cut into windows of the same width and judged alike, so that the maximum of many points is compared with maxima of
as many, and a heavy tail widens the unit instead of raising the alarm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.telemetry import Series
from api.investigation.windows import SECOND, Window

FEWEST = 5
"""Healthy points below which nothing can be compared."""

_DAY = 86_400 * SECOND
_AROUND = 3_600 * SECOND
_SEASONAL = 24  # points near the window's time of day that are enough to stand for it
_MOST_WINDOWS = 40  # healthy windows that are judged: more say little more, and take time
_CONSISTENT = 1.4826  # makes the median absolute deviation a standard deviation; Rousseeuw and Croux 1993
_TAIL = 2.33  # standard normal quantile of .99, to which the largest of some dozens of windows is likened
_RANGE = 3.29  # from the 5 % to the 95 % quantile of a standard normal

_CUMULATIVE = ("_total", "_count", "_sum", "_bucket")

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What healthy windows of a series look like, in its own unit.

    `high` and `low` are the middle of their sustained highest and lowest values, `above` and `below` the unit in which
    a window beyond those is measured. `resolution` is the smallest step between values that differ.
    """

    middle: float
    high: float
    low: float
    above: float
    below: float
    resolution: float
    points: int


def sustained(values: Values) -> tuple[float, float]:
    """Return the highest and lowest of finite `values`, of four or more the second of each."""
    if len(values) < 4:
        return float(values.max()), float(values.min())
    ordered = np.partition(values, (1, len(values) - 2))
    return float(ordered[-2]), float(ordered[1])


def baseline_of(healthy: Series, window: Window, width: int) -> Baseline | None:
    """Return the baseline for a window of `width` points, or None where fewer than five healthy points are finite.

    From two days of healthy time on, only points within an hour of the window's time of day count, if enough.
    """
    values = _at_time_of_day(healthy, window)
    if len(values) < FEWEST:
        return None
    ordered = np.sort(values)
    middle = _quantile(ordered, 0.5)
    spread = max(
        _CONSISTENT * _quantile(np.sort(np.abs(values - middle)), 0.5),
        (_quantile(ordered, 0.95) - _quantile(ordered, 0.05)) / _RANGE,
    )
    high, low = (np.sort(side) for side in _judged(values, max(1, min(width, len(values) // 4))))
    usual_high, usual_low = _quantile(high, 0.5), _quantile(low, 0.5)
    # The largest of few healthy windows is a poor guess of the tail: the fewer, the wider the unit.
    unsure = 1.0 + 15.0 / len(values)
    return Baseline(
        middle=middle,
        high=usual_high,
        low=usual_low,
        above=unsure * max(spread, (float(high[-1]) - usual_high) / _TAIL),
        below=unsure * max(spread, (usual_low - float(low[0])) / _TAIL),
        resolution=_resolution(ordered),
        points=len(values),
    )


def rates(series: Series) -> Series:
    """Return a counter as its rise per second; a fall is a reset, after which it counts from zero.

    The result is one point shorter, and a point beside a missing one is missing.
    """
    seconds = np.diff(series.times) / SECOND
    rise = np.diff(series.values)
    rise = np.where(rise < 0, series.values[1:], rise)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.where(seconds > 0, rise / seconds, np.nan)
    return Series(series.component, series.metric, series.times[1:], speed, series.unit, series.instance)


def is_counter(series: Series) -> bool:
    """Tell whether a series is a cumulative counter: named as one, and growing but for rare resets to near zero.

    Growth alone doesn't tell, since a leak grows too. The endings are those of Prometheus and OpenMetrics.
    """
    if not series.metric.lower().endswith(_CUMULATIVE):
        return False
    values = series.values[np.isfinite(series.values)]
    if len(values) < 2 * FEWEST or values[0] < 0:
        return False
    steps = np.diff(values)
    falls = steps < 0
    reset = values[1:][falls] < 0.1 * values[:-1][falls]
    return bool(reset.all() and falls.mean() <= 0.05 and (steps > 0).mean() >= 0.5)


def _at_time_of_day(healthy: Series, window: Window) -> Values:
    keep = np.isfinite(healthy.values)
    times, values = healthy.times[keep], healthy.values[keep]
    if len(times) and times[-1] - times[0] >= 2 * _DAY - _AROUND:
        apart = np.abs((times - (window.start + window.end) // 2 + _DAY // 2) % _DAY - _DAY // 2)
        near = values[apart <= _AROUND]
        if len(near) >= _SEASONAL:
            return near
    return values


def _judged(values: Values, width: int) -> tuple[Values, Values]:
    """Return the sustained highest and lowest value of healthy windows, each of shape (windows,)."""
    if width == 1:
        return values, values
    starts = np.lib.stride_tricks.sliding_window_view(values, width)
    some = starts[:: -(-len(starts) // _MOST_WINDOWS)]
    place = 1 if width >= 4 else 0
    ordered = np.partition(some, (place, width - 1 - place), axis=1)
    return ordered[:, width - 1 - place], ordered[:, place]


def _resolution(ordered: Values) -> float:
    steps = np.diff(ordered)
    steps = steps[steps > 0]
    return float(steps.min()) if len(steps) else 0.0


def _quantile(ordered: Values, share: float) -> float:
    return float(ordered[round(share * (len(ordered) - 1))])
