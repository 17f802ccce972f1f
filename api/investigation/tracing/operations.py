"""What components do themselves: self time, failures at their origin, and calls that are no longer made."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.tracing.groups import first_rows, folded, grouped, middle, spread, surely_above
from api.investigation.tracing.proportions import fall
from api.investigation.tracing.spans import SpanTable, roots, waits_only

_LEAST = 1_000.0  # microseconds of self time that move for no reason
_SHARE = 0.25
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class SelfTime:
    """The time that an operation takes itself, without its children: medians in microseconds, counts, robust score.

    `added` is the whole time that it takes longer than usual, over all its spans, in microseconds.
    """

    component: str
    operation: str
    before: float
    after: float
    healthy: int
    count: int
    score: float
    added: float


@dataclass(frozen=True, slots=True)
class Failing:
    """Spans of an operation that fail while none of their children does: that is where a failure begins."""

    component: str
    operation: str
    before: float
    after: float
    healthy: int
    count: int
    score: float
    onset: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A call that an operation makes less often than usual in requests of one kind: shares of spans, counts, score."""

    component: str
    operation: str
    call: str
    before: float
    after: float
    healthy: int
    count: int
    score: float
    request: str


def self_times(healthy: SpanTable, now: SpanTable) -> tuple[SelfTime, ...]:
    """Return the self time of each operation that is in both, most slowed first."""
    before, after = _self(healthy), _self(now)
    found: list[SelfTime] = []
    for (component, operation), values in after.items():
        usual = before.get((component, operation))
        if usual is None or len(usual) < _FEWEST or len(values) < _FEWEST:
            continue
        unit = max(spread(usual), _SHARE * middle(usual), _LEAST)
        moved = middle(values) - middle(usual)
        trust = (len(values) / (len(values) + 2.0)) ** 0.5
        found.append(
            SelfTime(
                component, operation, middle(usual), middle(values), len(usual), len(values),
                surely_above(values, usual) / unit * trust, moved * len(values),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.score, one.component, one.operation)))


def failing(healthy: SpanTable, now: SpanTable) -> tuple[Failing, ...]:
    """Return operations at which failures begin more often than usual, most first."""
    before, after = _failures(healthy), _failures(now)
    found: list[Failing] = []
    for key, (bad, of, first) in after.items():
        usual, of_usual, _ = before.get(key, (0, 0, 0))
        score = -fall(usual, of_usual, bad, of) if bad else 0.0
        if score > 0:
            share = usual / of_usual if of_usual else 0.0
            found.append(Failing(key[0], key[1], share, bad / of, of_usual, of, score, first))
    return tuple(sorted(found, key=lambda one: (-one.score, one.component, one.operation)))


def missing_calls(healthy: SpanTable, now: SpanTable) -> tuple[Missing, ...]:
    """Return calls that operations make less often than usual, most first.

    Like is compared with like: an operation below one kind of request with the same below the same. Spans of one
    trace share its data, so that what counts as evidence is how many traces there are, not how many spans.
    """
    before, after = _made(healthy), _made(now)
    worst: dict[tuple[str, str, str], Missing] = {}
    for key, usual in before.items():
        present = after.get(key)
        if present is None or present.traces < _FEWEST:
            continue
        for call, made in usual.calls.items():
            first, second = made / usual.spans, present.calls[call] / present.spans
            score = fall(first * usual.traces, usual.traces, second * present.traces, present.traces)
            place = (key[1], key[2], call)
            if score > 0 and (place not in worst or score > worst[place].score):
                worst[place] = Missing(*place, first, second, usual.spans, present.spans, score, key[0])
    return tuple(sorted(worst.values(), key=lambda one: (-one.score, one.component, one.operation, one.call)))


def _self(table: SpanTable) -> dict[tuple[str, str], NDArray[np.int64]]:
    busy = ~waits_only(table)
    own = np.maximum(table.duration - table.children, 0)[busy]
    parts = grouped((table.component[busy], table.operation[busy]), own)
    return {(table.name(a), table.name(b)): part for (a, b), part in parts.items()}


def _failures(table: SpanTable) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Return by component and operation how many spans fail with no failed child, of how many, and when first."""
    bad = table.failed == 1
    above = table.above[bad & (table.above >= 0)]
    passed_on = np.zeros(len(table), dtype=bool)
    passed_on[above] = True
    begins = bad & ~passed_on
    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    told = table.failed >= 0
    for (a, b), rows in grouped((table.component[told], table.operation[told]), np.flatnonzero(told)).items():
        own = rows[begins[rows]]
        first = int(table.start[own].min()) if len(own) else 0
        found[table.name(a), table.name(b)] = (len(own), len(rows), first)
    return found


@dataclass(slots=True)
class _Made:
    """How many spans and traces an operation has, and how many of its spans make each call at least once."""

    spans: int
    traces: int
    calls: Counter[str]


def _made(table: SpanTable) -> dict[tuple[str, str, str], _Made]:
    """Return what each operation calls, by the operation of the whole request, its component, and itself."""
    top = roots(table)
    kind = folded(table.operation[top], folded(table.component, table.operation))
    spans = np.bincount(kind)
    traces = np.bincount(kind[first_rows(folded(kind, table.trace))], minlength=len(spans))
    shown = first_rows(kind)
    columns = (table.operation[top[shown]], table.component[shown], table.operation[shown])
    names = list(zip(*(map(table.name, column.tolist()) for column in columns), strict=True))
    found = {name: _Made(int(spans[at]), int(traces[at]), Counter()) for at, name in enumerate(names)}
    below = np.flatnonzero(table.above >= 0)
    once = below[first_rows(folded(table.above[below], table.operation[below]))]
    made = folded(kind[table.above[once]], table.operation[once])
    count = np.bincount(made)
    for row, times in zip(once[first_rows(made)].tolist(), count.tolist(), strict=True):
        found[names[int(kind[table.above[row]])]].calls[table.name(int(table.operation[row]))] += times
    return found
