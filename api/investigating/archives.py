"""Bundles that are sent as one file: unpacked within limits, and nothing but files below one folder."""

import gzip
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from api.errors import UsageError
from ingest.errors import StorageFailed

if TYPE_CHECKING:
    import tarfile
    import zipfile

_PIECE = 1 << 16
_LONGEST_HEADER = 1 << 20
_DEEPEST = 16
_LONGEST_NAME, _LONGEST_PATH = 200, 800
_DRIVE = re.compile(r"^[A-Za-z]:")
_ZIP_END, _ZIP64_END = b"PK\x05\x06", b"PK\x06\x07"
_ZIP_END_SIZE = 22


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may hold once it is unpacked."""

    total_bytes: int = 2_000_000_000
    entries: int = 5_000


def unpack(archive: Path, folder: Path, limits: ArchiveLimits) -> None:
    """Unpack a .tar.gz or .zip into an empty folder; its first bytes tell which it is, not its name.

    Raises UsageError for anything but plain files and folders below `folder`, for more than the limits and for what
    is broken, StorageFailed where the disk refuses. What was unpacked until then stays.
    """
    with archive.open("rb") as data:
        start = data.read(4)
    try:
        if start.startswith(b"\x1f\x8b"):
            _unpack_tar(archive, folder, limits)
        elif start.startswith(b"PK"):
            _unpack_zip(archive, folder, limits)
        else:
            raise UsageError("the upload is neither a .tar.gz nor a .zip; pack the bundle's folder as one of them")
    except OSError as error:
        raise StorageFailed(
            f"cannot unpack the upload: {error.strerror or error}; check free space and permissions"
        ) from error


@dataclass(slots=True)
class _Room:
    """What is left of the limits while an archive is unpacked."""

    folder: Path
    limits: ArchiveLimits
    size: int = 0
    entries: int = 0

    def place(self, name: str, size: int) -> Path:
        """Return where an entry goes; raises UsageError where it may not be."""
        self.entries += 1
        if self.entries > self.limits.entries:
            raise UsageError(f"the upload holds more than {self.limits.entries:,} entries; send one bundle, not many")
        self._check_bytes(size)
        return self.folder.joinpath(*_parts(name))

    def write(self, source: IO[bytes], to: Path, name: str) -> None:
        """Write an entry, counting what really comes; raises UsageError where it is there already."""
        _make_folder(to.parent, name)
        try:
            with to.open("xb") as file:
                while piece := source.read(_PIECE):
                    self._check_bytes(len(piece))
                    self.size += len(piece)
                    file.write(piece)
        except (FileExistsError, IsADirectoryError) as error:
            raise UsageError(f"the upload holds {name[:80]!r} twice; pack the folder anew") from error

    def _check_bytes(self, more: int) -> None:
        if self.size + more > self.limits.total_bytes:
            raise UsageError(
                f"the upload unpacks to more than {self.limits.total_bytes:,} bytes; send a shorter window of "
                "telemetry, or put the folder into GROUNDWATCH_BUNDLES_DIR"
            )


class _LimitedReads:
    """A file that refuses large reads: tarfile reads a whole extended header at once, however long it says it is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        """Read at most a header's size."""
        if size < 0 or size > _LONGEST_HEADER:
            raise UsageError("the upload holds a header that is too long; pack the folder anew")
        return self._file.read(size)


def _unpack_tar(archive: Path, folder: Path, limits: ArchiveLimits) -> None:
    import tarfile

    plain = archive.with_name(f"{archive.name}.tar")
    room = _Room(folder, limits)
    try:
        _gunzip(archive, plain, limits)
        with (
            plain.open("rb") as file,
            tarfile.open(fileobj=_LimitedReads(file), mode="r:") as tar,  # type: ignore[call-overload]  # read, seek, tell
        ):
            for member in _members(tar):
                _unpack_member(tar, member, room)
    except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
        raise UsageError(f"the upload is no whole .tar.gz: {error}; pack the folder anew") from error
    finally:
        plain.unlink(missing_ok=True)


def _members(tar: "tarfile.TarFile") -> Iterator["tarfile.TarInfo"]:
    """Yield the members; each is forgotten at once, so that a long list of them takes no room."""
    while (member := tar.next()) is not None:
        tar.members = []  # type: ignore[attr-defined]  # where it notes them, missing from the hints
        yield member


def _unpack_member(tar: "tarfile.TarFile", member: "tarfile.TarInfo", room: _Room) -> None:
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise UsageError(
            f"the upload holds {member.name[:80]!r}, which is no plain file or folder (links are not taken); "
            "pack the files themselves"
        )
    to = room.place(member.name, member.size if member.isreg() else 0)
    if member.isdir():
        _make_folder(to, member.name)
        return
    source = tar.extractfile(member)
    assert source is not None, "a plain file has content"
    with source:
        room.write(source, to, member.name)


def _gunzip(archive: Path, plain: Path, limits: ArchiveLimits) -> None:
    """Unpack to a file first: a tar is read with jumps, which gzip does not do well."""
    most = limits.total_bytes + limits.entries * 4096 + _LONGEST_HEADER  # headers and padding of the entries
    size = 0
    try:
        with gzip.open(archive, "rb") as source, plain.open("xb") as file:
            while piece := source.read(_PIECE):
                size += len(piece)
                if size > most:
                    raise UsageError(
                        f"the upload unpacks to more than {limits.total_bytes:,} bytes; send a shorter window of "
                        "telemetry, or put the folder into GROUNDWATCH_BUNDLES_DIR"
                    )
                file.write(piece)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UsageError(f"the upload is no whole .tar.gz: {error}; send it again") from error


def _unpack_zip(archive: Path, folder: Path, limits: ArchiveLimits) -> None:
    import zipfile

    _check_directory(archive, limits)
    room = _Room(folder, limits)
    broken = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, ValueError, struct.error)
    try:
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.infolist():
                _unpack_entry(opened, entry, room)
    except broken as error:
        raise UsageError(f"the upload is no whole .zip: {error}; pack the folder anew, without a password") from error


def _unpack_entry(opened: "zipfile.ZipFile", entry: "zipfile.ZipInfo", room: _Room) -> None:
    kind = entry.external_attr >> 16 & 0o170000
    if kind not in (0, 0o100000, 0o040000) or entry.flag_bits & 1:
        raise UsageError(
            f"the upload holds {entry.filename[:80]!r}, which is no plain file or folder (links and encrypted files "
            "are not taken); pack the files themselves"
        )
    to = room.place(entry.filename, entry.file_size)
    if entry.is_dir():
        _make_folder(to, entry.filename)
        return
    with opened.open(entry) as source:
        room.write(source, to, entry.filename)


def _check_directory(archive: Path, limits: ArchiveLimits) -> None:
    """Refuse a directory that is too long before zipfile reads it as a whole."""
    size = archive.stat().st_size
    with archive.open("rb") as file:
        file.seek(max(0, size - (1 << 16) - _ZIP_END_SIZE))
        tail = file.read()
    last = tail[-_ZIP_END_SIZE:]
    at = len(tail) - _ZIP_END_SIZE if last.startswith(_ZIP_END) and last.endswith(b"\0\0") else tail.rfind(_ZIP_END)
    if at < 0 or len(tail) - at < _ZIP_END_SIZE:
        raise UsageError("the upload is no whole .zip: it has no end; send it again")
    length = struct.unpack_from("<L", tail, at + 12)[0]
    if _ZIP64_END in tail[max(0, at - 20) : at] or length > limits.entries * (_LONGEST_PATH + 200):
        raise UsageError(f"the upload holds more than {limits.entries:,} entries; send one bundle, not many")


def _make_folder(to: Path, name: str) -> None:
    try:
        to.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"the upload holds {name[:80]!r} twice; pack the folder anew") from error


def _parts(name: str) -> list[str]:
    """Return the parts of an entry's name; raises UsageError for one that leads elsewhere."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    wrong = (
        name.startswith("/")
        or _DRIVE.match(name)
        or ".." in parts
        or len(parts) > _DEEPEST
        or len(name) > _LONGEST_PATH
        or any(len(part.encode("utf-8", "replace")) > _LONGEST_NAME for part in parts)
        or any(ord(sign) < 32 or sign == "\\" or 0xD800 <= ord(sign) < 0xE000 for sign in name)
    )
    if wrong:
        raise UsageError(f"the upload holds the path {name[:80]!r}, which may not be; pack the bundle's folder itself")
    return parts
