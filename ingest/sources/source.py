"""What Groundwatch needs of a place where documents come from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One document as listed by its source, before it is fetched.

    `fingerprint` changes whenever the content may have changed. `problem` says why the entry can be
    listed but not fetched; `updated_at` is timezone-aware and only set where the source vouches for it.
    """

    path: str
    fingerprint: str
    size: int
    url: str | None = None
    updated_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a source holds at one moment; `complete` is False where part of it could not be listed."""

    source: str
    entries: tuple[SourceEntry, ...]
    complete: bool = True
    problems: tuple[str, ...] = ()


class Source(Protocol):
    """A named collection of documents."""

    @property
    def name(self) -> str:
        """Name that every document of this source carries."""

    @property
    def location(self) -> str:
        """Where the documents are, as a person would write it and as an ingest can be repeated from."""

    @property
    def url_prefix(self) -> str | None:
        """What stands before a document's path in its link; None where the source has no links."""

    def snapshot(self) -> Snapshot:
        """List all documents; raises SourceUnreadable where nothing can be listed."""

    def fetch(self, path: str) -> bytes:
        """Return the bytes of one listed document; raises DocumentUnreadable with the reason."""
