"""Telemetry that was recorded: what a layout read of it, cut to the windows that are asked for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from api.investigation.telemetry import Coverage, Edge, Happening, LogLines, Series, Spans
from api.investigation.windows import Window


def _no_spans() -> Iterator[Spans]:
    return iter(())


def _no_logs() -> Iterator[LogLines]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that fits in memory but for its spans and logs, which are read again whenever they are asked for."""

    facts: tuple[Coverage, ...]
    every_series: tuple[Series, ...] = ()
    read_spans: Callable[[], Iterator[Spans]] = _no_spans
    read_logs: Callable[[], Iterator[LogLines]] = _no_logs
    every_happening: tuple[Happening, ...] = ()
    every_edge: tuple[Edge, ...] = ()

    def coverage(self) -> tuple[Coverage, ...]:
        """Tell what there is."""
        return self.facts

    def series(self, window: Window) -> Iterator[Series]:
        """Give each series that has points inside `window`, cut to it."""
        for one in self.every_series:
            part = one.within(window)
            if len(part.times):
                yield part

    def spans(self, window: Window) -> Iterator[Spans]:
        """Give the spans that start inside `window`."""
        for batch in self.read_spans():
            keep = (batch.start >= window.start) & (batch.start < window.end)
            if keep.any():
                yield spans_where(batch, keep)

    def logs(self, window: Window) -> Iterator[LogLines]:
        """Give the log lines inside `window`."""
        for batch in self.read_logs():
            keep = (batch.time >= window.start) & (batch.time < window.end)
            if keep.any():
                yield lines_where(batch, keep)

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Give the events and changes inside `window`."""
        return (one for one in self.every_happening if one.at in window)

    def edges(self) -> tuple[Edge, ...]:
        """Give the calls that the recording states."""
        return self.every_edge


def spans_where(batch: Spans, keep: NDArray[np.bool_]) -> Spans:
    """Return the spans of a batch for which `keep`, of its length, is true."""
    if keep.all():
        return batch
    return Spans(
        batch.names, batch.trace[keep], batch.span[keep], batch.parent[keep], batch.component[keep],
        batch.operation[keep], batch.peer[keep], batch.start[keep], batch.duration[keep], batch.failed[keep],
    )  # fmt: skip


def lines_where(batch: LogLines, keep: NDArray[np.bool_]) -> LogLines:
    """Return the lines of a batch for which `keep`, of its length, is true."""
    if keep.all():
        return batch
    texts = tuple(text for text, kept in zip(batch.text, keep.tolist(), strict=True) if kept) if batch.text else ()
    return replace(
        batch, time=batch.time[keep], component=batch.component[keep], severity=batch.severity[keep],
        origin=batch.origin[keep], trace=batch.trace[keep], span=batch.span[keep], count=batch.count[keep], text=texts,
    )  # fmt: skip


class Codes:
    """Names to codes, in the order in which they are first asked for."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All names so far, by code."""
        return tuple(self._codes)

    def of(self, name: str) -> int:
        """Return the code of a name; -1 for an empty one."""
        return self._codes.setdefault(name, len(self._codes)) if name else -1

    def column(self, values: Sequence[str]) -> NDArray[np.int32]:
        """Return the codes of many names, shape (n,)."""
        return np.fromiter((self.of(value) for value in values), dtype=np.int32, count=len(values))
