"""What a run has to do: the difference between a snapshot of a source and what the manifest knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.errors import UsageError
from ingest.knowledge.manifest import Correction, DocumentState, ManifestRow
from ingest.sources.source import Snapshot, SourceEntry

_FEW = 5  # so many documents may always go without a question


@dataclass(frozen=True, slots=True)
class Changes:
    """Documents of one source to read again, to leave alone, and to take out.

    `recipe` is what they are read with; `previous` holds the manifest rows of the source by path.
    """

    source: str
    to_read: tuple[SourceEntry, ...]
    unchanged: tuple[ManifestRow, ...]
    removed: tuple[ManifestRow, ...]
    previous: Mapping[str, ManifestRow]
    corrections: Mapping[str, Correction]
    recipe: str

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.to_read or self.removed)


def diff(
    snapshot: Snapshot,
    rows: Sequence[ManifestRow],
    corrections: Mapping[str, Correction],
    *,
    recipe: str,
    rebuild: bool = False,
) -> Changes:
    """Compare a snapshot with the manifest.

    A document is read again where its fingerprint or the recipe changed, where it failed before, or on
    `rebuild`. A partial snapshot removes nothing.
    """
    previous = {row.path: row for row in rows}
    to_read: list[SourceEntry] = []
    unchanged: list[ManifestRow] = []
    for entry in snapshot.entries:
        row = previous.get(entry.path)
        same = row is not None and row.fingerprint == entry.fingerprint and row.recipe == recipe
        if row is not None and same and row.state is DocumentState.INDEXED and not rebuild:
            unchanged.append(row)
        else:
            to_read.append(entry)
    listed = {entry.path for entry in snapshot.entries}
    gone = tuple(row for row in rows if row.path not in listed) if snapshot.complete else ()
    return Changes(snapshot.source, tuple(to_read), tuple(unchanged), gone, previous, corrections, recipe)


def check_deletions(changes: Changes, *, max_share: float, confirmed: bool) -> None:
    """Raise UsageError where a run would take out more of a source than it may without being asked."""
    known, gone = len(changes.previous), len(changes.removed)
    if confirmed or gone <= _FEW or gone <= known * max_share:
        return
    raise UsageError(
        f"source {changes.source!r} would lose {gone} of its {known} documents (more than {max_share:.0%}); nothing "
        "was changed. If that is right, run again with --confirm-deletions; if another folder was meant, use "
        "--source NAME"
    )
