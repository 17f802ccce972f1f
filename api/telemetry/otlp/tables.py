"""What was taken as tables: Parquet files of spans, log lines and points, each with the stretch of time in its name."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.investigation.windows import Window
from api.telemetry.otlp.journal import Entry, entries_in, number_of
from api.telemetry.otlp.requests import OtlpSignal, message_of
from api.telemetry.otlp.rows import LOG_COLUMNS, POINT_COLUMNS, SPAN_COLUMNS, log_rows, point_rows, span_rows

_ROWS: Mapping[OtlpSignal, Callable[[Any, int], Iterator[tuple[Any, ...]]]] = {
    OtlpSignal.TRACES: span_rows,
    OtlpSignal.LOGS: log_rows,
    OtlpSignal.METRICS: point_rows,
}
_TIME = {OtlpSignal.TRACES: "start", OtlpSignal.LOGS: "time", OtlpSignal.METRICS: "time"}
_GROUP = 65_536  # rows of a group: what a filter on time can leave out
_SMALL = 4_000_000  # bytes of a file that is merged with others of its size
_TOGETHER = 16

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Table:
    """A file of one signal: the number of the journal's file it is of, and the first and last microsecond in it."""

    path: Path
    number: int
    first: int
    last: int

    def meets(self, window: Window) -> bool:
        """Tell whether it may hold rows of a window."""
        return self.first < window.end and self.last >= window.start


def convert(journal: Path, folder: Path) -> int:
    """Write the tables of a file of the journal and return how many rows they hold; raises OSError.

    Doing it again writes the same files again.
    """
    rows: dict[OtlpSignal, list[tuple[Any, ...]]] = {signal: [] for signal in OtlpSignal}
    for entry in entries_in(journal):
        rows[entry.signal].extend(_rows_of(entry))
    for signal, found in rows.items():
        if found:
            _write(_table(signal, found), signal, folder, f"{number_of(journal):012d}")
    return sum(map(len, rows.values()))


def tables_in(folder: Path, signal: OtlpSignal) -> list[Table]:
    """Return the tables of a signal, the oldest first."""
    found = (_named(path) for path in (folder / signal.value).glob("*.parquet"))
    return sorted((one for one in found if one is not None), key=lambda one: (one.number, one.path.name))


def read(table: Table, signal: OtlpSignal, window: Window, components: Sequence[str]) -> Any:
    """Return the rows of a table inside a window as an Arrow table, those of some components where they are told.

    Raises OSError, also where the file was removed in the meantime, and for one that is damaged.
    """
    import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints
    from pyarrow import parquet

    name = _TIME[signal]
    wanted: list[tuple[str, str, Any]] = [(name, ">=", window.start), (name, "<", window.end)]
    if components:
        wanted.append(("component", "in", list(components)))
    try:
        return parquet.read_table(table.path, filters=wanted)
    except pa.ArrowException as error:
        raise OSError(f"{table.path.name} can't be read: {error}") from error


def merge(folder: Path) -> None:
    """Make one file of many small ones; files that a merged one stands for are removed, also after a crash."""
    for signal in OtlpSignal:
        _remove_replaced(folder, signal)
        small = [one for one in tables_in(folder, signal) if one.path.stat().st_size < _SMALL]
        if len(small) >= _TOGETHER:
            _merge(small, signal, folder)


def remove_old(folder: Path, *, most_bytes: int, before: float) -> int:
    """Remove tables that came before a time (seconds since the epoch), then the oldest until all fit; return how many.

    What came first goes first, whatever time it tells.
    """
    every = sorted(
        ((one.path.stat(), one.path) for signal in OtlpSignal for one in tables_in(folder, signal)),
        key=lambda pair: (pair[0].st_mtime, pair[1].name),
    )
    size, removed = sum(stat.st_size for stat, _ in every), 0
    for stat, path in every:
        if stat.st_mtime >= before and size <= most_bytes:
            break
        path.unlink(missing_ok=True)
        size -= stat.st_size
        removed += 1
    return removed


def _rows_of(entry: Entry) -> Iterator[tuple[Any, ...]]:
    request = message_of(entry.signal).FromString(entry.payload)
    return _ROWS[entry.signal](request, int(entry.received * 1e9))


def _table(signal: OtlpSignal, rows: Sequence[tuple[Any, ...]]) -> Any:
    import pyarrow as pa

    columns = [list(column) for column in zip(*rows, strict=True)]
    schema = _schema(signal)
    arrays = [_array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema).sort_by(_TIME[signal])


def _array(column: list[Any], kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return pa.array(column, pa.string()).dictionary_encode()
    return pa.array(column, kind)


def _schema(signal: OtlpSignal) -> Any:
    import pyarrow as pa

    name = pa.dictionary(pa.int32(), pa.string())
    kinds = {
        "trace": pa.int64(), "span": pa.int64(), "parent": pa.int64(), "start": pa.int64(), "duration": pa.int64(),
        "time": pa.int64(), "stream": pa.int64(), "text": pa.string(), "value": pa.float64(), "count": pa.float64(),
        "bounds": pa.list_(pa.float64()), "buckets": pa.list_(pa.float64()),
    }  # fmt: skip
    columns = {OtlpSignal.TRACES: SPAN_COLUMNS, OtlpSignal.LOGS: LOG_COLUMNS, OtlpSignal.METRICS: POINT_COLUMNS}[signal]
    kinds["failed"] = pa.int8() if signal is OtlpSignal.TRACES else pa.bool_()
    return pa.schema([pa.field(one, kinds.get(one, name)) for one in columns])


def _write(table: Any, signal: OtlpSignal, folder: Path, number: str, *, replaces: Sequence[str] = ()) -> None:
    from pyarrow import parquet

    times = table.column(_TIME[signal])
    first, last = times[0].as_py(), times[-1].as_py()
    place = folder / signal.value
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{number}_{first}_{last}.parquet"
    table = table.replace_schema_metadata({"replaces": "\n".join(replaces)} if replaces else None)
    half = path.with_suffix(".part")
    parquet.write_table(table, half, row_group_size=_GROUP, compression="zstd")
    with half.open("rb") as file:
        os.fsync(file.fileno())
    half.replace(path)


def _merge(small: Sequence[Table], signal: OtlpSignal, folder: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    whole = pa.concat_tables([parquet.read_table(one.path) for one in small]).unify_dictionaries()
    newest = max(one.path.stat().st_mtime for one in small)
    number = f"{max(one.number for one in small):012d}m"
    _write(whole.sort_by(_TIME[signal]), signal, folder, number, replaces=[one.path.name for one in small])
    for one in tables_in(folder, signal):
        if one.path.name.startswith(number):
            os.utime(one.path, (newest, newest))
    _remove_replaced(folder, signal)


def _remove_replaced(folder: Path, signal: OtlpSignal) -> None:
    """Remove files that a merged one stands for, and what a crash left half-written."""
    from pyarrow import parquet

    place = folder / signal.value
    for half in place.glob("*.part"):
        half.unlink(missing_ok=True)
    for merged in place.glob("*m_*.parquet"):
        told = (parquet.read_schema(merged).metadata or {}).get(b"replaces", b"").decode()
        for name in filter(None, told.split("\n")):
            if name != merged.name and "/" not in name:
                (place / name).unlink(missing_ok=True)


def _named(path: Path) -> Table | None:
    parts = path.stem.split("_")
    try:
        return Table(path, int(parts[0].rstrip("m")), int(parts[1]), int(parts[2]))
    except (ValueError, IndexError):
        _log.warning("%s is no table of telemetry; it is left alone", path)
        return None
