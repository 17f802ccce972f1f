"""Directories of index generations on disk: which is current, who may write, copies and removal."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import KnowledgeLocked, StorageFailed

_BUILDING = ".building"
_ZEROS = bytes(1 << 16)
_STAT_BLOCK = 512  # st_blocks counts these, whatever the file system's own size (POSIX)


_LOCKS = Path("/proc/locks")


class WriterLock:
    """The right to build a generation, held by one process until it lets go or dies."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise KnowledgeLocked(
                f"another ingest is writing to {str(path.parent)!r}; wait for it to end or stop it, then try again"
            ) from error

    def release(self) -> None:
        """Let another writer begin; releasing twice is harmless."""
        self._file.close()


def lock_is_held(path: Path) -> bool:
    """Tell whether a WriterLock on `path` is held, from the kernel's list of locks: trying it would take it.

    Where there is no such list (not on Linux) the lock is tried for a moment.
    """
    if not path.exists():
        return False
    inode = path.stat()
    wanted = f"{os.major(inode.st_dev):02x}:{os.minor(inode.st_dev):02x}:{inode.st_ino}"
    try:
        listed = _LOCKS.read_text(encoding="ascii").splitlines()
    except OSError:
        try:
            WriterLock(path).release()
        except KnowledgeLocked:
            return True
        return False
    return any(wanted in line.split() for line in listed)


class GenerationFiles:
    """The layout below one root: `generations/N/`, `generations/N.building/`, `current`, `writer.lock`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._all = root / "generations"
        self._pointer = root / "current"

    def current(self) -> int | None:
        """Return the number that the pointer holds, or None where there is no pointer yet."""
        with storage_failures(self._pointer):
            try:
                text = self._pointer.read_text(encoding="ascii").strip()
            except FileNotFoundError:
                return None
        if not text.isdigit():
            raise StorageFailed(
                f"{str(self._pointer)!r} holds {text!r}, not the number of a generation; "
                f"write one of {self.finished()!r} into it"
            )
        return int(text)

    def finished(self) -> list[int]:
        """Return the numbers of the complete generations, in order."""
        if not self._all.is_dir():
            return []
        return sorted(int(path.name) for path in self._all.iterdir() if path.name.isdigit())

    def directory(self, generation: int) -> Path:
        """Return where a complete generation lives."""
        return self._all / str(generation)

    def building(self, generation: int) -> Path:
        """Return where a generation lives while it is built."""
        return self._all / f"{generation}{_BUILDING}"

    def lock(self) -> WriterLock:
        """Take the right to write; KnowledgeLocked where another has it."""
        with storage_failures(self.root):
            self._all.mkdir(parents=True, exist_ok=True)
            return WriterLock(self.root / "writer.lock")

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Keep other processes from loading or copying a generation meanwhile; waits for those at it.

        Loading a shard rewrites some of its small files, so a copy made just then could be torn.
        """
        with storage_failures(self.root), (self.root / "files.lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def clear_leftovers(self, generation: int) -> None:
        """Remove what killed or refused runs left: all half-built ones, and `generation` itself."""
        with storage_failures(self._all):
            for path in self._all.glob(f"*{_BUILDING}"):
                shutil.rmtree(path)
            if self.directory(generation).exists():
                shutil.rmtree(self.directory(generation))

    def complete(self, generation: int) -> None:
        """Turn the half-built generation into a complete one, in one step."""
        with storage_failures(self._all):
            _sync_tree(self.building(generation))
            self.building(generation).rename(self.directory(generation))
            _sync(self._all)

    def point_to(self, generation: int) -> None:
        """Replace the pointer, in one step."""
        fresh = self._pointer.with_name("current.new")
        with storage_failures(self._pointer):
            with fresh.open("w", encoding="ascii") as file:
                file.write(f"{generation}\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._pointer)
            _sync(self.root)

    def prune(self, generation: int, keep: int) -> None:
        """Remove all but the newest `keep` of the generations up to `generation`."""
        older = [number for number in self.finished() if number < generation]
        with storage_failures(self._all):
            for number in older[: max(0, len(older) - (keep - 1))]:
                shutil.rmtree(self.directory(number))

    def remove(self, generation: int) -> None:
        """Remove one complete generation; one that is not there is ignored."""
        if self.directory(generation).exists():
            with storage_failures(self._all):
                shutil.rmtree(self.directory(generation))


def size_of(directory: Path) -> int:
    """Return the bytes that the files below `directory` take on disk."""
    return sum(path.stat().st_blocks * _STAT_BLOCK for path in directory.rglob("*") if path.is_file())


def free_space(directory: Path) -> int:
    """Return the bytes that are free where `directory` lives."""
    with storage_failures(directory):
        return shutil.disk_usage(directory).free


def require_space(directory: Path, *, free: int, needed: int) -> None:
    """Raise StorageFailed where `free` bytes are less than `needed`.

    The engine maps its files into memory, so writing to a full disk kills the process (SIGBUS) instead of
    raising: it must be found out before.
    """
    if free < needed:
        raise StorageFailed(
            f"{str(directory)!r} has {free >> 20} MiB free and {needed >> 20} MiB are needed; free some "
            "space and run the command again (the generation being served is untouched)"
        )


def copy_tree(source: Path, target: Path) -> None:
    """Copy a directory of files, holes and zeros as holes: a nearly empty shard is 170 MB long and 200 kB big.

    A file system in memory has no holes left where an index was opened.
    """
    with storage_failures(target):
        for path in sorted(source.rglob("*")):
            copied = target / path.relative_to(source)
            if path.is_dir():
                copied.mkdir(parents=True)
            else:
                copied.parent.mkdir(parents=True, exist_ok=True)
                _copy_file(path, copied)


@contextmanager
def storage_failures(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into StorageFailed that names `path`."""
    try:
        yield
    except OSError as error:
        place = error.filename or str(path)
        raise StorageFailed(
            f"cannot use {str(place)!r}: {error.strerror or error}; give this user the right to write there "
            "and free space, or choose another data directory, then run the command again"
        ) from error


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb", buffering=0) as reading, target.open("wb", buffering=0) as writing:
        size = os.fstat(reading.fileno()).st_size
        writing.truncate(size)
        end = 0
        while end < size:
            try:
                start = os.lseek(reading.fileno(), end, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:  # only a hole is left
                    return
                raise
            end = os.lseek(reading.fileno(), start, os.SEEK_HOLE)
            _copy_range(reading.fileno(), writing.fileno(), start, end)


def _copy_range(reading: int, writing: int, start: int, end: int) -> None:
    while start < end:
        block = os.pread(reading, min(len(_ZEROS), end - start), start)
        if not block:
            return
        nothing = block == _ZEROS[: len(block)]
        start += len(block) if nothing else os.pwrite(writing, block, start)


def _sync_tree(directory: Path) -> None:
    for path in directory.rglob("*"):
        _sync(path)
    _sync(directory)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
