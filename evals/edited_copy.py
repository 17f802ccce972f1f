"""A corpus once more under another name, with edits in every fifth document: a way to a large index of real text."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ingest.sources.folder import FolderSource
from ingest.sources.source import Snapshot

EDITED_SHARE = 5
"""One document in so many is edited."""

_EDITS = 2  # sentences of each
_TEXT = (".md", ".rst", ".adoc", ".txt")
_PROSE = re.compile(rb"^[A-Za-z][^|`<{}\n]{40,}\.$", re.MULTILINE)


class EditedCopy:
    """Documents of `folder`, those of `paths` only, as source `name`; every fifth differs in two sentences."""

    url_prefix: str | None = None

    def __init__(self, folder: Path, *, name: str, paths: frozenset[str]) -> None:
        self._folder = FolderSource([folder], name=name)
        self._paths = paths

    @property
    def name(self) -> str:
        """Name that every document carries."""
        return self._folder.name

    @property
    def location(self) -> str:
        """The folder."""
        return self._folder.location

    def snapshot(self) -> Snapshot:
        """List the documents."""
        whole = self._folder.snapshot()
        entries = tuple(
            replace(entry, fingerprint=f"{entry.fingerprint}-{self.name}")
            for entry in whole.entries
            if entry.path in self._paths
        )
        return Snapshot(self.name, entries, whole.complete, whole.problems)

    def fetch(self, path: str) -> bytes:
        """Return the bytes of a document, edited where its turn has come."""
        data = self._folder.fetch(path)
        return edited(data, self.name) if is_edited(path) else data


def is_edited(path: str) -> bool:
    """Tell whether a copy edits this document."""
    return path.endswith(_TEXT) and zlib.crc32(path.encode()) % EDITED_SHARE == 0


def edited(data: bytes, note: str) -> bytes:
    """Add a few words to the first plain sentences that stand alone on a line."""
    words = f" Seen once more at {note}.".encode()
    return _PROSE.sub(lambda found: found.group() + words, data, count=_EDITS)


def fill_up(passages: Mapping[str, int], wanted: int) -> list[frozenset[str]]:
    """Return the paths of each copy, so that all copies together have about `wanted` passages.

    `passages` are the counts of the documents by path; documents are taken in an order spread over all folders.
    """
    order = sorted(passages, key=lambda path: zlib.crc32(f"copy\n{path}".encode()))
    copies: list[frozenset[str]] = []
    while wanted > 0 and any(count > 0 for count in passages.values()):
        chosen: list[str] = []
        for path in order:
            if wanted <= 0:
                break
            chosen.append(path)
            wanted -= passages[path]
        copies.append(frozenset(chosen))
    return copies
