"""Find steps that code always took inside a span and no longer takes: the marks of an early return or an exception."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.loglines.reading import Lines

_Ints = NDArray[np.int64]
_LEAST = 3  # lines that a step must have begun with in either window
_USUAL = 0.6  # share of the time from which on a step counts as what the code does
_Z = 1.0  # of the Wilson bounds: one standard error on both sides
_PASSED_ON = 0.5  # of the caller's loss


@dataclass(frozen=True, slots=True)
class Order:
    """Lines sorted by component, unit and time. `after` is the event that follows in the same unit, -1 at its end;
    `entry` is the first event of its unit."""

    event: _Ints
    after: _Ints
    entry: _Ints
    time: _Ints


@dataclass(frozen=True, slots=True)
class LostStep:
    """A step from event `before` to event `then`: taken `kept` of `began` times, in healthy time and now.

    `loss` is a cautious share of the time that it is no longer taken, `score` how many standard errors that is,
    `onset` the first time that it was left out.
    """

    component: str
    before: int
    then: int
    began_healthy: int
    kept_healthy: int
    began: int
    kept: int
    loss: float
    score: float
    onset: int


def order_of(lines: Lines, component: _Ints) -> Order:
    """Return the order of lines in their units; `component` is the number of the component of each template."""
    if not len(lines.event):
        return Order(lines.event, lines.event, lines.event, lines.time)
    owner = component[lines.event]
    order = np.lexsort((lines.time, lines.unit, owner))
    event, unit, whose, time = lines.event[order], lines.unit[order], owner[order], lines.time[order]
    same = np.append((unit[1:] == unit[:-1]) & (whose[1:] == whose[:-1]), False)
    after = np.where(same, np.append(event[1:], -1), -1)
    starts = np.append(True, ~same[:-1])
    entry = event[np.maximum.accumulate(np.where(starts, np.arange(len(event)), 0))]
    return Order(event, after, entry, time)


def lost_steps(healthy: Order, now: Order, names: tuple[str, ...], templates: int) -> tuple[LostStep, ...]:
    """Return the steps that are taken less, gravest first; `names` is the component of each template."""
    before = dict(zip(*_pairs(healthy, templates), strict=True))
    present = dict(zip(*_pairs(now, templates), strict=True))
    began_before = np.bincount(healthy.event, minlength=templates)
    began_now = np.bincount(now.event, minlength=templates)
    found: list[LostStep] = []
    for pair, kept_before in before.items():
        first, then = divmod(pair, templates + 1)
        n_before, n_now = int(began_before[first]), int(began_now[first])
        if then == templates or n_before < _LEAST or n_now < _LEAST or kept_before < _USUAL * n_before:
            continue
        kept = present.get(pair, 0)
        loss = difference(kept_before, n_before, kept, n_now)
        if loss <= 0:
            continue
        left_out = (now.event == first) & (now.after != then)
        found.append(
            LostStep(
                names[first], first, then, n_before, kept_before, n_now, kept, loss,
                _score(kept_before, n_before, kept, n_now), int(now.time[left_out].min()),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.score * one.loss, one.component, one.before, one.then)))


def discounted(losses: Mapping[str, float], callees: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """Return the loss of each component, less for one that calls another which lost about as much.

    What a callee leaves out, its caller often leaves out in turn, so that the caller's loss is the lesser news.
    """
    return {
        name: loss * _PASSED_ON
        if any(other != name and losses.get(other, 0.0) >= _PASSED_ON * loss for other in callees.get(name, ()))
        else loss
        for name, loss in losses.items()
    }


def wilson(hits: float, count: float, z: float = _Z) -> tuple[float, float]:
    """Return Wilson's bounds of a share (Wilson, JASA 1927)."""
    if count <= 0:
        return 0.0, 1.0
    share, spread = hits / count, z * z / count
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(hits_before: int, before: int, hits: int, count: int) -> float:
    """Return the lower bound of how much a share fell, by Newcombe's method (Newcombe, Statistics in Medicine 1998)."""
    share_before, share = hits_before / before, hits / count
    low, _ = wilson(hits_before, before)
    _, high = wilson(hits, count)
    return (share_before - share) - math.hypot(share_before - low, high - share)


def _score(hits_before: int, before: int, hits: int, count: int) -> float:
    """Return the standard errors by which a share fell, with half a hit and half a miss added on both sides."""
    share_before, share = (hits_before + 0.5) / (before + 1), (hits + 0.5) / (count + 1)
    pooled = (hits_before + hits + 1) / (before + count + 2)
    error = math.sqrt(pooled * (1 - pooled) * (1 / (before + 1) + 1 / (count + 1)))
    return max(0.0, (share_before - share) / error)


def _pairs(order: Order, templates: int) -> tuple[list[int], list[int]]:
    """Return each step, as one number, with how often it was taken."""
    then = np.where(order.after < 0, templates, order.after)
    pairs, counts = np.unique(order.event * (templates + 1) + then, return_counts=True)
    return pairs.tolist(), counts.tolist()
