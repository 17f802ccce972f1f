"""How much of the symptom begins at each component: excess time and excess failures, passed up along the calls.

A mean latency times a count of requests is time spent; what it exceeds the healthy time for as many requests is the
excess of a component, and of those that call it, who wait for it. Excess that a component's callees have too began
there. So the excess that begins at a component is its own less that of all that it calls: conservation along the call
graph, with no weight to fit. A component that never was there in healthy time takes no excess from its callers: that
it is called at all is new.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from api.investigation.call_graph import CallGraph
from api.investigation.series.naming import meaning_of
from api.investigation.signals import Signal
from api.investigation.telemetry import Series

_FEWEST = 5  # healthy points
_USUAL = 0.95  # quantile of the healthy excess that is taken off: what comes by chance

Values = NDArray[np.float64]


class Mass(StrEnum):
    """What adds up along calls: seconds (or whatever unit the latency has) waited, or requests that failed."""

    TIME = "time"
    FAILURES = "failures"


@dataclass(frozen=True, slots=True)
class Impact:
    """The excess of one component: `total` with what comes from its callees, `begins` without.

    `units` is `begins` in units of the spread of its healthy excess. `level` and `rate` are the two series that were
    multiplied. `before` and `after` are the level's healthy median and its value at the excess.
    """

    component: str
    mass: Mass
    total: float
    begins: float
    units: float
    level: Series
    rate: Series
    before: float
    after: float
    at: int


@dataclass(frozen=True, slots=True)
class _Excess:
    total: float
    spread: float
    level: Series
    rate: Series
    before: float
    after: float
    at: int


def impacts(mass: Mass, healthy: Iterable[Series], inside: Iterable[Series], graph: CallGraph) -> tuple[Impact, ...]:
    """Return the excess of each component that has a mean level and a count of requests, in both stretches of time.

    Largest beginning first; those where none begins are left out.
    """
    before = {(one.component, one.metric): one for one in healthy}
    now = {(one.component, one.metric): one for one in inside}
    known: dict[str, _Excess] = {}
    for component in sorted({name for name, _ in now}):
        pair = _pair(mass, component, now)
        if pair is not None:
            excess = _excess(mass, before.get((component, pair[0])), before.get((component, pair[1])), now, pair)
            if excess is not None:
                known[component] = excess
    found = (_impact(mass, name, excess, known, graph) for name, excess in known.items())
    return tuple(sorted((one for one in found if one.begins > 0), key=lambda one: (-one.begins, one.component)))


def _pair(mass: Mass, component: str, now: Mapping[tuple[str, str], Series]) -> tuple[str, str] | None:
    """Return the names of a component's mean level and of its count of requests, the first by name of each."""
    own = sorted(metric for name, metric in now if name == component)
    wanted = Signal.LATENCY if mass is Mass.TIME else Signal.AVAILABILITY
    levels = [one for one in own if meaning_of(one).signal is wanted and _is_mean(one)]
    rates = [one for one in own if meaning_of(one).signal is Signal.TRAFFIC]
    return (levels[0], rates[0]) if levels and rates else None


def _is_mean(metric: str) -> bool:
    words = metric.lower().replace("-", "_").split("_")
    return bool({"average", "avg", "mean"} & set(words))


def _excess(
    mass: Mass,
    level: Series | None,
    rate: Series | None,
    now: Mapping[tuple[str, str], Series],
    pair: tuple[str, str],
) -> _Excess | None:
    if level is None or rate is None:
        return None
    component = level.component
    _, values, counts = _aligned(level, rate)
    if len(values) < _FEWEST:
        return None
    middle = float(np.median(values))
    inside_level, inside_rate = now[component, pair[0]], now[component, pair[1]]
    at, levels, requests = _aligned(inside_level, inside_rate)
    if not len(levels):
        return None
    usual = _of(mass, values, counts, middle)
    found = _of(mass, levels, requests, middle)
    low, high = np.quantile(usual, [1 - _USUAL, _USUAL])
    place = int(np.argsort(found, kind="stable")[-min(2, len(found))])
    spread = max(float(high - low) / 3.29, float(np.median(np.abs(usual))), _least(mass, middle))
    total = max(0.0, float(found[place]) - max(0.0, float(high)))
    return _Excess(
        total=total,
        spread=spread,
        level=inside_level,
        rate=inside_rate,
        before=middle,
        after=float(levels[place]),
        at=int(at[place]),
    )


def _of(mass: Mass, levels: Values, requests: Values, middle: float) -> Values:
    if mass is Mass.TIME:
        return (levels - middle) * requests
    scale = 100.0 if middle > 1.5 else 1.0  # a share of success is written in percent or as a fraction
    return (middle - levels) / scale * requests


def _least(mass: Mass, middle: float) -> float:
    """Return the smallest spread that counts: one request that fails, or that takes twice as long."""
    return 1.0 if mass is Mass.FAILURES else max(abs(middle), 1e-9)


def _aligned(level: Series, rate: Series) -> tuple[NDArray[np.int64], Values, Values]:
    """Return the instants at which both series have a value, shape (n,), and the values."""
    times, first, second = np.intersect1d(level.times, rate.times, assume_unique=False, return_indices=True)
    levels, rates = level.values[first], rate.values[second]
    there = np.isfinite(levels) & np.isfinite(rates)
    return times[there], levels[there], rates[there]


def _impact(mass: Mass, name: str, own: _Excess, known: Mapping[str, _Excess], graph: CallGraph) -> Impact:
    passed = sum(known[callee].total for callee in graph.callees(name) if callee in known)
    begins = max(0.0, own.total - passed)
    return Impact(
        component=name,
        mass=mass,
        total=own.total,
        begins=begins,
        units=begins / own.spread,
        level=own.level,
        rate=own.rate,
        before=own.before,
        after=own.after,
        at=own.at,
    )
