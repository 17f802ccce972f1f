"""Which component the time of requests is spent at: shares of the critical path.

From a request's end backwards: the child that ended last held its parent up, before it began the one that ended last
before that, and what no child held up is the parent's own (Zhang et al., CRISP, USENIX ATC 2022, section 3).
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.tracing.spans import SpanTable

MOST_REQUESTS = 500
"""Requests that are looked at, evenly over all of them."""

_MOST_SPANS = 100_000  # in all of these


@dataclass(frozen=True, slots=True)
class PathShare:
    """What part of the time of requests a component is responsible for, from 0 to 1, and microseconds per request."""

    component: str
    before: float
    after: float
    time_before: float
    time_after: float


def path_shares(healthy: SpanTable, now: SpanTable) -> tuple[PathShare, ...]:
    """Return the shares of all components in both stretches, the one that grew most per request first."""
    before, after = path_times(healthy), path_times(now)
    whole_before, whole_after = sum(before.values()) or 1.0, sum(after.values()) or 1.0
    found = [
        PathShare(
            name, before.get(name, 0.0) / whole_before, after.get(name, 0.0) / whole_after,
            before.get(name, 0.0), after.get(name, 0.0),
        )
        for name in {*before, *after}
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.time_before - one.time_after, one.component)))


def path_times(table: SpanTable) -> dict[str, float]:
    """Return by component the microseconds on the critical path per request."""
    tops = np.flatnonzero(table.above < 0)
    if not len(tops):
        return {}
    chosen = tops[np.unique(np.linspace(0, len(tops) - 1, min(len(tops), MOST_REQUESTS)).astype(np.int64))]
    below = np.flatnonzero(table.above >= 0)
    order = below[np.argsort(table.above[below], kind="stable")]
    parents = table.above[order]
    spent: dict[int, int] = defaultdict(int)
    left = _MOST_SPANS
    requests = 0
    for top in chosen.tolist():
        left -= _walk(table, top, order, parents, spent)
        requests += 1
        if left <= 0:
            break
    return {table.name(code): time / requests for code, time in spent.items()}


def _walk(
    table: SpanTable, top: int, order: NDArray[np.int64], parents: NDArray[np.int64], spent: dict[int, int]
) -> int:
    """Add up what each component spends on the path of one request; return how many spans are on it."""
    start = int(table.start[top])
    waiting = [(top, start, start + int(table.duration[top]))]
    seen = 0
    while waiting:
        row, first, last = waiting.pop()
        seen += 1
        low, high = np.searchsorted(parents, [row, row + 1])
        children = order[low:high]
        begins = table.start[children]
        ends = begins + table.duration[children]
        own = 0
        for at in np.lexsort((children, -ends)).tolist():
            begin, end = max(int(begins[at]), first), min(int(ends[at]), last)
            if end <= begin or int(ends[at]) > last:
                continue
            own += last - end
            waiting.append((int(children[at]), begin, end))
            last = begin
        spent[int(table.component[row])] += own + last - first
    return seen
