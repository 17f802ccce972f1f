"""Where spending is kept: in memory, or in a file that outlives the process and is shared between processes."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from api.errors import LanguageModelError
from api.llm.budget import Spending

_KEPT_DAYS = 31


class MemoryLedger:
    """A ledger that forgets with its process."""

    def __init__(self) -> None:
        self._days: dict[date, Spending] = {}
        self._lock = threading.Lock()

    def add(self, day: date, amount: Spending) -> Spending:
        """Add an amount and return the new sum of that day."""
        with self._lock:
            self._days[day] = self._days.get(day, Spending()).plus(amount)
            return self._days[day]

    def spent(self, day: date) -> Spending:
        """Return the sum of a day."""
        with self._lock:
            return self._days.get(day, Spending())


class _Day(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    tokens: int
    millionths: int


class _Days(BaseModel):
    model_config = ConfigDict(extra="forbid")

    days: dict[date, _Day]


class FileLedger:
    """A ledger in a JSON file. A file that cannot be read stops all spending: nobody knows what is left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def add(self, day: date, amount: Spending) -> Spending:
        """Add an amount and return the new sum of that day; raises LanguageModelError."""
        with self._locked():
            days = self._read()
            total = days.get(day, Spending()).plus(amount)
            oldest = day - timedelta(days=_KEPT_DAYS)
            self._write({each: sums for each, sums in {**days, day: total}.items() if each > oldest})
            return total

    def spent(self, day: date) -> Spending:
        """Return the sum of a day; raises LanguageModelError."""
        with self._locked():
            return self._read().get(day, Spending())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other threads and processes out; the lock is a file of its own, since the other one is replaced."""
        try:
            with self._lock:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with self._path.with_suffix(".lock").open("a") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    yield
        except OSError as error:
            raise LanguageModelError(
                f"the budget file {str(self._path)!r} cannot be read or written ({error.strerror or error}), so no "
                "language model is asked; free the disk or correct its rights"
            ) from error

    def _read(self) -> dict[date, Spending]:
        try:
            kept = _Days.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError as error:
            raise LanguageModelError(
                f"the budget file {str(self._path)!r} is damaged, so no language model is asked; look into it, and "
                "remove it to start from nothing spent"
            ) from error
        return {day: Spending(sums.tokens, sums.millionths) for day, sums in kept.days.items()}

    def _write(self, days: dict[date, Spending]) -> None:
        told = {day: _Day(tokens=sums.tokens, millionths=sums.millionths) for day, sums in days.items()}
        new = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            with new.open("w", encoding="utf-8") as file:
                file.write(_Days(days=told).model_dump_json(indent=1))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        finally:
            new.unlink(missing_ok=True)
