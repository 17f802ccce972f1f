"""How calls between components changed: new ones, gone ones, more or fewer per request, and callees without a span."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.tracing.groups import counted, first_rows, folded, grouped
from api.investigation.tracing.proportions import fall
from api.investigation.tracing.spans import SpanTable

_FEWEST = 5  # traces of the caller in both stretches, and healthy calls
_MOVED = 1.5  # times as many calls per request, or as few
_SURE = 3.0  # standard errors


@dataclass(frozen=True, slots=True)
class EdgeChange:
    """Calls of one component to another: calls, and traces with the caller, in healthy time and now.

    `made` and `makes` are the calls per trace in which the caller is. `score` is in standard errors: of the traces
    that have the call for a new or gone one, of calls per trace else; negative where there are fewer.
    """

    caller: str
    callee: str
    healthy: int
    count: int
    healthy_traces: int
    traces: int
    score: float

    @property
    def made(self) -> float:
        """Calls per trace with the caller in healthy time."""
        return self.healthy / self.healthy_traces

    @property
    def makes(self) -> float:
        """The same now."""
        return self.count / self.traces


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An operation of a caller that had the callee's span below it, and has it less often: shares, counts, score."""

    caller: str
    operation: str
    callee: str
    before: float
    after: float
    healthy: int
    count: int
    score: float


@dataclass(frozen=True, slots=True)
class EdgeChanges:
    """How calls between components changed, surest first, where the caller was busy in both stretches.

    `new` ones were never made in healthy time, `gone` ones are no longer made; of `moved` ones a request makes at
    least half as many more, or a third fewer.
    """

    new: tuple[EdgeChange, ...]
    gone: tuple[EdgeChange, ...]
    moved: tuple[EdgeChange, ...]


def edge_changes(healthy: SpanTable, now: SpanTable) -> EdgeChanges:
    """Return the calls that are new, gone, or made more or less often in a request."""
    compared = _compared(healthy, now)
    return EdgeChanges(
        tuple(one for one in compared if one.healthy == 0 and one.score >= _SURE),
        tuple(one for one in compared if one.count == 0 and one.score <= -_SURE),
        tuple(filter(_moved, compared)),
    )


def unanswered(healthy: SpanTable, now: SpanTable) -> tuple[Unanswered, ...]:
    """Return operations whose spans had one of a callee below them and miss it now, surest first.

    The caller says that it called; the callee does not say that it was called: it is down, cut off, or not sampled.
    """
    before, after = _answered(healthy), _answered(now)
    found: list[Unanswered] = []
    for (caller, operation, callee), (had, of) in before.items():
        has, of_now = after.get((caller, operation, callee), (0, after.get((caller, operation, ""), (0, 0))[1]))
        if had < _FEWEST or of_now < _FEWEST:
            continue
        score = fall(had, of, has, of_now)
        if score >= _SURE:
            found.append(Unanswered(caller, operation, callee, had / of, has / of_now, of, of_now, score))
    return tuple(sorted(found, key=lambda one: (-one.score, one.caller, one.operation, one.callee)))


@dataclass(frozen=True, slots=True)
class _Calls:
    """Calls of one pair of components: how many, in how many traces, and the sum of squares of calls per trace."""

    count: int
    traces: int
    squares: int


def _moved(one: EdgeChange) -> bool:
    if not one.healthy or not one.count or abs(one.score) < _SURE:
        return False
    return one.makes >= _MOVED * one.made or one.made >= _MOVED * one.makes


def _compared(healthy: SpanTable, now: SpanTable) -> Sequence[EdgeChange]:
    """Return every call whose caller was busy in both stretches, surest change first."""
    before, after = _calls(healthy), _calls(now)
    busy_before, busy = _traces(healthy), _traces(now)
    nothing = _Calls(0, 0, 0)
    found: list[EdgeChange] = []
    for caller, callee in sorted({*before, *after}):
        first, second = before.get((caller, callee), nothing), after.get((caller, callee), nothing)
        of_first, of_second = busy_before.get(caller, 0), busy.get(caller, 0)
        if min(of_first, of_second) < _FEWEST:
            continue
        score = _score(first, of_first, second, of_second)
        found.append(EdgeChange(caller, callee, first.count, second.count, of_first, of_second, score))
    return sorted(found, key=lambda one: (-abs(one.score), one.caller, one.callee))


def _score(before: _Calls, of_before: int, after: _Calls, of_after: int) -> float:
    if not before.count or not after.count:
        return -fall(before.traces, of_before, after.traces, of_after)
    first, second = before.count / of_before, after.count / of_after
    spread = max(before.squares / of_before - first**2, 0.0) / of_before
    spread += max(after.squares / of_after - second**2, 0.0) / of_after
    # Requests that all make the same number of calls have no spread; one call in all of them is the least there is.
    return float((second - first) / max(spread**0.5, 1.0 / min(of_before, of_after)))


def _calls(table: SpanTable) -> Mapping[tuple[str, str], _Calls]:
    below = _crossing(table)
    if not len(below):
        return {}
    caller, callee = table.component[table.above[below]], table.component[below]
    per_trace = folded(folded(caller, callee), table.trace[below])
    first = first_rows(per_trace)
    parts = grouped((caller[first], callee[first]), np.bincount(per_trace))
    return {
        (table.name(a), table.name(b)): _Calls(int(part.sum()), len(part), int((part**2).sum()))
        for (a, b), part in parts.items()
    }


def _traces(table: SpanTable) -> Mapping[str, int]:
    """Return in how many traces each component is."""
    if not len(table):
        return {}
    first = first_rows(folded(table.component, table.trace))
    count = np.bincount(table.component[first], minlength=len(table.names))
    return {table.name(code): int(count[code]) for code in np.flatnonzero(count).tolist()}


def _answered(table: SpanTable) -> Mapping[tuple[str, str, str], tuple[int, int]]:
    """Return by caller, operation and callee how many spans have one of the callee right below, of how many.

    With an empty callee: how many spans of the operation there are at all.
    """
    counts = counted((table.component, table.operation))
    everything = {(table.name(a), table.name(b)): count for (a, b), count in counts.items()}
    found = {(caller, operation, ""): (0, of) for (caller, operation), of in everything.items()}
    below = _crossing(table)
    if not len(below):
        return found
    up, callee = table.above[below], table.component[below]
    once = first_rows(folded(up, callee))
    up, callee = up[once], callee[once]
    for (a, b, c), count in counted((table.component[up], table.operation[up], callee)).items():
        caller, operation = table.name(a), table.name(b)
        found[caller, operation, table.name(c)] = (count, everything[caller, operation])
    return found


def _crossing(table: SpanTable) -> NDArray[np.int64]:
    """Return the rows of spans whose parent is another component's."""
    below = np.flatnonzero(table.above >= 0)
    return np.asarray(below[table.component[below] != table.component[table.above[below]]], dtype=np.int64)
