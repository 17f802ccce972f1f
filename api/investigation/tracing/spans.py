"""The spans of a stretch of time with their parents found: one table of bounded size, names as codes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.telemetry import Spans
from api.investigation.tracing.groups import first_rows

Longs = NDArray[np.int64]
Ints = NDArray[np.int32]

MOST_SPANS = 3_000_000
"""Spans that a table holds at most, about 100 bytes each while it is made; beyond, whole traces are left out evenly."""


@dataclass(frozen=True, slots=True)
class SpanTable:
    """Spans as columns of one length n, each span once; `above` is the row of the parent, -1 where there is none.

    `children` is the time that children took, in microseconds, `orphans` how many spans name a parent that is not
    there, `repeated` how many came more than once, `circular` how many are their own ancestor or below such a one: the
    parents of these are not believed. `seen` is how many spans were read, `sampled` the share of traces that was kept:
    below 1 where there were too many spans, and then every span of a kept trace is there and none of another.
    """

    names: tuple[str, ...]
    trace: Longs
    component: Ints
    operation: Ints
    peer: Ints
    start: Longs
    duration: Longs
    failed: NDArray[np.int8]
    above: Longs
    children: Longs
    orphans: int
    repeated: int
    circular: int = 0
    seen: int = 0
    sampled: float = 1.0

    def __len__(self) -> int:
        return len(self.trace)

    def name(self, code: int) -> str:
        """Return the name of a code; empty for -1."""
        return self.names[code] if code >= 0 else ""


def span_table(batches: Iterable[Spans], *, most: int = MOST_SPANS) -> SpanTable:
    """Gather batches into one table of at most `most` spans; codes of all batches are made those of one list of names.

    Of more spans, every other trace by a hash of its id is left out, as often as it takes: traces stay whole, so that
    shares and medians stay what they are, and the same spans give the same table.
    """
    gathered = _Gathered(most)
    for batch in batches:
        gathered.add(batch)
    trace, span, parent = (gathered.column(key) for key in ("trace", "span", "parent"))
    kept = _first_rows(span)
    repeated = len(span) - len(kept)
    whole = repeated == 0
    if not whole:
        trace, span, parent = trace[kept], span[kept], parent[kept]
    above = _rows_of(parent, span)
    orphans = int(((parent != -1) & (above < 0)).sum())
    del span, parent
    circular = _tops(above) < 0
    above[circular] = -1

    def rest(key: str) -> NDArray[np.int64]:
        column = gathered.column(key)
        return column if whole else column[kept]

    duration = rest("duration")
    return SpanTable(
        names=tuple(gathered.codes),
        trace=trace,
        component=rest("component").astype(np.int32, copy=False),
        operation=rest("operation").astype(np.int32, copy=False),
        peer=rest("peer").astype(np.int32, copy=False),
        start=rest("start"),
        duration=duration,
        failed=rest("failed").astype(np.int8, copy=False),
        above=above,
        children=_children(above, duration),
        orphans=orphans,
        repeated=repeated,
        circular=int(circular.sum()),
        seen=gathered.seen,
        sampled=0.5**gathered.halved,
    )


def only_child(table: SpanTable) -> NDArray[np.bool_]:
    """Tell for each span whether it is the only child of its parent: then the parent is the call itself."""
    count = np.bincount(table.above[table.above >= 0], minlength=len(table))
    return np.asarray((table.above >= 0) & (count[np.maximum(table.above, 0)] == 1))


def waits_only(table: SpanTable) -> NDArray[np.bool_]:
    """Tell for each span whether it does nothing but call another component: its time is not the component's own."""
    waiting = np.zeros(len(table), dtype=bool)
    below = np.flatnonzero(only_child(table))
    up = table.above[below]
    waiting[up[table.component[up] != table.component[below]]] = True
    return waiting


def roots(table: SpanTable) -> Longs:
    """Return the row of the topmost span above each."""
    return _tops(table.above)


_TYPES: dict[str, type[np.int64 | np.int32 | np.int8]] = {
    "trace": np.int64, "span": np.int64, "parent": np.int64, "component": np.int32, "operation": np.int32,
    "peer": np.int32, "start": np.int64, "duration": np.int64, "failed": np.int8,
}  # fmt: skip
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio, as in Knuth's multiplicative hashing
_MOST_HALVED = 32


class _Gathered:
    """Batches as they come, in as few bytes as they need; whole traces are left out where there are too many spans."""

    def __init__(self, most: int) -> None:
        self.codes: dict[str, int] = {}
        self.seen = 0
        self.halved = 0
        self._most = most
        self._held = 0
        self._parts: dict[str, list[NDArray[np.int64]]] = {key: [] for key in _TYPES}

    def add(self, batch: Spans) -> None:
        """Take one batch."""
        own = np.array([self.codes.setdefault(name, len(self.codes)) for name in batch.names] + [-1], dtype=np.int32)
        values: tuple[NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int8], ...] = (
            batch.trace, batch.span, batch.parent, own[batch.component], own[batch.operation], own[batch.peer],
            batch.start, batch.duration, batch.failed,
        )  # fmt: skip
        keep = self._kept(batch.trace)
        for (key, kind), value in zip(_TYPES.items(), values, strict=True):
            self._parts[key].append((value if keep is None else value[keep]).astype(kind, copy=False))
        self.seen += len(batch)
        self._held += len(batch) if keep is None else int(keep.sum())
        while self._held > self._most and self.halved < _MOST_HALVED:
            self._halve()

    def column(self, key: str) -> NDArray[np.int64]:
        """Give a whole column and forget its parts, so that it is held once."""
        parts = self._parts.pop(key)
        return np.concatenate(parts) if parts else np.empty(0, _TYPES[key])

    def _halve(self) -> None:
        self.halved += 1
        keeps = [self._kept(trace) for trace in self._parts["trace"]]
        for parts in self._parts.values():
            parts[:] = [part if keep is None else part[keep] for part, keep in zip(parts, keeps, strict=True)]
        self._held = sum(map(len, self._parts["trace"]))

    def _kept(self, trace: Longs) -> NDArray[np.bool_] | None:
        """Tell which rows belong to traces that are kept; None for all of them."""
        if not self.halved:
            return None
        mixed: NDArray[np.uint64] = trace.astype(np.uint64) * _MIX
        mixed ^= mixed >> np.uint64(29)
        mixed *= _MIX
        return np.asarray(mixed < np.uint64(2 ** (64 - self.halved)), dtype=np.bool_)


def _first_rows(ids: Longs) -> Longs:
    """Return the row at which each id stands first, in order of the rows."""
    import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints

    return first_rows(pa.array(ids).dictionary_encode().indices.to_numpy().astype(np.int64))


def _children(above: Longs, duration: Longs) -> Longs:
    has = above >= 0
    return np.bincount(above[has], weights=duration[has], minlength=len(above)).astype(np.int64)


def _tops(above: Longs) -> Longs:
    """Return the topmost row above each; -1 where parents form a circle."""
    up = np.where(above >= 0, above, np.arange(len(above), dtype=np.int64))
    for _ in range(len(above).bit_length()):  # each step doubles the height that is looked up
        higher = up[up]
        if np.array_equal(higher, up):
            break
        up = higher
    return np.where(above[up] < 0, up, -1).astype(np.int64)


def _rows_of(wanted: Longs, ids: Longs) -> Longs:
    """Return the row at which each wanted id stands, -1 where it is not there; ids are each there once."""
    if not len(ids):
        return np.empty(0, np.int64)
    import pyarrow as pa
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships no hints

    rows = pc.index_in(pa.array(wanted), value_set=pa.array(ids)).fill_null(-1).to_numpy().astype(np.int64)
    return np.where(wanted != -1, rows, -1).astype(np.int64)
