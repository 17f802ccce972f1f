"""Which commit last changed each file: one pass over the history, remembered for the next one."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.sources.git_command import GitFailed
from ingest.sources.git_repository import GitRepository

_HEADER = b"\x01"
_MARK = b"groundwatch-history-1"


@dataclass(frozen=True, slots=True)
class LastChange:
    """The commit that gave a file the content `oid`; `authored` is in seconds since 1970, by its author."""

    oid: str
    commit: str
    authored: int

    @property
    def date(self) -> datetime | None:
        """The author's date, or None where it is no date that a calendar has."""
        try:
            return datetime.fromtimestamp(self.authored, tz=UTC)
        except (ValueError, OverflowError, OSError):
            return None


def last_changes(
    repository: GitRepository, commit: str, folder: str, oids: Mapping[str, str], memory: Path
) -> dict[str, LastChange]:
    """Return, for each path of `oids` below `folder`, the last commit that made it what it is at `commit`.

    A record counts only where the content that it left is the content at `commit`, so a link to that commit
    shows what is listed. Paths that no such commit is known for are left out. `memory` is the file that the
    answer is kept in, so that the next call reads the new commits only. Raises GitFailed.
    """
    known_at, known = _remembered(memory)
    if known_at and not _is_ancestor(repository, known_at, commit):
        known_at, known = "", {}
    changes = _newest(repository, commit, known_at, folder, oids)
    changes |= {path: known[path] for path, oid in oids.items() if path not in changes and _has(known, path, oid)}
    if known_at and len(changes) < len(oids):  # another selection of files than the one that is remembered
        changes = _newest(repository, commit, "", folder, oids)
    unknown = {path: LastChange(oid, "", 0) for path, oid in oids.items() if path not in changes}
    if known_at != commit or changes.keys() | unknown.keys() != known.keys():
        _remember(memory, commit, changes | unknown)
    return {path: change for path, change in changes.items() if change.commit}


def _has(known: Mapping[str, LastChange], path: str, oid: str) -> bool:
    return path in known and known[path].oid == oid


def _newest(
    repository: GitRepository, commit: str, since: str, folder: str, oids: Mapping[str, str]
) -> dict[str, LastChange]:
    """Read the history backwards from `commit` to `since` until each path was seen with its content."""
    changes: dict[str, LastChange] = {}
    if since == commit:
        return changes
    prefix = f"{folder}/" if folder else ""
    for change, full in _records(repository, commit, since, folder):
        path = full.removeprefix(prefix)
        if path not in changes and oids.get(path) == change.oid:
            changes[path] = change
            if len(changes) == len(oids):
                break
    return changes


def _records(repository: GitRepository, commit: str, since: str, folder: str) -> Iterator[tuple[LastChange, str]]:
    """Yield each path that each commit changed, newest commit first; merges count where they differ from all sides."""
    shown = ("-z", "--raw", "--no-abbrev", "--no-renames", "-c", "--no-relative", "--no-ext-diff", "--no-textconv")
    interval = [commit, *([f"^{since}"] if since else [])]
    place = ["--", folder] if folder else ["--"]
    tokens = repository.git.tokens("log", *shown, "--no-notes", "--format=%x01%H %at", *interval, *place)
    name, authored = "", 0
    for token in tokens:
        token = token.lstrip(b"\n")
        if token.startswith(_HEADER):
            name, _, seconds = token[1:].decode("ascii").partition(" ")
            authored = int(seconds) if seconds.lstrip("-").isdigit() else -(10**15)
        elif token.startswith(b":"):
            left = token.split(b" ")[-2].decode("ascii")  # modes, contents before, the content after, and a letter
            path = next(tokens, b"").decode("utf-8", "surrogateescape")
            yield LastChange(left, name, authored), path


def _is_ancestor(repository: GitRepository, older: str, newer: str) -> bool:
    try:
        repository.git.run("merge-base", "--is-ancestor", older, newer)
    except GitFailed:
        return False
    return True


def _remembered(memory: Path) -> tuple[str, dict[str, LastChange]]:
    """Return the commit and the changes of the last call; nothing where the file is missing or damaged."""
    try:
        mark, commit, *records = memory.read_bytes().split(b"\0")
        changes: dict[str, LastChange] = {}
        for record in records[:-1]:
            oid, name, authored, path = record.decode("utf-8", "surrogateescape").split(" ", 3)
            changes[path] = LastChange(oid, name, int(authored))
    except (OSError, ValueError):
        return "", {}
    whole = mark == _MARK and records[-1:] == [b"end"]
    return (commit.decode("ascii", "replace"), changes) if whole else ("", {})


def _remember(memory: Path, commit: str, changes: Mapping[str, LastChange]) -> None:
    records = [f"{one.oid} {one.commit} {one.authored} {path}" for path, one in changes.items()]
    text = "\0".join([_MARK.decode(), commit, *records, "end"])
    # It only saves time: a full disk costs the next call a longer read, not this one its answer.
    with suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=memory.parent, prefix=memory.name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8", "surrogateescape"))
            os.replace(name, memory)  # noqa: PTH105 - both names are strings here
        except OSError:
            Path(name).unlink(missing_ok=True)
