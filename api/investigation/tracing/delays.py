"""What the network and the waiting in between add to calls, and on which component that centres.

The gap of a call is the time of the caller's span less that of the callee's. It holds both ways over the network, and
the time that a request waits to be taken up. One slow component slows the calls into it from all its callers; its
callers' other calls stay as they were. So the delay of a component is the median over the calls into it.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from api.investigation.tracing.groups import grouped, middle, spread
from api.investigation.tracing.spans import SpanTable

_LEAST = 500.0  # microseconds: gaps move by so much for no reason
_SHARE = 0.15  # of a gap, likewise

Calls = tuple[str, str, str, str]
"""Caller, callee, the operation of the caller, that of the callee."""


@dataclass(frozen=True, slots=True)
class CallGap:
    """The gap of calls of one operation by a component: medians in microseconds, counts, and robust score."""

    caller: str
    callee: str
    operation: str
    before: float
    after: float
    healthy: int
    count: int
    score: float


@dataclass(frozen=True, slots=True)
class Delay:
    """How far calls into a component slowed: the median score of them, and the calls, most slowed first."""

    component: str
    score: float
    calls: tuple[CallGap, ...]
    outgoing: float


def gaps(table: SpanTable) -> dict[Calls, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return the gaps of calls between components in microseconds, sorted, by who calls what."""
    below = np.flatnonzero(table.above >= 0)
    up = table.above[below]
    across = table.component[below] != table.component[up]
    below, up = below[across], up[across]
    only = _only_child(table)[below]
    below, up = below[only], up[only]
    keys = (table.component[up], table.component[below], table.operation[up], table.operation[below])
    found = grouped(keys, table.duration[up] - table.duration[below])
    return {(table.name(a), table.name(b), table.name(c), table.name(d)): part for (a, b, c, d), part in found.items()}


def delays(healthy: SpanTable, now: SpanTable) -> tuple[Delay, ...]:
    """Return how far the calls into each component slowed, most first."""
    before, after = gaps(healthy), gaps(now)
    scored = [_scored(key, before[key], part) for key, part in after.items() if key in before]
    return _by_component(scored)


def delays_among(now: SpanTable) -> tuple[Delay, ...]:
    """Return the same where there is no healthy time: each call is compared with the others of this time."""
    after = gaps(now)
    if len(after) < _FEWEST_PEERS:
        return ()
    medians = np.array([middle(part) for part in after.values()])
    usual = float(np.median(medians))
    unit = max(1.4826 * float(np.median(np.abs(medians - usual))), usual, _LEAST)
    scored = [
        CallGap(key[0], key[1], key[3], usual, middle(part), 0, len(part), (middle(part) - usual) / unit * _trust(part))
        for key, part in after.items()
    ]
    return _by_component(scored)


_FEWEST_PEERS = 6


def _only_child(table: SpanTable) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell for each span whether it is the only child of its parent: then the parent is the call itself."""
    count = np.bincount(table.above[table.above >= 0], minlength=len(table))
    return np.asarray((table.above >= 0) & (count[np.maximum(table.above, 0)] == 1))


def _scored(
    key: Calls,
    before: np.ndarray[tuple[int], np.dtype[np.int64]],
    after: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> CallGap:
    usual, present = middle(before), middle(after)
    unit = max(spread(before), _SHARE * abs(usual), _LEAST)
    score = (present - usual) / unit * _trust(after) * _trust(before)
    return CallGap(key[0], key[1], key[3], usual, present, len(before), len(after), score)


def _trust(values: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    return float(np.sqrt(len(values) / (len(values) + 1.0)))


def _by_component(scored: list[CallGap]) -> tuple[Delay, ...]:
    into: dict[str, list[CallGap]] = defaultdict(list)
    out: dict[str, list[CallGap]] = defaultdict(list)
    for gap in scored:
        into[gap.callee].append(gap)
        out[gap.caller].append(gap)
    found: list[Delay] = []
    for component in sorted({*into, *out}):
        calls = tuple(sorted(into[component], key=lambda one: (-one.score, one.caller, one.operation)))
        outgoing = _weighted(out[component])
        score = max(_weighted(into[component]), 0.0)
        found.append(Delay(component, score, calls, outgoing))
    return tuple(sorted(found, key=lambda one: (-one.score, one.component)))


def _weighted(calls: list[CallGap]) -> float:
    """Return the median score of calls, each counting by the logarithm of how often it was made."""
    if not calls:
        return 0.0
    ordered = sorted(calls, key=lambda one: one.score)
    weights = np.cumsum([np.log1p(one.count) for one in ordered])
    return ordered[int(np.searchsorted(weights, weights[-1] / 2))].score
