"""How far the clocks of components are apart, where spans of one call can't both be right.

A callee's span lies inside the caller's. Where it doesn't, their clocks differ: by at least what it sticks out, and as
a best guess by what puts it into the middle, as NTP guesses an offset (RFC 5905, section 8).
"""

from dataclasses import dataclass

import numpy as np

from api.investigation.tracing.groups import grouped, middle
from api.investigation.tracing.spans import SpanTable

_FEWEST = 5
_LEAST = 1_000.0  # microseconds: less is told by no clock that matters


@dataclass(frozen=True, slots=True)
class Skew:
    """By how much the clock of `callee` is ahead of that of `caller`, in microseconds; negative where it is behind.

    `least` and `most` are the medians of what each call allows, `guess` their middle, `calls` how many there are.
    """

    caller: str
    callee: str
    guess: float
    least: float
    most: float
    calls: int


def skews(table: SpanTable) -> tuple[Skew, ...]:
    """Return the pairs whose clocks surely differ, the farthest apart first."""
    below = np.flatnonzero(table.above >= 0)
    up = table.above[below]
    # A callee that takes longer than its caller is not waited for: its end says nothing.
    fits = (table.component[below] != table.component[up]) & (table.duration[up] >= table.duration[below])
    below, up = below[fits], up[fits]
    keys = (table.component[up], table.component[below])
    most = grouped(keys, table.start[below] - table.start[up])
    ends = table.start[below] + table.duration[below] - table.start[up] - table.duration[up]
    found: list[Skew] = []
    for (a, b), least in grouped(keys, ends).items():
        low, high = middle(least), middle(most[a, b])
        if len(least) >= _FEWEST and (low > _LEAST or high < -_LEAST):
            found.append(Skew(table.name(a), table.name(b), (low + high) / 2, low, high, len(least)))
    return tuple(sorted(found, key=lambda one: (-abs(one.guess), one.caller, one.callee)))
