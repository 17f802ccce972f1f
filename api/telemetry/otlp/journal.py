"""The journal: what was taken, as it came, on disk before it is acknowledged.

Requests that wait together are written and synchronised together by one thread (group commit). A file of the journal
is closed once it is large or old enough and then belongs to whoever turns it into tables; a file that a process left
behind is read up to its last whole record.
"""

import os
import struct
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from api.errors import GroundwatchError
from api.telemetry.otlp.requests import OtlpSignal
from ingest.errors import StorageFailed

_HEAD = struct.Struct("<4sBdII")  # mark, signal, received at, length, crc32 of the payload
_MARK = b"GWJ1"
_SIGNALS = tuple(OtlpSignal)
_ENDING = ".journal"


class Full(GroundwatchError):
    """More waits than may: the sender is to try again after `seconds`."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes of a file and seconds until it is closed; bytes that may wait in memory, and on disk to be made tables."""

    file_bytes: int = 32_000_000
    file_seconds: float = 20.0
    waiting_bytes: int = 64_000_000
    backlog_bytes: int = 512_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as it was taken."""

    signal: OtlpSignal
    received: float
    payload: bytes


@dataclass(slots=True)
class _Waiting:
    entry: Entry
    done: "Future[None]" = field(default_factory=Future)


class Journal:
    """Takes requests of one process into files of a folder; `closed` hears of each file that is ready to be read."""

    def __init__(
        self, folder: Path, *, bounds: Bounds | None = None, closed: Callable[[], None] = lambda: None
    ) -> None:
        self._folder, self._bounds, self._closed_file = folder, bounds or Bounds(), closed
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._ending = False
        self._rotate = False
        self._file: int | None = None
        self._path: Path | None = None
        self._size, self._since = 0, 0.0
        self._closed = sorted(folder.glob(f"*{_ENDING}"), key=number_of)  # never the one that is written to
        self._number = max(map(number_of, self._closed), default=0)
        self._thread = threading.Thread(target=self._work, name="otlp journal", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> list[Path]:
        """The files that are closed and not yet dropped, the oldest first."""
        with self._changed:
            return list(self._closed)

    def drop(self, path: Path) -> None:
        """Forget a file that was closed: it was made tables, or set aside."""
        with self._changed:
            self._closed.remove(path)

    @property
    def is_writing(self) -> bool:
        """Whether something waits, or a file is open."""
        with self._changed:
            return bool(self._waiting) or self._path is not None

    def take(self, entry: Entry) -> "Future[None]":
        """Have a request written; the future is done once it is on disk. Raises Full; the future StorageFailed."""
        waits = _Waiting(entry)
        waits.done.set_running_or_notify_cancel()
        with self._changed:
            if self._ending:
                raise Full("this process is about to end", 5)
            if self._bytes and self._bytes + len(entry.payload) > self._bounds.waiting_bytes:
                raise Full(f"{self._bytes:,} bytes wait to be written", 1)
            self._waiting.append(waits)
            self._bytes += len(entry.payload)
            self._changed.notify()
        return waits.done

    def rotate(self) -> None:
        """Have the file that is written to closed soon, so that what was acknowledged until now is ready."""
        with self._changed:
            self._rotate = True
            self._changed.notify()

    def close(self) -> None:
        """Write what waits, close the file, and stop."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(30)

    def _work(self) -> None:
        while True:
            found, ending = self._next()
            if found:
                self._write(found)
            if self._is_due(ending):
                self._close_file()
            if ending and not self._waiting:
                return

    def _next(self) -> tuple[list[_Waiting], bool]:
        with self._changed:
            if not self._waiting and not self._ending and not self._rotate:
                self._changed.wait(self._bounds.file_seconds / 4)
            found = list(self._waiting)
            self._waiting.clear()
            self._bytes = 0
            return found, self._ending

    def _is_due(self, ending: bool) -> bool:
        if self._file is None:
            self._rotate = False
            return False
        old = time.monotonic() - self._since > self._bounds.file_seconds
        return ending or self._rotate or old or self._size >= self._bounds.file_bytes

    def _write(self, found: list[_Waiting]) -> None:
        try:
            if self._file is None:
                self._open_file()
            assert self._file is not None, "it was just opened"
            parts = [part for one in found for part in _record(one.entry)]
            before = self._size
            try:
                self._size += _write_all(self._file, b"".join(parts))
                os.fdatasync(self._file)
            except OSError:
                os.ftruncate(self._file, before)  # half of a record would hide those after it
                os.lseek(self._file, before, os.SEEK_SET)
                self._size = before
                raise
        except OSError as error:
            failed = StorageFailed(
                f"what was sent cannot be kept in {str(self._folder)!r} ({error.strerror}); check free space"
            )
            for one in found:
                one.done.set_exception(failed)
            return
        for one in found:
            one.done.set_result(None)

    def _open_file(self) -> None:
        self._number += 1
        path = self._folder / f"{self._number:012d}{_ENDING}"
        self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        self._path = path
        self._size, self._since = 0, time.monotonic()
        _sync_folder(self._folder)

    def _close_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
        with self._changed:
            if self._path is not None:
                self._closed.append(self._path)
            self._file, self._path, self._rotate = None, None, False
        self._closed_file()


def entries_in(path: Path) -> Iterator[Entry]:
    """Give the whole records of a file; what comes after a broken one was never acknowledged, and is left out."""
    with path.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            mark, signal, received, length, crc = _HEAD.unpack(head)
            if mark != _MARK or signal >= len(_SIGNALS):
                return
            payload = file.read(length)
            if len(payload) < length or zlib.crc32(payload) != crc:
                return
            yield Entry(_SIGNALS[signal], received, payload)


def number_of(path: Path) -> int:
    """Return the number of a file of the journal, 0 for one that is none."""
    name = path.name.partition(".")[0]
    return int(name) if name.isascii() and name.isdigit() else 0


def _record(entry: Entry) -> tuple[bytes, bytes]:
    crc = zlib.crc32(entry.payload)
    return _HEAD.pack(_MARK, _SIGNALS.index(entry.signal), entry.received, len(entry.payload), crc), entry.payload


def _write_all(file: int, data: bytes) -> int:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
    return len(data)


def _sync_folder(folder: Path) -> None:
    """Have the name of a new file on disk too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
