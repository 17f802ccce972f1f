"""The listing of a remote source as it grows: what was listed, what could not be, and what follows from that."""

from collections.abc import Iterator
from contextlib import contextmanager

from ingest.errors import DocumentUnreadable, SourceUnreadable
from ingest.sources.rest_failures import BrokenAnswer, ForeignHost, TokenRefused
from ingest.sources.source import Snapshot, SourceEntry


class RemoteListing:
    """Collect the entries of one snapshot, part by part; a part that fails makes the snapshot partial."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._entries: dict[str, SourceEntry] = {}
        self._problems: list[str] = []
        self._heard = False

    def add(self, entry: SourceEntry) -> None:
        """List a document; of two with one path the first stays."""
        self._entries.setdefault(entry.path, entry)

    @contextmanager
    def part(self, what: str) -> Iterator[None]:
        """Note a failure inside as a problem of `what`, and go on; a token that expired ends the listing.

        Raises SourceUnreadable in that case.
        """
        try:
            yield
        except TokenRefused as error:
            if error.expired:
                raise SourceUnreadable(f"source {self._source!r}: {error}") from error
            self._problems.append(f"{what}: {error}")
        except (BrokenAnswer, ForeignHost) as error:
            self._heard = True
            self._problems.append(f"{what}: {error}")
        except DocumentUnreadable as error:
            self._problems.append(f"{what}: {error}")

    def note(self, problem: str) -> None:
        """Say of something that it could not be listed."""
        self._problems.append(problem)

    def snapshot(self) -> Snapshot:
        """Return what was listed, by path.

        Raises SourceUnreadable where nothing was, and that is not for a broken answer: then the API is there,
        and a partial snapshot says so.
        """
        if self._problems and not self._entries and not self._heard:
            raise SourceUnreadable(f"source {self._source!r}: {self._problems[0]}")
        ordered = tuple(self._entries[path] for path in sorted(self._entries))
        return Snapshot(self._source, ordered, not self._problems, tuple(self._problems))
