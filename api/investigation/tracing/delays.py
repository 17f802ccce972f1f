"""What the network and the waiting in between add to calls, and on which component that centres.

The gap of a call is the time of the caller's span less that of the callee's. It holds both ways over the network, and
the time that a request waits to be taken up. One slow component slows the calls into it from all its callers; its
callers' other calls stay as they were. So the delay of a component is the median over the calls into it, each in the
robust units of its kind, and at its lower bound, so that few calls say little.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.tracing.groups import grouped, middle, spread, surely_above
from api.investigation.tracing.spans import SpanTable, only_child

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
    """How far calls into a component slowed: the lower bound of their median, and the calls, most slowed first."""

    component: str
    score: float
    calls: tuple[CallGap, ...]
    outgoing: float


def gaps(table: SpanTable) -> dict[Calls, NDArray[np.int64]]:
    """Return the gaps of calls between components in microseconds, sorted, by who calls what."""
    below, up = _timed(table)
    keys = (table.component[up], table.component[below], table.operation[up], table.operation[below])
    found = grouped(keys, table.duration[up] - table.duration[below])
    return {(table.name(a), table.name(b), table.name(c), table.name(d)): part for (a, b, c, d), part in found.items()}


def first_slow(table: SpanTable, call: CallGap) -> int | None:
    """Return when the first call of a kind began whose gap is nearer to that of now than to the usual one."""
    below, up = _timed(table)
    names = np.array([*table.names, ""], dtype=object)
    same = (names[table.component[up]] == call.caller) & (names[table.component[below]] == call.callee)
    same &= names[table.operation[below]] == call.operation
    slow = same & (table.duration[up] - table.duration[below] > (call.before + call.after) / 2)
    return int(table.start[up[slow]].min()) if slow.any() else None


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
        _Scored(
            CallGap(key[0], key[1], key[3], usual, middle(part), 0, len(part), (middle(part) - usual) / unit),
            _in_units(medians, usual, unit),
            _in_units(_few(part), usual, unit),
        )
        for key, part in after.items()
    ]
    return _by_component(scored)


_FEWEST_PEERS = 6
_PER_KIND = 20


@dataclass(frozen=True, slots=True)
class _Scored:
    """A kind of call, with how far single calls of both times lie above its usual gap, in its own robust units."""

    gap: CallGap
    usual: NDArray[np.float64]
    present: NDArray[np.float64]


def _timed(table: SpanTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of spans that another component called, and waited for, and those of the calls."""
    below = np.flatnonzero(only_child(table))
    up = table.above[below]
    # A caller that ends first doesn't wait for the answer: nothing of its time is the network's.
    timed = (table.component[below] != table.component[up]) & (table.duration[up] >= table.duration[below])
    return below[timed], up[timed]


def _scored(key: Calls, before: NDArray[np.int64], after: NDArray[np.int64]) -> _Scored:
    usual, present = middle(before), middle(after)
    unit = max(spread(before), _SHARE * abs(usual), _LEAST)
    trust = _trust(after) * _trust(before)
    gap = CallGap(key[0], key[1], key[3], usual, present, len(before), len(after), (present - usual) / unit * trust)
    return _Scored(gap, _in_units(_few(before), usual, unit), _in_units(_few(after), usual, unit))


def _in_units(values: NDArray[np.int64] | NDArray[np.float64], usual: float, unit: float) -> NDArray[np.float64]:
    return np.asarray((values - usual) / unit, dtype=np.float64)


def _trust(values: NDArray[np.int64]) -> float:
    return float(np.sqrt(len(values) / (len(values) + 1.0)))


def _few(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return at most _PER_KIND of sorted values, evenly over ranks, so that no kind of call outweighs the rest."""
    if len(values) <= _PER_KIND:
        return values
    return values[np.linspace(0, len(values) - 1, _PER_KIND).astype(np.int64)]


def _by_component(scored: list[_Scored]) -> tuple[Delay, ...]:
    into: dict[str, list[_Scored]] = defaultdict(list)
    out: dict[str, list[_Scored]] = defaultdict(list)
    for one in scored:
        into[one.gap.callee].append(one)
        out[one.gap.caller].append(one)
    found: list[Delay] = []
    for component in sorted({*into, *out}):
        calls = sorted((one.gap for one in into[component]), key=lambda one: (-one.score, one.caller, one.operation))
        found.append(Delay(component, max(_shift(into[component]), 0.0), tuple(calls), _shift(out[component])))
    return tuple(sorted(found, key=lambda one: (-one.score, one.component)))


def _shift(calls: list[_Scored]) -> float:
    """Return by how much all these calls together lie above their usual gaps at least, in robust units."""
    if not calls:
        return 0.0
    present = np.sort(np.concatenate([one.present for one in calls]))
    usual = np.sort(np.concatenate([one.usual for one in calls]))
    return surely_above(present, usual)
