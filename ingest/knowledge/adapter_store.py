"""Adapters on disk: `adapters/N/` with weights and a description, and the pointer `current` to the one in use."""

import fcntl
import hashlib
import io
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.errors import KnowledgeLocked, StorageFailed, UsageError
from ingest.knowledge.generation_files import copy_tree, storage_failures
from ingest.knowledge.query_adapter import QueryAdapter

KEPT_ADAPTERS = 5
"""How many adapters stay on disk beside the one in use and the one that undoing brings back."""

_WEIGHTS, _DESCRIPTION = "adapter.npz", "description.json"
_BUILDING = ".building"


class AdapterScore(BaseModel):
    """How well unseen questions find their documents without and with an adapter; the interval is of the difference.

    `measure` says of which search, `n` how many questions; the values are mean reciprocal ranks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    measure: str
    n: int
    before: float
    after: float
    low: float
    high: float


class AdapterDescription(BaseModel):
    """What an adapter was fitted to and what it is worth; `replaced` was in use when it was promoted.

    `cosine_before` and `cosine_after` are the mean cosine of the nearest passage to unseen questions: whatever takes
    a cosine for confidence has to know that it moves. `weights_sha256` is filled in when the adapter is written.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    base_model: str
    dimension: int
    rank: int
    generation: int
    trained_at: datetime
    seconds: float
    pairs: dict[str, dict[str, int]]  # by part (train, validation, test), then by kind
    scores: tuple[AdapterScore, ...]
    cosine_before: float
    cosine_after: float
    verdict: str
    weights_sha256: str = ""
    replaced: int | None = None


class AdapterStore:
    """The adapters below one folder; several processes may read, one at a time may train."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._pointer = root / "current"

    def revision(self) -> object:
        """Return something that changes whenever the pointer is replaced; one call to the file system."""
        try:
            found = self._pointer.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def current(self) -> int | None:
        """Return the number of the adapter in use, or None."""
        with storage_failures(self._pointer):
            try:
                text = self._pointer.read_text(encoding="ascii", errors="replace").strip()
            except FileNotFoundError:
                return None
        if not text.isdecimal() or not text.isascii():
            raise StorageFailed(
                f"{str(self._pointer)!r} holds {text[:40]!r}, not the number of an adapter; "
                "run: groundwatch knowledge adapt --undo"
            )
        return int(text)

    def load_current(self) -> QueryAdapter | None:
        """Return the adapter in use, or None; StorageFailed where its files are damaged."""
        number = self.current()
        return None if number is None else self.load(number)

    def load(self, number: int) -> QueryAdapter:
        """Return an adapter; StorageFailed where its files are missing or are not what was written."""
        described = self.describe(number)
        file = self._folder(number) / _WEIGHTS
        with storage_failures(file):
            content = file.read_bytes()
        if hashlib.sha256(content).hexdigest() != described.weights_sha256:
            raise self._damaged(number, "its weights are not those that were written")
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                down, up = arrays["down"].astype(np.float32), arrays["up"].astype(np.float32)
            return QueryAdapter(described.base_model, down, up)
        except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
            raise self._damaged(number, str(error)) from error

    def describe(self, number: int) -> AdapterDescription:
        """Return the description of an adapter; StorageFailed where it is missing or damaged."""
        file = self._folder(number) / _DESCRIPTION
        with storage_failures(file):
            content = file.read_bytes()
        try:
            return AdapterDescription.model_validate_json(content)
        except ValidationError as error:
            raise self._damaged(number, f"{file.name} does not fit: {error.errors()[0]['msg']}") from error

    def numbers(self) -> list[int]:
        """Return the numbers of all adapters that were kept, in order."""
        if not self.root.is_dir():
            return []
        return sorted(int(path.name) for path in self.root.iterdir() if path.name.isdecimal())

    @contextmanager
    def training(self) -> Iterator[None]:
        """Keep other processes from training meanwhile; KnowledgeLocked where one is at it."""
        with storage_failures(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            file = (self.root / "training.lock").open("ab")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise KnowledgeLocked(
                    f"another process is training an adapter in {str(self.root)!r}; wait for it to end or stop it"
                ) from error
            yield

    def next_number(self) -> int:
        """Return the number that the next adapter gets: beyond every one that is known here."""
        return max([0, *self.numbers()]) + 1

    def save(self, adapter: QueryAdapter, described: AdapterDescription) -> AdapterDescription:
        """Write an adapter under the number of its description, in one step; return it with the weights' digest."""
        content = io.BytesIO()
        np.savez(content, down=adapter.down, up=adapter.up)
        described = described.model_copy(
            update={"weights_sha256": hashlib.sha256(content.getvalue()).hexdigest(), "replaced": self._in_use()}
        )
        building = self.root / f"{described.number}{_BUILDING}"
        with storage_failures(self.root):
            for leftover in self.root.glob(f"*{_BUILDING}"):
                shutil.rmtree(leftover)
            building.mkdir(parents=True)
            _write(building / _WEIGHTS, content.getvalue())
            _write(building / _DESCRIPTION, (described.model_dump_json(indent=1) + "\n").encode())
            building.rename(self._folder(described.number))
            _sync(self.root)
        return described

    def promote(self, number: int) -> None:
        """Put an adapter into use, in one step, and drop the oldest ones."""
        self.load(number)  # what cannot be read is not put into use
        self._point_to(number)
        replaced = self.describe(number).replaced
        for old in [one for one in self.numbers() if one not in (number, replaced)][:-KEPT_ADAPTERS]:
            with storage_failures(self.root):
                shutil.rmtree(self._folder(old))

    def copy_to(self, target: Path) -> None:
        """Copy the adapters, the one in use marked, into another folder; nothing where there are none."""
        current = self.current()
        for number in self.numbers():
            copy_tree(self._folder(number), target / str(number))
        if current is not None:
            AdapterStore(target)._point_to(current)

    def undo(self) -> int | None:
        """Go back to what was in use before the current adapter, which may be none; return its number.

        Raises UsageError where no adapter is in use. A damaged pointer, description or predecessor means none.
        """
        if not self._pointer.exists():
            raise UsageError("no adapter is in use, so there is nothing to undo")
        number = self._in_use()
        before = self._replaced_by(number) if number is not None else None
        if before is None:
            with storage_failures(self._pointer):
                self._pointer.unlink()
                _sync(self.root)
            return None
        self._point_to(before)
        return before

    def _in_use(self) -> int | None:
        try:
            return self.current()
        except StorageFailed:
            return None

    def _replaced_by(self, number: int) -> int | None:
        try:
            before = self.describe(number).replaced
            if before is not None:
                self.load(before)
        except StorageFailed:
            return None
        return before

    def _point_to(self, number: int) -> None:
        fresh = self.root / "current.new"
        with storage_failures(self._pointer):
            _write(fresh, f"{number}\n".encode())
            fresh.replace(self._pointer)
            _sync(self.root)

    def _folder(self, number: int) -> Path:
        return self.root / str(number)

    def _damaged(self, number: int, reason: str) -> StorageFailed:
        return StorageFailed(
            f"adapter {number!r} in {str(self.root)!r} is damaged ({reason}); train another with: "
            "groundwatch knowledge adapt, or go back with: groundwatch knowledge adapt --undo"
        )


def _write(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
