"""Read log lines in batches into counts and short columns, never holding their texts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from api.investigation.loglines.masking import LONGEST, coarse
from api.investigation.loglines.severity import Scale, scale_of, severity_of
from api.investigation.loglines.stack_traces import continues
from api.investigation.loglines.templates import Key, Mined, TemplateMiner, is_code_line
from api.investigation.telemetry import LogLines
from api.investigation.windows import Window

BUCKETS = 60
"""Parts that a window is cut into, to tell when something began."""

MOST_IN_ORDER = 2_000_000
"""Lines of a window that are kept as (unit, template, time), 24 bytes each, for the order of lines in spans."""

_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one window. `counts`, `first` and `last` are by template, `buckets` (templates, BUCKETS).

    `unit` (the span, else the trace), `event` (the template) and `time` are by line that has a unit, in order read.
    """

    window: Window
    counts: _Ints
    first: _Ints
    last: _Ints
    buckets: _Ints
    unit: _Ints
    event: _Ints
    time: _Ints


@dataclass(slots=True)
class _Side:
    """One window while it is read; by number of the miner."""

    window: Window
    counts: dict[int, int] = field(default_factory=dict)
    first: dict[int, int] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    buckets: dict[int, _Ints] = field(default_factory=dict)
    units: list[tuple[_Ints, _Ints, _Ints]] = field(default_factory=list)
    in_order: int = 0


class LogReader:
    """Lines of healthy time (side 0) and of the window (side 1) to templates and counts."""

    def __init__(self, baseline: Window, window: Window) -> None:
        self._sides = (_Side(baseline), _Side(window))
        self._miner = TemplateMiner()
        self._words: set[str] = set()
        self._scale = Scale.OTEL
        self.rows = [0, 0]
        self.stood_for_more = 0
        self.cut = 0
        self.folded = 0
        self.not_in_order = 0

    @property
    def overflowed(self) -> Counter[str]:
        """Lines by component that went to a template for the rest."""
        return self._miner.overflowed

    def add(self, batch: LogLines, side: int) -> None:
        """Count a batch of the window (1) or of healthy time (0)."""
        if not len(batch):
            return
        self.rows[side] += len(batch)
        self.stood_for_more += int(np.count_nonzero(batch.count > 1))
        kept, numbers = self._numbered(batch, side)
        time, count = batch.time[kept], np.maximum(batch.count[kept], 1)
        self._count(self._sides[side], numbers, time, count)
        unit = np.where(batch.span[kept] != -1, batch.span[kept], batch.trace[kept])
        self._keep_order(self._sides[side], numbers, time, unit)

    def done(self) -> tuple[Mined, Lines, Lines]:
        """Return the templates, and the lines of healthy time and of the window by template."""
        mined = self._miner.templates()
        groups = np.array(mined.of_number, dtype=np.int64)
        return (
            mined,
            _lines(self._sides[0], groups, len(mined.templates)),
            _lines(self._sides[1], groups, len(mined.templates)),
        )

    def _numbered(self, batch: LogLines, side: int) -> tuple[_Ints, _Ints]:
        """Return the rows that begin a line, and the number of each: the further rows of a stack trace are folded."""
        masked, words = self._masked(batch)
        rest = np.array([continues(word) for word in words] or [False], dtype=bool)
        kept = np.flatnonzero(~rest[masked]) if rest.any() else np.arange(len(batch))
        self.folded += len(batch) - len(kept)
        columns = np.stack([batch.component, batch.severity, batch.origin, masked])[:, kept]
        keys, start, inverse, counts = np.unique(
            _packed(columns), return_index=True, return_inverse=True, return_counts=True
        )
        order = np.argsort(inverse, kind="stable")
        ends = np.cumsum(counts)
        numbers = np.empty(len(keys), dtype=np.int64)
        for place in np.argsort(start).tolist():
            numbers[place] = self._number(batch, columns[:, start[place]], words, int(counts[place]))
            wanted = self._miner.wants(int(numbers[place]), side) if batch.text else 0
            if wanted > 0:
                mine = kept[order[ends[place] - counts[place] : ends[place]][:wanted]].tolist()
                self._miner.sample(int(numbers[place]), side, (_whole(batch, row) for row in mine))
        return kept, numbers[inverse]

    def _masked(self, batch: LogLines) -> tuple[_Ints, list[str]]:
        """Return for each row the index of its coarse mask, and the masks; 0, "", where the code line is enough."""
        told = np.array([is_code_line(name) for name in batch.names] + [False], dtype=bool)
        known = told[batch.origin]
        if not batch.text or known.all():
            return np.zeros(len(batch), dtype=np.int64), [""]
        self.cut += sum(len(text) > LONGEST for text in batch.text)
        found = coarse(batch.text)
        codes = np.asarray(found.indices.to_numpy(zero_copy_only=False), dtype=np.int64) + 1
        return np.where(known, 0, codes), ["", *found.dictionary.to_pylist()]

    def _number(self, batch: LogLines, column: NDArray[np.int64], words: list[str], lines: int) -> int:
        component, severity, origin, masked = (int(one) for one in column)
        names = batch.names
        said = names[severity] if severity >= 0 else ""
        if said not in self._words:
            self._words.add(said)
            self._scale = scale_of(self._words)
        if said.isascii() and said.isdigit():
            said = severity_of(said, self._scale).name
        return self._miner.number(
            Key(
                names[component] if component >= 0 else "(unnamed)",
                said,
                names[origin] if origin >= 0 else "",
                words[masked],
            ),
            lines,
        )

    def _count(self, side: _Side, numbers: _Ints, time: _Ints, count: _Ints) -> None:
        span = side.window.end - side.window.start
        bucket = np.clip((time - side.window.start) * BUCKETS // span, 0, BUCKETS - 1)
        present, inverse = np.unique(numbers, return_inverse=True)
        table = np.zeros((len(present), BUCKETS), dtype=np.int64)
        np.add.at(table, (inverse, bucket), count)
        first = np.full(len(present), np.iinfo(np.int64).max)
        last = np.full(len(present), np.iinfo(np.int64).min)
        np.minimum.at(first, inverse, time)
        np.maximum.at(last, inverse, time)
        for place, number in enumerate(present.tolist()):
            side.counts[number] = side.counts.get(number, 0) + int(table[place].sum())
            side.first[number] = min(side.first.get(number, int(first[place])), int(first[place]))
            side.last[number] = max(side.last.get(number, int(last[place])), int(last[place]))
            known = side.buckets.get(number)
            side.buckets[number] = table[place] if known is None else known + table[place]

    def _keep_order(self, side: _Side, numbers: _Ints, time: _Ints, unit: _Ints) -> None:
        told = np.flatnonzero(unit != -1)
        taken = told[: max(0, MOST_IN_ORDER - side.in_order)]
        self.not_in_order += len(told) - len(taken)
        side.in_order += len(taken)
        if len(taken):
            side.units.append((unit[taken], numbers[taken], time[taken]))


def _whole(batch: LogLines, row: int) -> str:
    """Return the text of a row with the further rows of its stack trace."""
    own = batch.text[row]
    further: list[str] = []
    for other in range(row + 1, min(row + 40, len(batch))):
        if batch.component[other] != batch.component[row] or not continues(batch.text[other]):
            break
        further.append(batch.text[other])
    return "\n".join([own, *further])


def _packed(columns: NDArray[np.int64]) -> _Ints:
    """Return one number for each combination of codes, shape (4, n) to (n,)."""
    packed = np.zeros(columns.shape[1], dtype=np.int64)
    for codes in columns:
        _, dense = np.unique(codes, return_inverse=True)
        packed = packed * (int(dense.max(initial=0)) + 1) + dense
    return packed


def _lines(side: _Side, groups: _Ints, count: int) -> Lines:
    counts, first = np.zeros(count, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    last, buckets = np.full(count, -1, dtype=np.int64), np.zeros((count, BUCKETS), dtype=np.int64)
    for number, seen in side.counts.items():
        group = int(groups[number])
        counts[group] += seen
        first[group] = side.first[number] if first[group] < 0 else min(int(first[group]), side.first[number])
        last[group] = max(int(last[group]), side.last[number])
        buckets[group] += side.buckets[number]
    unit, event, time = (_joined(column for column in columns) for columns in _columns(side))
    return Lines(side.window, counts, first, last, buckets, unit, groups[event] if len(event) else event, time)


def _columns(side: _Side) -> tuple[Iterable[_Ints], Iterable[_Ints], Iterable[_Ints]]:
    return [one[0] for one in side.units], [one[1] for one in side.units], [one[2] for one in side.units]


def _joined(parts: Iterable[_Ints]) -> _Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])
