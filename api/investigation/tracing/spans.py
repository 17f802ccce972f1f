"""All spans of a stretch of time with their parents found: one table, names as codes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.telemetry import Spans

Longs = NDArray[np.int64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class SpanTable:
    """Spans as columns of one length n, each span once; `above` is the row of the parent, -1 where there is none.

    `children` is the time that children took, in microseconds, `orphans` how many spans name a parent that is not
    there, `repeated` how many came more than once, `circular` how many are their own ancestor or below such a one: the
    parents of these are not believed.
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

    def __len__(self) -> int:
        return len(self.trace)

    def name(self, code: int) -> str:
        """Return the name of a code; empty for -1."""
        return self.names[code] if code >= 0 else ""


def span_table(batches: Iterable[Spans]) -> SpanTable:
    """Gather batches into one table; codes of all batches are made those of one list of names."""
    codes: dict[str, int] = {}
    columns: dict[str, list[NDArray[np.int64]]] = {key: [] for key in _COLUMNS}
    for batch in batches:
        own = np.array([codes.setdefault(name, len(codes)) for name in batch.names] + [-1], dtype=np.int64)
        values = (
            batch.trace, batch.span, batch.parent, own[batch.component], own[batch.operation], own[batch.peer],
            batch.start, batch.duration, batch.failed.astype(np.int64),
        )  # fmt: skip
        for key, value in zip(_COLUMNS, values, strict=True):
            columns[key].append(value)
    whole = {key: np.concatenate(parts) if parts else np.empty(0, np.int64) for key, parts in columns.items()}
    _, first = np.unique(whole["span"], return_index=True)
    kept = {key: column[np.sort(first)] for key, column in whole.items()}
    above = _rows_of(kept["parent"], kept["span"])
    orphans = int(((kept["parent"] != -1) & (above < 0)).sum())
    circular = _tops(above) < 0
    above[circular] = -1
    has = above >= 0
    children = np.bincount(above[has], weights=kept["duration"][has], minlength=len(above)).astype(np.int64)
    return SpanTable(
        names=tuple(codes),
        trace=kept["trace"],
        component=kept["component"].astype(np.int32),
        operation=kept["operation"].astype(np.int32),
        peer=kept["peer"].astype(np.int32),
        start=kept["start"],
        duration=kept["duration"],
        failed=kept["failed"].astype(np.int8),
        above=above,
        children=children,
        orphans=orphans,
        repeated=len(whole["span"]) - len(kept["span"]),
        circular=int(circular.sum()),
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


_COLUMNS = ("trace", "span", "parent", "component", "operation", "peer", "start", "duration", "failed")


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
    order = np.argsort(ids, kind="stable")
    place = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)
    rows = order[place]
    return np.where((wanted != -1) & (ids[rows] == wanted), rows, -1).astype(np.int64)
