"""Wait for changes below folders, so that a sync follows each."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.errors import UsageError
from ingest.sources.source import Source

_SETTLE_MILLISECONDS = 1600
"""So long are changes collected: an editor writes several files, and a checkout thousands."""


def folders_of(sources: Sequence[Source]) -> tuple[Path, ...]:
    """Return the folders and files of the sources that are on this machine."""
    places = [Path(line) for source in sources for line in source.location.splitlines() if line.startswith("/")]
    return tuple(dict.fromkeys(place for place in places if place.exists()))


def changes_below(folders: Sequence[Path]) -> Iterator[None]:
    """Yield once for each burst of changes, until this process is interrupted, which is raised.

    Raises UsageError where there is nothing to watch, or no package to watch with.
    """
    if not folders:
        raise UsageError("none of the sources is a folder, so there is nothing to watch; give sources a schedule")
    try:
        from watchfiles import watch
    except ImportError as error:
        raise UsageError("--watch needs watchfiles; run: pip install watchfiles") from error
    for _ in watch(*folders, debounce=_SETTLE_MILLISECONDS, raise_interrupt=True):
        yield None
