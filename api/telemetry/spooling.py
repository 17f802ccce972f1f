"""Rows of large text files, parsed once: kept in a file without a name, compressed, for every later reading."""

import io
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any

from api.telemetry.batches import Kind, Tally, batches

LEAST = 16_000_000
"""Bytes from which a text file is worth keeping parsed; reading a smaller one again costs less than a tenth second."""

_Key = tuple[Path, int, int, tuple[str, ...]]


class Spools:
    """Reads files as `batches` does, each large text file parsed only once; safe to use from several threads.

    What is kept takes about a third of the text, where temporary files go, and is gone with this object or with the
    process. Where there is no room for it, files are parsed each time.
    """

    def __init__(self, least: int = LEAST) -> None:
        self._least = least
        self._kept: dict[_Key, _Spool | None] = {}
        self._lock = threading.Lock()

    def batches(self, file: Path, columns: Mapping[str, Kind], required: Sequence[str], tally: Tally) -> Iterator[Any]:
        """Give the rows of a file as Arrow record batches; see `batches` for what it raises."""
        spool = self._spool(file, columns, required)
        if spool is None:
            yield from batches(file, columns, required, tally)
            return
        tally.lines += spool.tally.lines
        tally.why = tally.why or spool.tally.why
        tally.skip(spool.tally.first, spool.tally.broken)
        yield from spool.batches()
        tally.check()

    def _spool(self, file: Path, columns: Mapping[str, Kind], required: Sequence[str]) -> "_Spool | None":
        """Return the kept rows of a file as it is now, parsed first where they are not there yet."""
        try:
            about = file.stat()
        except OSError:  # reading it tells what is wrong
            return None
        if about.st_size < self._least or file.name.endswith(".parquet"):
            return None
        key = (file, about.st_size, about.st_mtime_ns, tuple(columns))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = _parsed(file, columns, required)
            return self._kept[key]


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class _Spool:
    """Record batches in Arrow's stream format, and what parsing them counted."""

    held: IO[bytes]
    tally: Tally

    def batches(self) -> Iterator[Any]:
        """Give the batches; several readings may go on at once."""
        import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints

        with pa.ipc.open_stream(io.BufferedReader(_Reading(self.held), 1 << 20)) as stream:
            yield from stream


def _parsed(file: Path, columns: Mapping[str, Kind], required: Sequence[str]) -> _Spool | None:
    """Return the rows of a file parsed; None where they can't be kept. Raises TelemetryUnreadable."""
    import pyarrow as pa

    tally = Tally(file)
    options = pa.ipc.IpcWriteOptions(compression="lz4" if pa.Codec.is_available("lz4") else None)
    rows = batches(file, columns, required, tally)
    with ExitStack() as stack:
        try:
            held = stack.enter_context(tempfile.TemporaryFile())
            first = next(rows, None)
            if first is None:
                return None
            with pa.ipc.new_stream(held, first.schema, options=options) as writer:
                for batch in chain((first,), rows):
                    writer.write_batch(batch)
            held.flush()
        except (OSError, pa.ArrowException):  # no room; it is parsed each time instead
            return None
        spool = _Spool(held, tally)
        weakref.finalize(spool, stack.pop_all().close)
    return spool


class _Reading(io.RawIOBase):
    """One reading of a file that several may read: it has a place of its own."""

    def __init__(self, held: IO[bytes]) -> None:
        super().__init__()
        self._held, self._at = held, 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, room: Any) -> int:
        """Read what fits from where the last reading ended."""
        found = os.pread(self._held.fileno(), len(room), self._at)
        room[: len(found)] = found
        self._at += len(found)
        return len(found)
