"""The files of a Slack export, in a folder or a .zip file, read within limits."""

import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.errors import SourceUnreadable

MAX_FILE = 50_000_000
"""Bytes that one file of an export may have, unpacked."""

MAX_TOTAL = 4_000_000_000
"""Bytes that an archive may unpack to."""

_MAX_RATIO = 200  # text packs ten to one; what packs better than this was made to fill memory
_RATIO_FROM = 1_000_000


class ExportDamaged(Exception):
    """One file of an export cannot be read; `str(error)` says why."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of the export: its folder's name, and whether only its members could read it."""

    name: str
    private: bool


class _Files(Protocol):
    def names(self) -> list[str]: ...

    def read(self, name: str) -> bytes: ...


class SlackExport:
    """An opened export; use it as a context to close the archive."""

    def __init__(self, path: Path) -> None:
        self._archive = None if path.is_dir() else _archive(path)
        self._files: _Files = _Folder(path) if self._archive is None else _Zip(self._archive)
        self._names = sorted(self._files.names())
        # An archive may hold the export in a folder of its own.
        tops = [name.removesuffix("channels.json") for name in self._names if name.split("/")[-1] == "channels.json"]
        if not tops:
            raise SourceUnreadable(f"{str(path)!r} is no Slack export: it has no 'channels.json'; check the path")
        self._top = min(tops, key=len)

    def __enter__(self) -> "SlackExport":
        return self

    def __exit__(self, *_: object) -> None:
        if self._archive is not None:
            self._archive.close()

    def channels(self) -> list[Channel]:
        """Return the channels by name; direct messages are no channels and are never read."""
        listed = [(one, False) for one in self._records("channels.json")]
        if self._top + "groups.json" in self._names:
            listed += [(one, True) for one in self._records("groups.json")]
        found = {name: Channel(name, private) for one, private in listed if isinstance(name := one.get("name"), str)}
        return [found[name] for name in sorted(found) if _is_folder_name(name)]

    def people(self) -> dict[str, str]:
        """Return the names that users show, by id."""
        if self._top + "users.json" not in self._names:
            return {}
        return {str(user.get("id")): _shown_name(user) for user in self._records("users.json")}

    def days(self, channel: str) -> list[str]:
        """Return the names of the files of a channel, oldest first."""
        start = f"{self._top}{channel}/"
        return [name for name in self._names if name.startswith(start) and name.endswith(".json")]

    def messages(self, day: str) -> list[Mapping[str, object]]:
        """Return the messages of one file; raises ExportDamaged."""
        return _records(day, self._files.read(day))

    def _records(self, name: str) -> Iterator[Mapping[str, object]]:
        try:
            yield from _records(name, self._files.read(self._top + name))
        except ExportDamaged as error:
            raise SourceUnreadable(f"{error}; export the workspace again") from error


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> list[str]:
        # An export is two levels deep; a link could lead anywhere.
        files = [*self._root.glob("*.json"), *self._root.glob("*/*.json"), *self._root.glob("*/*/*.json")]
        return [file.relative_to(self._root).as_posix() for file in files if file.is_file() and not file.is_symlink()]

    def read(self, name: str) -> bytes:
        try:
            with (self._root / name).open("rb") as file:
                data = file.read(MAX_FILE + 1)
        except OSError as error:
            raise ExportDamaged(f"{name!r} cannot be read: {error.strerror}") from error
        return _limited(name, data)


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def names(self) -> list[str]:
        return [one.filename for one in self._archive.infolist() if not one.is_dir()]

    def read(self, name: str) -> bytes:
        info = self._archive.getinfo(name)
        if info.file_size > _RATIO_FROM and info.file_size > _MAX_RATIO * max(1, info.compress_size):
            raise ExportDamaged(f"{name!r} unpacks to {info.file_size:,} bytes, like an archive made to fill memory")
        try:
            with self._archive.open(info) as file:
                return _limited(name, file.read(MAX_FILE + 1))
        # RuntimeError is zipfile's word for a missing password.
        except (OSError, zipfile.BadZipFile, RuntimeError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise ExportDamaged(f"{name!r} cannot be unpacked: {error}") from error


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise SourceUnreadable(f"{str(path)!r} is gone; put the export back") from error
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise SourceUnreadable(
            f"{str(path)!r} is no readable .zip file ({error}); download the export again"
        ) from error
    total = sum(one.file_size for one in archive.infolist())
    if total > MAX_TOTAL:
        archive.close()
        raise SourceUnreadable(
            f"{str(path)!r} would unpack to {total:,} bytes, more than {MAX_TOTAL:,}; unpack it and name the folder"
        )
    return archive


def _limited(name: str, data: bytes) -> bytes:
    if len(data) > MAX_FILE:
        raise ExportDamaged(f"{name!r} has more than {MAX_FILE:,} bytes")
    return data


def _records(name: str, data: bytes) -> list[Mapping[str, object]]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ExportDamaged(f"{name!r} is no JSON: {error}") from error
    if not isinstance(found, list):
        raise ExportDamaged(f"{name!r} holds no list")
    return [one for one in found if isinstance(one, dict)]


def _shown_name(user: Mapping[str, object]) -> str:
    profile = user.get("profile")
    stated = profile if isinstance(profile, dict) else {}
    names = (stated.get("real_name"), stated.get("display_name"), user.get("real_name"), user.get("name"))
    name = next((one for one in names if isinstance(one, str) and one.strip()), "") or str(user.get("id"))
    return f"{name} (bot)" if user.get("is_bot") is True else name


def _is_folder_name(name: str) -> bool:
    return bool(name) and "/" not in name and "\\" not in name and name not in (".", "..")
