"""A source of which only some paths count, for adapters that know nothing of patterns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.errors import DocumentUnreadable
from ingest.sources.globs import matches_any
from ingest.sources.source import Snapshot, Source


@dataclass(frozen=True, slots=True)
class FilteredSource:
    """Another source without the paths that `exclude` matches, and without those that no `include` matches."""

    whole: Source
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the source itself."""
        return self.whole.name

    @property
    def location(self) -> str:
        """Location of the source itself."""
        return self.whole.location

    @property
    def url_prefix(self) -> str | None:
        """Prefix of the source itself."""
        return self.whole.url_prefix

    def snapshot(self) -> Snapshot:
        """List what passes the patterns."""
        snapshot = self.whole.snapshot()
        return replace(snapshot, entries=tuple(entry for entry in snapshot.entries if self._passes(entry.path)))

    def fetch(self, path: str) -> bytes:
        """Return the bytes of a document that passes the patterns."""
        if not self._passes(path):
            raise DocumentUnreadable(f"{path!r} is left out by the source's 'include' or 'exclude'; change them")
        return self.whole.fetch(path)

    def _passes(self, path: str) -> bool:
        return (not self.include or matches_any(path, self.include)) and not matches_any(path, self.exclude)


def filtered(source: Source, include: Sequence[str], exclude: Sequence[str]) -> Source:
    """Return the source with the patterns applied, or itself where there are none."""
    return FilteredSource(source, tuple(include), tuple(exclude)) if include or exclude else source
