"""A folder, or some files, as a source."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from ingest.errors import DocumentUnavailable, DocumentUnreadable, SourceUnreadable, UsageError
from ingest.sources.globs import matches_any
from ingest.sources.source import Snapshot, SourceEntry

DEFAULT_EXCLUDES = (
    ".*", "*~", "*.lock", "LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "_LICEN[CS]E_*",
    "node_modules", "__pycache__", "venv",
    "package.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "composer.json",
    "tsconfig*.json", "*.min.json",
)  # fmt: skip
"""File and folder names that are never documents; a person adds more with `--exclude`."""

_ASSETS = frozenset(
    [
        *(".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".bmp", ".mp4", ".mov", ".mp3"),
        *(".woff", ".woff2", ".ttf", ".eot", ".css", ".scss", ".map"),
        *(".js", ".ts", ".py", ".go", ".rb", ".sh", ".toml"),
    ]
)
"""Extensions that are never documents. What YAML, JSON, XML and SVG files hold, only their parser can tell."""

_LASTING = frozenset({errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})
_MAX_READ = 1 << 30  # bytes; the limit of a document's size is the reader's, this one keeps memory


class FolderSource:
    """Files below one or more paths, as one source.

    `paths` are folders or files. The root that document paths are relative to is the folder itself, or
    the nearest common folder of several paths. Symbolic links are followed to files, also outside of the
    root, and not to folders. Where `includes` are given, only what they match is listed.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        name: str | None = None,
        url_prefix: str | None = None,
        includes: Sequence[str] = (),
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
        self._includes = tuple(includes)
        every = (*DEFAULT_EXCLUDES, *excludes)
        # A pattern with a slash is about the path; the others are about one name, as folders are left out whole.
        self._excluded_paths = tuple(one for one in every if "/" in one.rstrip("/"))
        self._excluded_names = tuple(one for one in every if "/" not in one.rstrip("/"))

    @property
    def name(self) -> str:
        """Name that every document of this source carries."""
        return self._name

    @property
    def root(self) -> Path:
        """The folder that document paths are relative to."""
        return self._root

    @property
    def paths(self) -> tuple[Path, ...]:
        """The folders and files that are read, absolute."""
        return tuple(self._paths)

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
        parts = path.split("/")
        if "\0" in path or any(part in ("", ".", "..") for part in parts):
            raise DocumentUnreadable(f"{path!r} is no path below the folder; use a path that its listing names")
        try:
            return _read_file(self._root / path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            if error.errno in _LASTING:
                raise DocumentUnreadable(f"cannot be read: {reason}; check the file's permissions") from error
            raise DocumentUnavailable(f"cannot be read now: {reason}; the next run tries again") from error

    def covers(self, file: Path) -> bool:
        """Tell whether a file, which need not exist any more, is one that a snapshot would list."""
        below = next((path for path in self._paths if file == path or path in file.parents), None)
        if below is None:
            return False
        start = len(below.relative_to(self._root).parts)
        names = file.relative_to(self._root).parts
        ways = ("/".join(names[:depth]) for depth in range(start + 1, len(names) + 1))
        return not any(map(self._excluded, ways)) and self._included("/".join(names))

    def _files(self, path: Path, problems: list[str]) -> Iterator[str]:
        """Yield the files below `path`, relative to the root; as text, since a source may have many thousands."""
        if os.path.isfile(path):  # noqa: PTH113 - unlike Path.is_file, never raises
            yield path.relative_to(self._root).as_posix()
            return

        def note(error: OSError) -> None:
            problems.append(f"folder {error.filename!r} cannot be listed: {error.strerror}")

        for folder, folders, files in os.walk(path, onerror=note):
            relative = folder[len(str(self._root)) :].strip("/")
            prefix = f"{relative}/" if relative else ""
            folders[:] = sorted(name for name in folders if not self._excluded(prefix + name))
            yield from (prefix + name for name in sorted(files) if not self._excluded(prefix + name))

    def _excluded(self, path: str) -> bool:
        """Tell whether a pattern matches the last name, or, where the pattern has a slash, the path."""
        name = path.rpartition("/")[2]
        return matches_any(name, self._excluded_names) or matches_any(path, self._excluded_paths)

    def _included(self, path: str) -> bool:
        extension = os.path.splitext(path)[1].lower()  # noqa: PTH122 - of text, for speed
        return extension not in _ASSETS and (not self._includes or matches_any(path, self._includes))

    def _entry(self, raw: str) -> SourceEntry | None:
        if not self._included(raw):
            return None
        path = os.fsencode(raw).decode("utf-8", "replace")
        if path != raw:
            return SourceEntry(path, "misnamed", 0, problem="has a name that is not UTF-8; rename it")
        url = None if self._prefix is None else self._prefix.rstrip("/") + "/" + quote(path)
        try:
            status = os.stat(f"{self._root}/{raw}")  # noqa: PTH116 - of text, for speed
        except OSError as error:
            return SourceEntry(path, "unreadable", 0, url, problem=f"cannot be read: {error.strerror}")
        if not stat.S_ISREG(status.st_mode):
            return None
        modified = datetime.fromtimestamp(status.st_mtime, tz=UTC)
        return SourceEntry(path, f"{status.st_size}-{status.st_mtime_ns}", status.st_size, url, modified)


def _read_file(file: Path) -> bytes:
    # Without O_NONBLOCK, opening a pipe that took the file's place would wait for a writer for ever.
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise DocumentUnreadable("is no file any more; put the file back, or leave its path out")
        data = opened.read(_MAX_READ + 1)
    if len(data) > _MAX_READ:
        raise DocumentUnreadable(f"has more than {_MAX_READ:,} bytes; split it")
    return data


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError is pathlib's word for a loop of links
        raise UsageError(f"{str(path)!r} cannot be followed: {error}; give the folder that is meant") from error


def _common_root(paths: Sequence[Path]) -> Path:
    # Unlike Path.is_dir, os.path.isdir never raises: a folder that may not be looked into is told apart later.
    folders = [path if os.path.isdir(path) else path.parent for path in paths]  # noqa: PTH112 - see above
    return Path(os.path.commonpath(folders))
