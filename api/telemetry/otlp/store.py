"""The store of telemetry that is sent to us: a journal that is acknowledged from, and tables that are read from.

One process owns a folder. Reading needs no owner: other processes see what has been made tables.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from api.telemetry.otlp.journal import Bounds, Entry, Full, Journal
from api.telemetry.otlp.requests import OtlpSignal
from api.telemetry.otlp.tables import Table, convert, merge, remove_old, tables_in
from ingest.errors import StorageFailed

_HOUR = 3_600.0
_LOCK = "owner.lock"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How much is kept: bytes of tables, and hours since they came."""

    most_bytes: int = 2_000_000_000
    hours: float = 48.0


class OtlpStore:
    """Takes and keeps telemetry in a folder, which is made when the first request comes; safe for several threads."""

    def __init__(
        self,
        folder: Path,
        *,
        keeping: Keeping | None = None,
        bounds: Bounds | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.folder, self._keeping, self._bounds, self._now = folder, keeping or Keeping(), bounds or Bounds(), now
        self._opening = threading.Lock()
        self._journal: Journal | None = None
        self._owner: int | None = None
        self._work = threading.Condition()
        self._ending = self._drained = False
        self._owned_journal: Journal | None = None
        self._converting = 0  # files at work
        self._thread: threading.Thread | None = None
        self.problem = ""
        """Why the newest file of the journal could not be made a table; empty where it could."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever taken, or all of it is gone."""
        if not self.folder.exists():
            return True
        journal = self._journal
        waits = self._pending or (journal is not None and journal.is_writing)
        return not waits and not any(self.tables(one) for one in OtlpSignal)

    def open(self) -> None:
        """Begin to make tables of what an earlier process left; nothing where there is nothing."""
        if self._journal_folder.exists():
            self._opened()

    def close(self) -> None:
        """Write what waits, make tables of it, and let go of the folder."""
        with self._opening:
            journal, self._journal = self._journal, None
            self._ending = True
        if journal is None:
            return
        journal.close()
        with self._work:
            self._drained = True
            self._work.notify()
        if self._thread is not None:
            self._thread.join(30)
        if self._owner is not None:
            os.close(self._owner)

    def take(self, signal: OtlpSignal, payload: bytes) -> "Future[None]":
        """Take a request; the future is done once it is on disk. Raises Full, StorageFailed."""
        journal = self._opened()
        backlog = self._backlog()
        if backlog > self._bounds.backlog_bytes:
            raise Full(f"{backlog:,} bytes wait to be made tables", 10)
        return journal.take(Entry(signal, self._now(), payload))

    def settle(self, seconds: float) -> bool:
        """Have all that was taken until now made tables, and wait for that so long; tell whether it was."""
        journal = self._journal
        if journal is None:
            return not self._pending
        journal.rotate()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with self._work:
                # In this order: what is not written to any more stands among the pending.
                if not journal.is_writing and not self._pending and not self._converting:
                    return True
                self._work.notify()
            time.sleep(0.02)
        return False

    def tables(self, signal: OtlpSignal) -> list[Table]:
        """Return the tables of a signal, the oldest first."""
        return tables_in(self.folder, signal)

    @property
    def size(self) -> int:
        """Bytes on disk: tables and journal."""
        return sum(one.stat().st_size for one in self.folder.rglob("*") if one.is_file()) if self.folder.exists() else 0

    @property
    def _journal_folder(self) -> Path:
        return self.folder / "journal"

    @property
    def _pending(self) -> list[Path]:
        if self._owned_journal is not None:
            return self._owned_journal.ready
        return sorted(self._journal_folder.glob("*.journal"))

    def _backlog(self) -> int:
        found = 0
        for path in self._pending:
            try:
                found += path.stat().st_size
            except OSError:  # made a table just now
                continue
        return found

    def _opened(self) -> Journal:
        with self._opening:
            if self._journal is None:
                if self._ending:
                    raise Full("this process is about to end", 5)
                try:
                    self._journal_folder.mkdir(parents=True, exist_ok=True)
                    self._owner = _owned(self.folder / _LOCK)
                    self._journal = Journal(self._journal_folder, bounds=self._bounds, closed=self._wake)
                    self._owned_journal = self._journal
                except OSError as error:
                    raise StorageFailed(
                        f"telemetry cannot be kept in {str(self.folder)!r} ({error.strerror}); check free space, "
                        "permissions, and that no other API owns this folder"
                    ) from error
                self._thread = threading.Thread(target=self._convert_all, name="otlp tables", daemon=True)
                self._thread.start()
            return self._journal

    def _wake(self) -> None:
        with self._work:
            self._work.notify()

    def _convert_all(self) -> None:
        try:
            merge(self.folder)  # a process that ended while it merged left files that a merged one stands for
        except OSError as error:
            _log.warning("small tables of telemetry are not merged for now: %s", error)
        while True:
            with self._work:
                ready = self._pending
                if not ready:
                    if self._drained:
                        return
                    self._work.wait(5.0)
                    continue
                self._converting += 1
            try:
                self._convert(ready[0])
            finally:
                with self._work:
                    self._converting -= 1

    def _convert(self, journal: Path) -> None:
        try:
            convert(journal, self.folder)
            journal.unlink()
            self._drop(journal)
            merge(self.folder)
            remove_old(
                self.folder, most_bytes=self._keeping.most_bytes, before=self._now() - self._keeping.hours * _HOUR
            )
            self.problem = ""
        except OSError as error:
            self.problem = f"{journal.name}: {error}"
            _log.warning("telemetry that was taken waits to be made a table: %s", error)
            with self._work:
                self._work.wait(5.0)
        except Exception as error:  # one odd file must not stop those after it: it is set aside, with a word in the log
            self.problem = f"{journal.name} is set aside: {type(error).__name__}"
            _log.exception("telemetry that was taken cannot be made a table: %s is set aside", journal)
            journal.rename(journal.with_suffix(".odd"))
            self._drop(journal)

    def _drop(self, journal: Path) -> None:
        if self._owned_journal is not None:
            self._owned_journal.drop(journal)


def _owned(path: Path) -> int:
    """Lock a file for this process for as long as it lives; raises OSError where another one holds it."""
    opened = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        raise
    return opened
