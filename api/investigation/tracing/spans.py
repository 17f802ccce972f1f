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
    there, `repeated` how many came more than once.
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
        orphans=int(((kept["parent"] != -1) & ~has).sum()),
        repeated=len(whole["span"]) - len(kept["span"]),
    )


_COLUMNS = ("trace", "span", "parent", "component", "operation", "peer", "start", "duration", "failed")


def _rows_of(wanted: Longs, ids: Longs) -> Longs:
    """Return the row at which each wanted id stands, -1 where it is not there; ids are each there once."""
    if not len(ids):
        return np.empty(0, np.int64)
    order = np.argsort(ids, kind="stable")
    place = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)
    rows = order[place]
    return np.where((wanted != -1) & (ids[rows] == wanted), rows, -1).astype(np.int64)
