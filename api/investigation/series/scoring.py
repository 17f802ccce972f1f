"""How unusual each series of a window is: robust units beyond what healthy windows do, less what all did together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from api.investigation.series.baseline import Baseline, Values, baseline_of, is_counter, rates, sustained
from api.investigation.series.changepoints import ChangePoint, first_change
from api.investigation.series.naming import Meaning, meaning_of
from api.investigation.signals import Signal
from api.investigation.telemetry import Series
from api.investigation.windows import Window

_CAP = 60.0
_FEWEST_PEERS = 4  # components with a metric from which their median says what all did
_PERCENT = 1.0  # point of a percentage: less is no unit to measure trouble in
_LEVEL = 0.1  # of the level: three such units, a change of 30 %, are the least that is unusual
_LEVEL_PERCENT = 0.03  # the same for what is bounded by 100


@dataclass(frozen=True, slots=True)
class Shift:
    """One series in the window against its baseline.

    `score` is signed, in robust units, after `drift` (the median score of all components with this metric) was taken
    off. `effect` is how far the window's sustained value is from the healthy middle, in the unit of the series.
    """

    series: Series
    meaning: Meaning
    baseline: Baseline
    score: float
    drift: float
    effect: float
    change: ChangePoint | None


@dataclass(frozen=True, slots=True)
class _Raw:
    series: Series
    meaning: Meaning
    baseline: Baseline
    high: float
    low: float


def shifts(pairs: Iterable[tuple[Series, Series]], window: Window) -> tuple[Shift, ...]:
    """Return the shift of each pair of healthy points and points in the window, by component and metric.

    A series with fewer than five healthy points, or none in the window, is left out: it can't be compared.
    """
    groups: dict[str, list[_Raw]] = defaultdict(list)
    for healthy, inside in pairs:
        raw = _raw(healthy, inside, window)
        if raw is not None:
            groups[raw.series.metric].append(raw)
    found = [shift for group in groups.values() for shift in _scored(group)]
    return tuple(sorted(found, key=lambda one: (one.series.component, one.series.metric)))


def _raw(healthy: Series, inside: Series, window: Window) -> _Raw | None:
    if is_counter(healthy):
        healthy, inside = rates(healthy), rates(inside)
    now = inside.values[np.isfinite(inside.values)]
    known = baseline_of(healthy, window, len(now)) if len(now) else None
    if known is None:
        return None
    return _Raw(inside, meaning_of(inside.metric), known, *sustained(now))


def _scored(group: Sequence[_Raw]) -> list[Shift]:
    """Score the series of one metric together: the usual unit of all is a floor for each, their median is drift."""
    above, below = _usual([raw.baseline.above for raw in group]), _usual([raw.baseline.below for raw in group])
    units = [(_unit(raw, raw.baseline.above, above), _unit(raw, raw.baseline.below, below)) for raw in group]
    scores = [_score(raw, *unit) for raw, unit in zip(group, units, strict=True)]
    drift = float(np.median(scores)) if len(group) >= _FEWEST_PEERS else 0.0
    return [_shift(raw, score, drift, unit) for raw, score, unit in zip(group, scores, units, strict=True)]


def _usual(units: Sequence[float]) -> float:
    positive = [one for one in units if one > 0]
    return float(np.median(positive)) if positive else 0.0


def _unit(raw: _Raw, own: float, usual: float) -> float:
    """Return the unit for one side: the series' own, but no less than floors that keep a tiny change from counting."""
    level, percent = abs(raw.baseline.middle), _is_percent(raw)
    floors = [own, 0.5 * usual, raw.baseline.resolution, (_LEVEL_PERCENT if percent else _LEVEL) * level, 1e-12]
    if percent:
        floors.append(_PERCENT)
    if raw.meaning.count:
        floors.append(max(level, 1.0) ** 0.5)  # the noise of counts; Poisson
    return max(floors)


def _is_percent(raw: _Raw) -> bool:
    metric, unit = raw.series.metric.lower(), raw.series.unit.lower()
    return (
        unit in {"%", "percent"}
        or any(word in metric for word in ("%", "percent", "pct"))
        or (raw.meaning.signal is Signal.AVAILABILITY and 1.5 < raw.baseline.middle <= 100.0)
    )


def _score(raw: _Raw, above: float, below: float) -> float:
    up = (raw.high - raw.baseline.high) / above
    down = (raw.baseline.low - raw.low) / below
    return float(np.clip(up if up >= down else -down, -_CAP, _CAP)) if max(up, down) > 0 else 0.0


def _shift(raw: _Raw, score: float, drift: float, unit: tuple[float, float]) -> Shift:
    # Only what goes the way of all is taken off, and taking it off doesn't turn a rise into a fall.
    left = float(np.sign(score)) * max(0.0, abs(score) - abs(drift)) if score * drift > 0 else score
    rising = left >= 0
    shift = Shift(
        series=raw.series,
        meaning=raw.meaning,
        baseline=raw.baseline,
        score=left,
        drift=drift,
        effect=(raw.high if rising else raw.low) - raw.baseline.middle,
        change=None,
    )
    return replace(shift, change=first_change(raw.series.times, _deviations(raw, rising, unit))) if left else shift


def _deviations(raw: _Raw, rising: bool, unit: tuple[float, float]) -> Values:
    away = raw.series.values - raw.baseline.middle
    return away / unit[0] if rising else -away / unit[1]
