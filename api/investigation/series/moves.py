"""How far each series of an incident moved from its baseline, in robust units that compare across components.

A series is compared with its own healthy median. The unit is the larger of its own spread (1.4826 times the median
absolute deviation, Rousseeuw and Croux 1993, or its 5-95 % range over 3.29) and floors that keep a tiny change of a
quiet series from looking huge; the score is the geometric mean of the move in own units and in those of all components
that have the same metric.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.series.naming import Meaning, Worse, meaning_of
from api.investigation.telemetry import Series
from api.investigation.windows import Window

_LEVEL_FLOOR = 0.03  # of the level: what no one would call a change
_FEWEST = 5  # points of a baseline
_DAY = 86_400_000_000
_HOURS_AROUND = 3_600_000_000
_SEASONAL = 24  # points around the same time of day that are enough to be the baseline
_CAP = 60.0

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Move:
    """One series against its baseline.

    `score` is signed, in robust units; `effect` is the move in the series' own unit. `before` and `after` are the
    healthy median and the value in the window that the score is about, `onset` the first point beyond half the move,
    `healthy` the points that it was compared with or taken from.
    """

    series: Series
    healthy: Series
    meaning: Meaning
    score: float
    effect: float
    before: float
    after: float
    onset: int | None
    baseline_points: int
    gone: bool = False

    @property
    def badness(self) -> float:
        """Return how far it moved to its worse side, never below zero."""
        if self.meaning.worse is Worse.UP:
            return max(0.0, self.score)
        if self.meaning.worse is Worse.DOWN:
            return max(0.0, -self.score)
        return abs(self.score)


@dataclass(frozen=True, slots=True)
class _Raw:
    series: Series
    healthy: Series
    meaning: Meaning
    inside: Series
    middle: float
    spread: float
    up: float
    down: float
    points: int


def moves(series: Iterable[tuple[Series, Series]], window: Window) -> tuple[Move, ...]:
    """Return the move of each series, given its healthy points and its points in the window.

    A series with fewer than five healthy points has no move, and is left out.
    """
    by_metric: dict[str, list[_Raw]] = defaultdict(list)
    gone: list[Move] = []
    for healthy, inside in series:
        raw = _raw(healthy, inside, window)
        if raw is not None:
            by_metric[inside.metric].append(raw)
        elif _was_there(healthy) and not np.isfinite(inside.values).any():
            gone.append(_gone(healthy, window))
    found = [move for group in by_metric.values() for move in _scored(group)]
    return tuple(sorted([*found, *gone], key=lambda one: (one.series.component, one.series.metric)))


def _raw(healthy: Series, inside: Series, window: Window) -> _Raw | None:
    values = _same_time_of_day(healthy, window)
    now = inside.values[np.isfinite(inside.values)]
    if len(values) < _FEWEST or not len(now):
        return None
    middle = float(np.median(values))
    low, high = np.quantile(values, [0.05, 0.95])
    spread = max(1.4826 * float(np.median(np.abs(values - middle))), float(high - low) / 3.29)
    up, down = _sustained(now)
    return _Raw(
        inside, healthy, meaning_of(inside.metric), inside, middle, spread, up - middle, down - middle, len(values)
    )


def _sustained(now: Values) -> tuple[float, float]:
    """Return the highest and the lowest value, of several points the second of each: one point alone is an outlier."""
    ordered = np.sort(now)
    return (float(ordered[-2]), float(ordered[1])) if len(ordered) >= 4 else (float(ordered[-1]), float(ordered[0]))


def _same_time_of_day(healthy: Series, window: Window) -> Values:
    """Return healthy values of the window's time of day where two days or more are there, else all of them."""
    keep = np.isfinite(healthy.values)
    times, values = healthy.times[keep], healthy.values[keep]
    if len(times) and times[-1] - times[0] >= 2 * _DAY - _HOURS_AROUND:
        middle = (window.start + window.end) // 2
        apart = np.abs((times - middle + _DAY // 2) % _DAY - _DAY // 2)
        near = values[apart <= _HOURS_AROUND]
        if len(near) >= _SEASONAL:
            return near
    return values


def _scored(group: Sequence[_Raw]) -> list[Move]:
    spreads = np.array([raw.spread for raw in group])
    positive = spreads[spreads > 0]
    typical = float(np.median(positive)) if len(positive) else 0.0
    levels = np.array([abs(raw.middle) for raw in group])
    scored = [_score(raw, typical, float(np.median(levels))) for raw in group]
    common = float(np.median(scored)) if len(scored) >= 4 else 0.0
    return [_move(raw, _without(score, common)) for raw, score in zip(group, scored, strict=True)]


def _score(raw: _Raw, typical: float, level: float) -> float:
    """Return the signed score: the larger side of the move, in the geometric mean of own and common units."""
    effect = raw.up if raw.up >= -raw.down else raw.down
    if not effect:
        return 0.0
    noise = max(abs(raw.middle), 1.0) ** 0.5 if raw.meaning.count else 0.0
    own = max(raw.spread, _LEVEL_FLOOR * abs(raw.middle), 0.5 * typical, noise, 1e-12)
    common = max(typical, _LEVEL_FLOOR * level, 0.5 * raw.spread, noise, 1e-12)
    size = float(np.sqrt(abs(effect) / own * abs(effect) / common))
    return float(np.sign(effect)) * min(size, _CAP)


def _without(score: float, common: float) -> float:
    """Return what is left of a move when what all components moved is taken off; it does not turn round."""
    if not common or score * common <= 0:
        return score
    left = abs(score) - abs(common)
    return float(np.sign(score)) * max(0.0, left)


def _move(raw: _Raw, score: float) -> Move:
    rising = score >= 0
    effect = raw.up if rising else raw.down
    return Move(
        series=raw.series,
        healthy=raw.healthy,
        meaning=raw.meaning,
        score=score,
        effect=effect,
        before=raw.middle,
        after=raw.middle + effect,
        onset=_onset(raw.inside, raw.middle + effect / 2, rising=rising) if score else None,
        baseline_points=raw.points,
    )


def _onset(inside: Series, halfway: float, *, rising: bool) -> int | None:
    beyond = inside.values >= halfway if rising else inside.values <= halfway
    where = np.flatnonzero(beyond)
    return int(inside.times[where[0]]) if len(where) else None


def _was_there(healthy: Series) -> bool:
    return len(healthy.values) >= _FEWEST and bool(np.isfinite(healthy.values).mean() > 0.8)


def _gone(healthy: Series, window: Window) -> Move:
    before = float(np.nanmedian(healthy.values))
    return Move(
        healthy,
        healthy,
        meaning_of(healthy.metric),
        -_GONE,
        -before,
        before,
        float("nan"),
        window.start,
        len(healthy.values),
        True,
    )


_GONE = 6.0  # score of a series that ended: as unusual as a clear move
