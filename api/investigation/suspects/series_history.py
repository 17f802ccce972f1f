"""Series over healthy time and the window together: what they were, what they are, and when they turned."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from api.investigation.observations import Cell
from api.investigation.telemetry import Series
from api.investigation.windows import Window, instant_text

_MINUTE = 60_000_000
_FEWEST = 5  # points on each side
_STEADY_RISE = 0.9  # share of the points' variance that a steady rise explains
_MUCH = 8.0  # a rise of so many times the spread of what came before
_SHOWN = 12  # points on each side of an instant


class History:
    """Series of an incident by component and metric, healthy time first."""

    def __init__(self, healthy: Iterable[Series], now: Iterable[Series]) -> None:
        self._healthy = {(one.component, one.metric): one for one in healthy}
        self._now = {(one.component, one.metric): one for one in now}

    def every(self) -> list[Series]:
        """Return each series with all of its points, by component and metric."""
        return [self._joined(key) for key in sorted(self._now)]

    def of(self, component: str, metric: str) -> Series:
        """Return one series with all of its points; KeyError where the window has none."""
        return self._joined((component, metric))

    def levels(self, series: Series, began: int) -> tuple[float, float] | None:
        """Return the median before `began` and the median since; None where either side has too few points."""
        before, since = _finite(series, series.times < began), _finite(series, series.times >= began)
        if len(before) < _FEWEST or len(since) < 2:
            return None
        return float(np.median(before)), float(np.median(since))

    def at(self, series: Series, instant: int) -> float | None:
        """Return the highest value within a minute of an instant; None where there is no point."""
        near = _finite(series, np.abs(series.times - instant) <= _MINUTE)
        return float(near.max()) if len(near) else None

    def crossed_zero(self, series: Series, window: Window) -> int | None:
        """Return when a series fell from above zero to zero or below, inside `window`."""
        below = np.flatnonzero((series.values[1:] <= 0) & (series.values[:-1] > 0)) + 1
        times = [int(series.times[one]) for one in below if int(series.times[one]) in window]
        return times[0] if times else None

    def rises_since(self, series: Series, until: int) -> int | None:
        """Return since when a series rose steadily until `until`; None where it did not, or fell back in between.

        The turn is where a level and a straight line after it leave the least squares.
        """
        upto = series.times <= until
        times, values = series.times[upto], series.values[upto]
        keep = np.isfinite(values)
        times, values = times[keep], values[keep]
        if len(values) < 4 * _FEWEST:
            return None
        turn = _turn(values)
        rising, before = values[turn:], values[:turn]
        if len(rising) < 2 * _FEWEST:
            return None
        slope, error = _line(rising)
        spread = float(np.std(before)) if len(before) >= _FEWEST else float(np.std(np.diff(rising)))
        total = float(((rising - rising.mean()) ** 2).sum())
        if slope <= 0 or total <= 0 or 1 - error / total < _STEADY_RISE or slope * len(rising) < _MUCH * spread:
            return None
        return int(times[turn])

    def around(self, series: Series, at: int) -> tuple[tuple[Cell, ...], ...]:
        """Return the points around an instant, as rows."""
        place = int(np.searchsorted(series.times, at))
        part = slice(max(0, place - _SHOWN), place + _SHOWN)
        points = zip(series.times[part].tolist(), series.values[part].tolist(), strict=True)
        return tuple((instant_text(time), value) for time, value in points)

    def _joined(self, key: tuple[str, str]) -> Series:
        now, healthy = self._now[key], self._healthy.get(key)
        if healthy is None:
            return now
        times = np.concatenate([healthy.times, now.times])
        values = np.concatenate([healthy.values, now.values])
        order = np.unique(times, return_index=True)[1]
        return Series(now.component, now.metric, times[order], values[order], now.unit, now.instance)


def _finite(series: Series, keep: NDArray[np.bool_]) -> NDArray[np.float64]:
    values = series.values[keep]
    return values[np.isfinite(values)]


def _turn(values: NDArray[np.float64]) -> int:
    """Return the place from which a straight line, with a level before it, fits best; of many points every n-th."""
    step = max(1, len(values) // 200)
    places = range(0, len(values) - 2 * _FEWEST, step)
    costs = [
        (float(((values[:one] - values[:one].mean()) ** 2).sum()) if one else 0.0) + _line(values[one:])[1]
        for one in places
    ]
    return places[int(np.argmin(costs))] if costs else 0


def _line(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope for each point and the squares that a straight line leaves."""
    x = np.arange(len(values)) - (len(values) - 1) / 2
    slope = float((x * values).sum() / max(float((x * x).sum()), 1e-12))
    return slope, float(((values - values.mean() - slope * x) ** 2).sum())
