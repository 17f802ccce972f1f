"""A folder on disk as a source: every readable file below it, hidden and licence files left out."""

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import quote

from ingest.errors import DocumentUnreadable, SourceUnreadable, UsageError
from ingest.sources.source import Snapshot, SourceEntry

DEFAULT_EXCLUDES = (
    ".*", "*~", "*.lock", "LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "_LICEN[CS]E_*",
    "node_modules", "__pycache__", "venv",
)  # fmt: skip
"""File and folder names that are never documents; a person adds more with `--exclude`."""

_ASSETS = frozenset(
    [
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".svg",
        ".ico",
        ".webp",
        ".bmp",
        ".woff",
        ".woff2",
        ".ttf",
        ".eot",
        ".css",
        ".js",
        ".ts",
        ".map",
        ".scss",
        ".py",
        ".go",
        ".rb",
        ".sh",
        ".json",
        ".yaml",
        ".yml",
        ".toml",
        ".xml",
        ".mp4",
        ".mov",
        ".mp3",
    ]
)


class FolderSource:
    """Files below one or more paths, as one source.

    `paths` are folders or files. The root that document paths are relative to is the folder itself, or
    the nearest common folder of several paths. Symbolic links are followed to files, not to folders.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        name: str | None = None,
        url_prefix: str | None = None,
        excludes: Sequence[str] = (),
    ) -> None:
        missing = [str(path) for path in paths if not os.path.lexists(path)]
        if not paths or missing:
            raise UsageError(
                f"no such file or folder: {', '.join(map(repr, missing)) or '(none given)'}; check the path"
            )
        self._paths = [_resolved(path) for path in paths]
        self._root = _common_root(self._paths)
        self._name = name or self._root.name or "documents"
        self._prefix = url_prefix
        self._excludes = (*DEFAULT_EXCLUDES, *excludes)

    @property
    def name(self) -> str:
        """Name that every document of this source carries."""
        return self._name

    @property
    def root(self) -> Path:
        """The folder that document paths are relative to."""
        return self._root

    @property
    def location(self) -> str:
        """The absolute paths, one a line."""
        return "\n".join(map(str, self._paths))

    @property
    def url_prefix(self) -> str | None:
        """What stands before a document's path in its link."""
        return self._prefix

    def snapshot(self) -> Snapshot:
        """List all files by path; a folder that cannot be opened makes the snapshot incomplete.

        Raises SourceUnreadable where none of the paths can be listed.
        """
        problems: list[str] = []
        entries: dict[str, SourceEntry] = {}
        for path in self._paths:
            for file in self._files(path, problems):
                entry = self._entry(file)
                if entry is not None:
                    entries[entry.path] = entry
        if problems and not entries:
            raise SourceUnreadable(f"source {self._name!r}: {problems[0]}; check its permissions")
        ordered = tuple(entries[path] for path in sorted(entries))
        return Snapshot(self._name, ordered, not problems, tuple(problems))

    def fetch(self, path: str) -> bytes:
        """Return the bytes of one listed file."""
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DocumentUnreadable(f"cannot be read: {reason}; check the file's permissions") from error

    def _files(self, path: Path, problems: list[str]) -> Iterator[Path]:
        if os.path.isfile(path):  # noqa: PTH113 - unlike Path.is_file, never raises
            yield path
            return

        def note(error: OSError) -> None:
            problems.append(f"folder {error.filename!r} cannot be listed: {error.strerror}")

        for folder, folders, files in os.walk(path, onerror=note):
            folders[:] = sorted(name for name in folders if not self._excluded(Path(folder, name)))
            for name in sorted(files):
                if not self._excluded(Path(folder, name)):
                    yield Path(folder, name)

    def _excluded(self, file: Path) -> bool:
        """Tell whether a pattern matches the name, or, where the pattern has a slash, the path below the root."""
        path = file.relative_to(self._root).as_posix()
        return any(fnmatch(path if "/" in one else file.name, one.strip("/")) for one in self._excludes)

    def _entry(self, file: Path) -> SourceEntry | None:
        raw = file.relative_to(self._root).as_posix()
        path = os.fsencode(raw).decode("utf-8", "replace")
        if file.suffix.lower() in _ASSETS:
            return None
        if path != raw:
            return SourceEntry(path, "misnamed", 0, problem="has a name that is not UTF-8; rename it")
        url = None if self._prefix is None else self._prefix.rstrip("/") + "/" + quote(path)
        try:
            status = file.stat()
        except OSError as error:
            return SourceEntry(path, "unreadable", 0, url, problem=f"cannot be read: {error.strerror}")
        if not stat.S_ISREG(status.st_mode):
            return None
        modified = datetime.fromtimestamp(status.st_mtime, tz=UTC)
        return SourceEntry(path, f"{status.st_size}-{status.st_mtime_ns}", status.st_size, url, modified)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError is pathlib's word for a loop of links
        raise UsageError(f"{str(path)!r} cannot be followed: {error}; give the folder that is meant") from error


def _common_root(paths: Sequence[Path]) -> Path:
    # Unlike Path.is_dir, os.path.isdir never raises: a folder that may not be looked into is told apart later.
    folders = [path if os.path.isdir(path) else path.parent for path in paths]  # noqa: PTH112 - see above
    return Path(os.path.commonpath(folders))
