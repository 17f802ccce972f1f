"""Long tables of metrics gathered into series, in several passes where one would not fit in memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from api.investigation.telemetry import Series
from api.investigation.windows import Window
from api.telemetry.batches import Kind, Tally, batches
from api.telemetry.columns import instants, names
from api.telemetry.manifest import Unit
from api.telemetry.recording import Codes

COLUMNS: Mapping[str, Kind] = {
    "time": "either", "component": "text", "metric": "text", "value": "number", "unit": "text", "instance": "text",
}  # fmt: skip
NEEDED = ("time", "component", "metric", "value")

_MOST_POINTS = 16_000_000  # gathered in one pass, at about 40 bytes each while they are sorted
_ROW_BYTES = 40  # of a row of text, at least
_PACKED = 12  # times that gzip makes such text smaller, about

RowReader = Callable[[Path, Mapping[str, Kind], Sequence[str], Tally], Iterator[Any]]
"""What gives the rows of a file, as `batches` does."""

_Key = tuple[str, str, str]
_T = TypeVar("_T", np.int32, np.int64, np.float64)


@dataclass(slots=True)
class _Gathering:
    """The points of one pass: a column of keys, times and values for each batch."""

    codes: dict[_Key, int] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    keys: list[NDArray[np.int32]] = field(default_factory=list)
    times: list[NDArray[np.int64]] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)

    def series(self, file: Path, part: int, parts: int) -> Iterator[Series]:
        """Give the series, ordered by component, metric and instance; each as a copy of its own."""
        if not self.keys:
            return
        keys, times, values = _joined(self.keys), _joined(self.times), _joined(self.values)
        kind = np.int16 if len(self.codes) < 2**15 else np.int32  # int16 is sorted by radix
        order = np.argsort(keys.astype(kind), kind="stable")
        ends = np.cumsum(np.bincount(keys, minlength=len(self.codes)))
        for key, code in sorted(self.codes.items()):
            rows = order[ends[code - 1] if code else 0 : ends[code]]
            if len(rows) and code % parts == part:
                own = times[rows]
                if (np.diff(own) < 0).any():
                    rows = rows[np.argsort(own, kind="stable")]
                component, metric, instance = key
                unit = self.units.get(code, "")
                yield Series(component, metric, times[rows], values[rows], unit, instance or file.name)


def gathered(file: Path, window: Window, unit: Unit, tally: Tally, *, read: RowReader = batches) -> Iterator[Series]:
    """Give each series of a table that has points inside `window`, cut to it. Raises TelemetryUnreadable.

    The table is read once, by `read`, for each 16 million rows that it may have.
    """
    parts = 1 + _rows(file) // _MOST_POINTS
    for part in range(parts):
        found = _Gathering()
        tally.clear()
        for batch in read(file, COLUMNS, NEEDED, tally):
            time = instants(batch.column("time"), unit)
            tally.skip_times(time, batch.column("time"))
            keep = (time >= window.start) & (time < window.end)
            if keep.any():
                _add(found, batch, time, keep, part, parts)
        yield from found.series(file, part, parts)


def _add(
    found: _Gathering, batch: Any, time: NDArray[np.int64], keep: NDArray[np.bool_], part: int, parts: int
) -> None:
    keys = _keys(found, batch)
    keep &= keys >= 0
    if parts > 1:
        keep &= keys % parts == part
    values = batch.column("value").cast("float64").to_numpy(zero_copy_only=False)
    found.keys.append(keys[keep])
    found.times.append(time[keep])
    found.values.append(values[keep])


def _keys(found: _Gathering, batch: Any) -> NDArray[np.int32]:
    """Return the code of each row's series, -1 for a row without component or metric."""
    local = Codes()
    columns = [
        names(batch.column(name), local).astype(np.int64) for name in ("component", "metric", "instance", "unit")
    ]
    size = len(local.names) + 1
    packed = ((columns[0] + 1) * size + columns[1] + 1) * size + columns[2] + 1
    known, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    words = (*local.names, "")  # the last is what -1 points to
    codes = np.full(len(known), -1, dtype=np.int32)
    for at, row in enumerate(first.tolist()):
        component, metric, instance, unit = (words[int(column[row])] for column in columns)
        if component and metric:
            codes[at] = found.codes.setdefault((component, metric, instance), len(found.codes))
            if unit:
                found.units.setdefault(int(codes[at]), unit)
    return codes[inverse]


def _joined(pieces: list[NDArray[_T]]) -> NDArray[_T]:
    """Return pieces as one column, and let go of them."""
    whole = np.concatenate(pieces)
    pieces.clear()
    return whole


def _rows(file: Path) -> int:
    """Return how many rows a table may have, about."""
    if file.suffix == ".parquet":
        from pyarrow import parquet  # type: ignore[import-untyped]  # ships no hints

        try:
            return int(parquet.read_metadata(file).num_rows)
        except (OSError, ValueError):  # reading it tells what is wrong
            return 0
    size = file.stat().st_size if file.is_file() else 0
    return size * (_PACKED if file.suffix == ".gz" else 1) // _ROW_BYTES
