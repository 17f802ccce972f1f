"""One request as an example: the spans of the one in which a component took longest, as a tree in order of time."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from api.investigation.tracing.spans import SpanTable

MOST_SPANS = 60
"""Spans of an example that are told: more than a reader follows, and enough for most requests."""


@dataclass(frozen=True, slots=True)
class ExampleSpan:
    """A span of an example: `depth` below the first one, microseconds from its start, whether it failed if told."""

    component: str
    operation: str
    depth: int
    begins: int
    takes: int
    failed: bool | None


@dataclass(frozen=True, slots=True)
class ExampleRequest:
    """A request from its first span on, parents before their children; `total` spans, of which some may be cut."""

    at: int
    spans: tuple[ExampleSpan, ...]
    total: int


def example_of(table: SpanTable, component: str) -> ExampleRequest | None:
    """Return the request with the longest span of a component; None where it has no span."""
    codes = [code for code, name in enumerate(table.names) if name == component]
    own = np.flatnonzero(np.isin(table.component, codes))
    if not len(own):
        return None
    top = int(own[np.argmax(table.duration[own])])
    while table.above[top] >= 0:
        top = int(table.above[top])
    below: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero((table.trace == table.trace[top]) & (table.above >= 0)).tolist():
        below[int(table.above[row])].append(row)
    spans: list[ExampleSpan] = []
    waiting, total = [(top, 0)], 0
    while waiting:
        row, depth = waiting.pop()
        total += 1
        if len(spans) < MOST_SPANS:
            spans.append(_span(table, row, depth, int(table.start[top])))
        latest_first = sorted(below[row], key=lambda one: (int(table.start[one]), one), reverse=True)
        waiting.extend((one, depth + 1) for one in latest_first)
    return ExampleRequest(int(table.start[top]), tuple(spans), total)


def _span(table: SpanTable, row: int, depth: int, start: int) -> ExampleSpan:
    failed = int(table.failed[row])
    return ExampleSpan(
        table.name(int(table.component[row])),
        table.name(int(table.operation[row])),
        depth,
        int(table.start[row]) - start,
        int(table.duration[row]),
        bool(failed) if failed >= 0 else None,
    )
