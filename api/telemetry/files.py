"""Files of a recording, read with errors that name the file and what to do."""

import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.errors import InvalidWindow, TelemetryUnreadable
from api.investigation.windows import instant_of

_AGAIN = "record or copy it again"
_RFC = re.compile(r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$")


def read_json(file: Path) -> Any:
    """Return what a JSON file holds. Raises TelemetryUnreadable."""
    try:
        with _opened(file) as opened:
            return json.loads(opened.read())
    except (ValueError, RecursionError) as error:
        raise TelemetryUnreadable(f"{file} is no JSON ({error}); {_AGAIN}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(file, error) from error


def read_lines(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Give each line of a JSON Lines file, gzip or not, with its number; those that are no object are left out.

    Raises TelemetryUnreadable where the file can't be read to its end, or more than half of its lines are no objects.
    """
    broken = number = 0
    try:
        with _opened(file) as opened:
            for number, line in enumerate(opened, start=1):
                try:
                    record = json.loads(line)
                except (ValueError, RecursionError):
                    record = None
                if isinstance(record, dict):
                    yield number, record
                else:
                    broken += bool(line.strip())
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise _unreadable(file, error, f"after line {number}") from error
    if broken > max(10, number // 2):
        raise TelemetryUnreadable(f"{file}: {broken} of {number} lines are no JSON objects; {_AGAIN}")


def read_columns(file: Path, text: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    """Return a CSV file, gzip or not, as columns by name; those named in `text` are not made numbers.

    Raises TelemetryUnreadable.
    """
    import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints
    from pyarrow import csv

    try:
        with file.open("rb") as raw:
            opened = gzip.open(raw) if file.suffix == ".gz" else raw  # noqa: SIM115  # closes with the file under it
            options = csv.ConvertOptions(column_types=dict.fromkeys(text, pa.string()), strings_can_be_null=False)
            table = csv.read_csv(io.BytesIO(opened.read()), convert_options=options)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(file, error) from error
    except pa.ArrowException as error:
        raise TelemetryUnreadable(f"{file} is no CSV ({_first_line(error)}); {_AGAIN}") from error
    return {name: table.column(name).to_pylist() for name in table.column_names}


def needed(columns: Mapping[str, list[Any]], names: tuple[str, ...], file: Path) -> None:
    """Raise TelemetryUnreadable where a column is not there."""
    missing = [name for name in names if name not in columns]
    if missing:
        raise TelemetryUnreadable(f"{file} has no column {missing[0]!r}; its columns are {', '.join(columns)[:200]}")


def numbers(values: list[Any]) -> NDArray[np.float64]:
    """Return values as numbers, shape (n,); NaN for what is none."""

    def number(value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError):
            return float("nan")

    return np.fromiter(map(number, values), dtype=np.float64, count=len(values))


def instant(value: Any, where: str) -> int:
    """Return a time as microseconds since the epoch: RFC 3339 text, or seconds, ms, µs or ns by their size.

    Raises TelemetryUnreadable, naming `where` it stands.
    """
    from datetime import datetime

    if isinstance(value, datetime):
        return instant_of(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value):
        return _of_number(float(value))
    if isinstance(value, str) and _RFC.match(value.strip()):
        text = value.strip().replace(",", ".").replace("Z", "+00:00")
        text = re.sub(r"(\.\d{6})\d+", r"\1", text)
        try:
            return instant_of(datetime.fromisoformat(text))
        except (ValueError, InvalidWindow) as error:
            raise TelemetryUnreadable(f"{where}: {value!r} is no time; write it as 2026-01-31T12:00:00Z") from error
    raise TelemetryUnreadable(f"{where}: {value!r} is no time; write it as 2026-01-31T12:00:00Z")


def id_of(text: str) -> int:
    """Return a stable number for a trace's or span's id; never -1, which stands for none."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1


def _of_number(value: float) -> int:
    size = abs(value)
    for factor, least in ((1e-3, 1e17), (1.0, 1e14), (1e3, 1e11)):
        if size >= least:
            return round(value * factor)
    return round(value * 1e6)


def _opened(file: Path) -> Any:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8", errors="replace")
    return file.open(encoding="utf-8", errors="replace")


def _unreadable(file: Path, error: Exception, where: str = "") -> TelemetryUnreadable:
    place = f" {where}" if where else ""
    return TelemetryUnreadable(f"cannot read {file}{place} ({_first_line(error)}); {_AGAIN}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
