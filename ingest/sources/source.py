"""What Groundwatch needs of a place where documents come from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One document as listed by its source, before it is fetched.

    `path` is unique in the source, stays the same while the document is the same one, and ends in the
    extension of what `fetch` returns. `fingerprint` changes whenever the content may have changed. `problem`
    says why the entry can be listed but not fetched; `updated_at` is timezone-aware and only set where the
    source vouches for it. `ancestors` are the titles that stand above the document at its source, outermost
    first; `labels` are the source's own tags; `access` names the groups that alone may read it, and is empty
    where everyone may.
    """

    path: str
    fingerprint: str
    size: int
    url: str | None = None
    updated_at: datetime | None = None
    problem: str | None = None
    title: str | None = None
    ancestors: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    access: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a source holds at one moment, recorded before anything is fetched.

    `complete` is False where part of it could not be listed; such a snapshot removes nothing. `revision`
    names the state of the source as a whole where it has one (a commit).
    """

    source: str
    entries: tuple[SourceEntry, ...]
    complete: bool = True
    problems: tuple[str, ...] = ()
    revision: str = ""


class Source(Protocol):
    """A named collection of documents.

    An instance can be pickled before and between its uses: parsing may happen in another process.
    """

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
        """Return the bytes of one listed document.

        Raises DocumentUnavailable where trying again may help, else DocumentUnreadable, with the reason.
        """
