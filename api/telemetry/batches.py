"""Rows of large files, streamed as Arrow batches of bounded size; lines that can't be read are skipped and counted."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from api.errors import TelemetryUnreadable

MOST_ROWS = 65_536
"""Rows of a batch, at most."""

UNKNOWN = -(2**63)
"""Stands for an instant that could not be read."""

WORST_SHARE = 0.5
"""Share of broken lines from which a file counts as broken as a whole."""

_FEW = 10  # broken lines that a short file may have all the same
_BLOCK = 4 << 20
_LONGEST_LINE = 64 << 20
_AGAIN = "record or copy it again"

Kind = Literal["text", "number", "whole", "either"]
"""What a column holds; `either` is text or whole numbers, as the first line has it."""


@dataclass(slots=True)
class Tally:
    """How many lines were read of a file, and how many of them were broken; `first` is the first broken one."""

    file: Path
    lines: int = 0
    broken: int = 0
    first: int = 0
    why: str = ""

    def clear(self) -> None:
        """Begin again, before the file is read again."""
        self.lines = self.broken = self.first = 0
        self.why = ""

    def skip(self, line: int, count: int = 1) -> None:
        """Count broken lines, the first of them at `line`."""
        if count and not self.broken:
            self.first = line
        self.broken += count

    def skip_times(self, times: NDArray[np.int64], column: Any) -> None:
        """Count the rows whose time could not be read from its column."""
        bad = times == UNKNOWN
        if bad.any():
            self.why = self.why or f"{str(column[int(np.argmax(bad))].as_py())[:60]!r} is no time"
            self.broken += int(bad.sum())

    def check(self) -> None:
        """Raise TelemetryUnreadable where more of the file is broken than not."""
        if self.broken > max(_FEW, WORST_SHARE * self.lines) or (self.lines and self.broken == self.lines):
            raise TelemetryUnreadable(f"{self.file}: {self._told()}; see docs/bundles.md for what a line holds")

    def __str__(self) -> str:
        return f"in {self.file.name}, {self._told()}"

    def _told(self) -> str:
        places = [self.why, f"the first is line {self.first:,}" if self.first else ""]
        return ", ".join([f"{self.broken:,} of {self.lines:,} lines can't be read", *filter(None, places)])


def batches(file: Path, columns: Mapping[str, Kind], required: Sequence[str], tally: Tally) -> Iterator[Any]:
    """Give the rows of a Parquet, CSV or JSON Lines file (the latter two gzip or not) as Arrow record batches.

    A batch has at most MOST_ROWS rows and all `columns`, with nulls where the file has none. Raises
    TelemetryUnreadable where the file can't be read to its end or lacks a column of `required`.
    """
    name = file.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        found = _parquet(file, columns, required, tally)
    elif name.endswith(".csv"):
        found = _csv(file, columns, required, tally)
    else:
        found = _json(file, columns, tally)
    for batch in found:
        for first in range(0, batch.num_rows, MOST_ROWS):
            yield batch.slice(first, MOST_ROWS)
    tally.check()


def _parquet(file: Path, columns: Mapping[str, Kind], required: Sequence[str], tally: Tally) -> Iterator[Any]:
    import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(file) as opened:
            there = opened.schema_arrow.names
            _need(required, there, file)
            for batch in opened.iter_batches(MOST_ROWS, columns=[name for name in columns if name in there]):
                tally.lines += batch.num_rows
                missing = [name for name in columns if name not in there]
                arrays = [*batch.columns, *(pa.nulls(batch.num_rows, pa.string()) for _ in missing)]
                yield pa.RecordBatch.from_arrays(arrays, names=[*batch.schema.names, *missing])
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(file, error, "") from error


def _json(file: Path, columns: Mapping[str, Kind], tally: Tally) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import json as arrow_json

    schema: Any = None
    for block, first, lines in _blocks(file, tally):
        if schema is None:
            schema = _schema(columns, _first_record(block))
        options = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
        try:
            table = arrow_json.read_json(pa.BufferReader(block), parse_options=options)
            if table.num_rows != lines:  # an empty line, or two records on one
                raise pa.ArrowInvalid("not a record a line")
        except pa.ArrowException:
            table = _line_by_line(block, first, schema, tally)
        yield from table.to_batches()


def _csv(file: Path, columns: Mapping[str, Kind], required: Sequence[str], tally: Tally) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import csv

    header: list[str] = []
    schema: Any = None
    for block, first, _ in _blocks(file, tally):
        rows, start = block, first
        if not header:
            line, _, rows = block.partition(b"\n")
            start += 1
            tally.lines -= 1
            header = _header(line)
            _need(required, header, file)
            schema = _schema(columns, _first_row(header, rows))
        if not rows.strip():
            continue
        wanted = [name for name in columns if name in header]
        broken: list[int] = []

        def skipped(row: Any, start: int = start, broken: list[int] = broken) -> str:
            broken.append(start + (row.number or 1) - 1)
            return "skip"

        options = {
            "read_options": csv.ReadOptions(column_names=header, block_size=len(rows) + 1, use_threads=False),
            "parse_options": csv.ParseOptions(invalid_row_handler=skipped),
        }
        types = {name: schema.field(name).type for name in wanted}
        try:
            table = csv.read_csv(pa.BufferReader(rows), **options, convert_options=_convert(wanted, types))
        except pa.ArrowException:
            broken.clear()
            table = _row_by_row(rows, start, options, wanted, schema, tally)
        if broken:
            tally.skip(min(broken), len(broken))
        yield from _completed(table, schema).to_batches()


def _convert(wanted: list[str], types: Mapping[str, Any]) -> Any:
    from pyarrow import csv

    return csv.ConvertOptions(column_types=types, include_columns=wanted, strings_can_be_null=True)


def _row_by_row(
    rows: bytes, start: int, options: Mapping[str, Any], wanted: list[str], schema: Any, tally: Tally
) -> Any:
    """Return the rows of a block whose values are as they should be."""
    import pyarrow as pa
    from pyarrow import csv

    types = dict.fromkeys(wanted, pa.string())
    try:
        table = csv.read_csv(pa.BufferReader(rows), **options, convert_options=_convert(wanted, types))
    except pa.ArrowException:
        tally.skip(start, rows.count(b"\n"))
        return schema.empty_table().select(wanted)
    kept = []
    for number, record in enumerate(table.to_pylist(), start=start):
        try:
            kept.append(_fitting(record, schema))
        except (ValueError, TypeError, OverflowError):
            tally.skip(number)
    return pa.Table.from_pylist(kept, schema=schema).select(wanted)


def _line_by_line(block: bytes, first: int, schema: Any, tally: Tally) -> Any:
    import pyarrow as pa

    kept = []
    for number, line in enumerate(block.split(b"\n")[:-1], start=first):
        if not line.strip():
            tally.lines -= 1
            continue
        try:
            record = json.loads(line)
            kept.append(_fitting(record if isinstance(record, dict) else None, schema))
        except (ValueError, TypeError, OverflowError, RecursionError):
            tally.skip(number)
    return pa.Table.from_pylist(kept, schema=schema)


def _fitting(record: Mapping[str, Any] | None, schema: Any) -> dict[str, Any]:
    """Return the values of a line as the columns have them. Raises ValueError, TypeError or OverflowError."""
    import pyarrow as pa

    if record is None:
        raise TypeError
    kept: dict[str, Any] = {}
    for field in schema:
        value = record.get(field.name)
        if value is None:
            continue
        if isinstance(value, dict | list):
            raise TypeError
        if pa.types.is_string(field.type):
            kept[field.name] = str(value).encode("utf-8", "replace").decode()
        elif pa.types.is_floating(field.type):
            kept[field.name] = float(value)
        else:
            kept[field.name] = pa.scalar(int(value), pa.int64()).as_py()
    return kept


def _schema(columns: Mapping[str, Kind], record: Mapping[str, Any]) -> Any:
    import pyarrow as pa

    kinds = {"text": pa.string(), "number": pa.float64(), "whole": pa.int64()}
    told = {
        name: ("whole" if type(record.get(name)) is int else "text") if kind == "either" else kind
        for name, kind in columns.items()
    }
    return pa.schema([(name, kinds[kind]) for name, kind in told.items()])


def _first_record(block: bytes) -> Mapping[str, Any]:
    for line in block.split(b"\n", 100):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            return record
    return {}


def _first_row(header: list[str], rows: bytes) -> Mapping[str, Any]:
    cells = rows.partition(b"\n")[0].decode("utf-8", "replace").split(",")
    bare = [cell.strip().strip('"') for cell in cells]
    return {name: int(cell) if _is_whole(cell) else cell for name, cell in zip(header, bare, strict=False)}


def _is_whole(cell: str) -> bool:
    return cell.isascii() and cell.removeprefix("-").isdigit() and len(cell) < 19


def _header(line: bytes) -> list[str]:
    text = line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r")
    return [cell.strip().strip('"') for cell in text.split(",")]


def _need(required: Sequence[str], there: Sequence[str], file: Path) -> None:
    missing = [name for name in required if name not in there]
    if missing:
        shown = ", ".join(map(repr, there))[:200]
        raise TelemetryUnreadable(
            f"{file} has no column {missing[0]!r}; its columns are {shown}; see docs/bundles.md for those it needs"
        )


def _completed(table: Any, schema: Any) -> Any:
    import pyarrow as pa

    for field in schema:
        if field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table


def _blocks(file: Path, tally: Tally) -> Iterator[tuple[bytes, int, int]]:
    """Give whole lines of a text file, a few megabytes at a time, with the number of the first and their count.

    Bytes that are no UTF-8 are replaced. Raises TelemetryUnreadable.
    """
    rest, number = b"", 1
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            while True:
                piece = opened.read(_BLOCK)
                cut = piece.rfind(b"\n") + 1 if piece else 0
                if piece and not cut and len(rest) < _LONGEST_LINE:
                    rest += piece
                    continue
                if piece and not cut:
                    raise TelemetryUnreadable(f"{file}: line {number} is longer than {_LONGEST_LINE:,} bytes; {_AGAIN}")
                block = rest + piece[:cut] if piece else rest + (b"\n" if rest else b"")
                rest = piece[cut:]
                if block:
                    lines = block.count(b"\n")
                    tally.lines += lines
                    yield _as_utf8(block), number, lines
                    number += lines
                if not piece:
                    return
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(file, error, f" after line {number - 1:,}") from error


def _as_utf8(block: bytes) -> bytes:
    if block.isascii():
        return block
    try:
        block.decode()
    except UnicodeDecodeError:
        return block.decode("utf-8", "replace").encode()
    return block


def _unreadable(file: Path, error: Exception, where: str) -> TelemetryUnreadable:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return TelemetryUnreadable(f"cannot read {file}{where} ({said}); {_AGAIN}")
