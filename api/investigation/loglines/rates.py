"""Compare how often templates are written, with the mix of requests taken out: new, vanished, more or fewer."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.loglines.reading import Lines
from api.investigation.loglines.sequences import Order

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
_SHRUNK = 0.5  # lines added on both sides, so that one line more or less is no great ratio
_MANY_UNITS = 5  # units of a component in healthy time from which on its requests say what to expect


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a template was written: `expected` lines from healthy time for as much work, `seen` ones.

    `score` is the signed root of the deviance of two Poisson counts, over what bursts explain and what the best of
    so many templates reaches by chance; `ratio` is shrunk. `by` says what the expectation is by.
    """

    template: int
    healthy: int
    seen: int
    expected: float
    ratio: float
    score: float
    by: str


def rates_of(healthy: Lines, now: Lines, before: Order, present: Order, component: _Ints) -> tuple[Rate, ...]:
    """Return the rate of each template, by template."""
    exposure, by_requests = _exposure(healthy, now, before, present, component)
    chance = 2 * math.log(max(1, len(component)))
    bursts = _bursts(healthy)
    found: list[Rate] = []
    for template in range(len(component)):
        seen, known = int(now.counts[template]), int(healthy.counts[template])
        share = float(exposure[template])
        expected = known * share
        raw = _deviance(seen, known, share) / float(bursts[template])
        score = math.sqrt(max(0.0, raw - chance))
        found.append(
            Rate(
                template, known, seen, expected,
                (seen + _SHRUNK) / (expected + _SHRUNK * share),
                score if seen >= expected else -score,
                "requests" if by_requests[template] else "time",
            )
        )  # fmt: skip
    return tuple(found)


def _exposure(
    healthy: Lines, now: Lines, before: Order, present: Order, component: _Ints
) -> tuple[_Floats, NDArray[np.bool_]]:
    """Return how much more work there is than in healthy time for each template, and whether requests say so.

    By requests: the units that begin with the same event, weighted by how often each kind writes the template.
    """
    count = len(component)
    time = (now.window.end - now.window.start) / (healthy.window.end - healthy.window.start)
    exposure = np.full(count, time)
    entered_before = _entries(before, count)
    entered = _entries(present, count)
    units_before = np.bincount(component, weights=entered_before, minlength=1)
    units = np.bincount(component, weights=entered, minlength=1)
    told = units_before[component] >= _MANY_UNITS
    # All lines must have a unit: what is written outside of requests has its own pace.
    told &= np.bincount(before.event, minlength=count) + np.bincount(present.event, minlength=count) >= (
        healthy.counts + now.counts
    )
    exposure = np.where(told, (units[component] + 1) / (units_before[component] + 1), exposure)
    known = np.bincount(before.event, minlength=count) > 0
    ratio = entered / np.maximum(entered_before, 1)
    expected = np.bincount(before.event, weights=ratio[before.entry], minlength=count) if len(before.event) else 0.0
    mixed = expected / np.maximum(np.bincount(before.event, minlength=count), 1)
    exposure = np.where(told & known, np.maximum(mixed, 1e-3), exposure)
    return exposure, told


def _entries(order: Order, count: int) -> _Ints:
    """Return how many units begin with each template, shape (count,)."""
    ends = order.after < 0
    return np.bincount(order.entry[ends], minlength=count)


def _deviance(seen: int, healthy: int, exposure: float) -> float:
    """Return twice the log of how much likelier two Poisson counts are with rates of their own than with one."""
    total, share = seen + healthy, exposure / (1 + exposure)
    if not total:
        return 0.0
    first = seen * math.log(seen / (total * share)) if seen else 0.0
    second = healthy * math.log(healthy / (total * (1 - share))) if healthy else 0.0
    return max(0.0, 2 * (first + second))


def _bursts(healthy: Lines) -> _Floats:
    """Return variance over mean of the lines of each template by bucket of healthy time, at least 1."""
    mean = healthy.buckets.mean(axis=1) if len(healthy.buckets) else np.zeros(0)
    spread = healthy.buckets.var(axis=1) if len(healthy.buckets) else np.zeros(0)
    return np.asarray(np.maximum(1.0, spread / np.maximum(mean, 1e-9)), dtype=np.float64)
