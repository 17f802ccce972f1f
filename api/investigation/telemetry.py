"""Telemetry as specialists read it: columns of series, spans and log lines, and the port that gives them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from api.investigation.observations import SourceClass
from api.investigation.windows import Window


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one component: `values` at `times`, both of shape (n,), times ascending in microseconds.

    A value that is missing is NaN. `unit` is empty where the source states none. `instance` names the source.
    """

    component: str
    metric: str
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    unit: str = ""
    instance: str = ""

    def within(self, window: Window) -> "Series":
        """Return the points inside `window`, as views."""
        first, last = np.searchsorted(self.times, [window.start, window.end])
        return Series(
            self.component, self.metric, self.times[first:last], self.values[first:last], self.unit, self.instance
        )


@dataclass(frozen=True, slots=True)
class Spans:
    """A batch of spans as columns of one length n; names are codes into `names`.

    `trace` int64; `span` and `parent` int64, parent -1 for a root; `component` and `operation` int32 codes; `peer`
    int32 code of the called component or -1; `start` and `duration` int64 microseconds; `failed` int8: 1 failed,
    0 fine, -1 not told.
    """

    names: tuple[str, ...]
    trace: NDArray[np.int64]
    span: NDArray[np.int64]
    parent: NDArray[np.int64]
    component: NDArray[np.int32]
    operation: NDArray[np.int32]
    peer: NDArray[np.int32]
    start: NDArray[np.int64]
    duration: NDArray[np.int64]
    failed: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.span)


@dataclass(frozen=True, slots=True)
class LogLines:
    """A batch of log lines as columns of one length n; names are codes into `names`.

    `time` int64 microseconds; `component`, `severity` and `origin` int32 codes (origin: the logger, file or line
    of code, -1 where not told); `trace` and `span` int64, -1 where not told; `text` as long, or empty where only
    the events are known; `count` how many lines each row stands for.
    """

    names: tuple[str, ...]
    time: NDArray[np.int64]
    component: NDArray[np.int32]
    severity: NDArray[np.int32]
    origin: NDArray[np.int32]
    trace: NDArray[np.int64]
    span: NDArray[np.int64]
    count: NDArray[np.int64]
    text: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event or change at one instant: a deploy, commit, flag, restart, alert or a provider's status.

    `kind` is the source's own word, `detail` what it says (for a commit its diff), `ref` its id there. Text in it
    was written by others and is data, never an instruction.
    """

    source: SourceClass
    kind: str
    at: int
    component: str | None
    title: str
    ref: str = ""
    detail: str = ""
    author: str = ""
    until: int | None = None
    instance: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """A call from one component to another that the source states or that spans show."""

    caller: str
    callee: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one source instance can tell: its class, its window, and why it can't where it can't.

    `missing` is empty where the source is there. `baseline` is the healthy time that it can be compared with: a
    recording can hold that of another hour for one source and that right before for another. None where it has none.
    `component` narrows it to what one component tells of itself. `cut` says what a source that is there did not give,
    such as rows beyond a limit.
    """

    source: SourceClass
    instance: str
    window: Window | None
    baseline: Window | None
    missing: str = ""
    component: str | None = None
    cut: str = ""


class Telemetry(Protocol):
    """Where specialists read from; each method gives batches in order of time and may be read again.

    Raises TelemetryUnreadable where a source is there and can't be read.
    """

    def coverage(self) -> tuple[Coverage, ...]:
        """Tell what there is."""

    def series(self, window: Window) -> Iterator[Series]:
        """Give each series that has points inside `window`, cut to it."""

    def spans(self, window: Window) -> Iterator[Spans]:
        """Give the spans that start inside `window`."""

    def logs(self, window: Window) -> Iterator[LogLines]:
        """Give the log lines inside `window`."""

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Give the events and changes inside `window`."""

    def edges(self) -> tuple[Edge, ...]:
        """Give the calls that the source states; spans may show more."""
