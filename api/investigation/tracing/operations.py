"""What components do themselves: self time, failures at their origin, and calls that are no longer made."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.tracing.groups import grouped, middle, spread
from api.investigation.tracing.proportions import fall
from api.investigation.tracing.spans import SpanTable

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
    """A call that an operation usually makes, and now makes less often: shares of its spans, counts, score."""

    component: str
    operation: str
    call: str
    before: float
    after: float
    healthy: int
    count: int
    score: float


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
                moved / unit * trust, moved * len(values),
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
    """Return calls that operations make less often than usual, most first."""
    before, made_before = _made(healthy)
    after, made_after = _made(now)
    found: list[Missing] = []
    for key, of_usual in before.items():
        of = after.get(key, 0)
        if of < _FEWEST:
            continue
        for call, usual in made_before[key].items():
            made = made_after[key][call] if key in made_after else 0
            score = fall(usual, of_usual, made, of)
            if score > 0:
                found.append(Missing(*key, call, usual / of_usual, made / of, of_usual, of, score))
    return tuple(sorted(found, key=lambda one: (-one.score, one.component, one.operation, one.call)))


def _self(table: SpanTable) -> dict[tuple[str, str], NDArray[np.int64]]:
    own = np.maximum(table.duration - table.children, 0)
    parts = grouped((table.component, table.operation), own)
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


def _made(table: SpanTable) -> tuple[Counter[tuple[str, str]], dict[tuple[str, str], Counter[str]]]:
    """Return how many spans each operation has, and how many of them made each call at least once."""
    every = Counter(
        (table.name(a), table.name(b)) for a, b in zip(table.component.tolist(), table.operation.tolist(), strict=True)
    )
    below = np.flatnonzero(table.above >= 0)
    pairs = np.unique(np.stack([table.above[below], table.operation[below].astype(np.int64)]), axis=1)
    made: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row, operation in pairs.T.tolist():
        made[table.name(int(table.component[row])), table.name(int(table.operation[row]))][table.name(operation)] += 1
    return every, made
