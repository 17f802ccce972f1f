"""What a run has to do: the difference between a snapshot of a source and what the manifest knows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ingest.errors import UsageError
from ingest.knowledge.manifest import Correction, DocumentState, ManifestRow
from ingest.recipes import same_reading, same_text
from ingest.sources.source import Snapshot, SourceEntry

_FEW = 5  # so many documents may always go without a question

RecipeOf = Callable[[SourceEntry, str], str]
"""Returns the recipe of an entry of some format ("" where the format is not known)."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Files of one source to read again, to cut again, to leave alone, and documents to take out.

    `to_cut` are files whose text is as it was, so that their stored documents serve. `deleted` are paths of
    documents that a person took out. `previous` holds the
    manifest rows of the source by the file that the source lists: several where a file holds several
    documents.
    """

    source: str
    to_read: tuple[SourceEntry, ...]
    to_cut: tuple[SourceEntry, ...]
    unchanged: tuple[ManifestRow, ...]
    removed: tuple[ManifestRow, ...]
    previous: Mapping[str, tuple[ManifestRow, ...]]
    corrections: Mapping[str, Correction]
    deleted: frozenset[str] = frozenset()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.to_read or self.to_cut or self.removed)

    @property
    def added(self) -> tuple[SourceEntry, ...]:
        """The files to read that the manifest does not know."""
        return tuple(entry for entry in self.to_read if entry.path not in self.previous)

    @property
    def again(self) -> tuple[SourceEntry, ...]:
        """The files to read that the manifest knows: changed, or failed before."""
        return tuple(entry for entry in self.to_read if entry.path in self.previous)


def diff(
    snapshot: Snapshot,
    rows: Sequence[ManifestRow],
    corrections: Mapping[str, Correction],
    *,
    recipe_of: RecipeOf,
    rebuild: bool = False,
    retry_failed: bool = False,
) -> Changes:
    """Compare a snapshot with the manifest, its tombstones included.

    A file is read again where its fingerprint or recipe changed, where it could not be fetched before, and
    on `rebuild`; one that could not be parsed only on `retry_failed`. What a person deleted stays out
    although the source lists it, what a person restored stays in although it does not. A partial snapshot
    removes nothing.
    """
    deleted = frozenset(row.path for row in rows if row.state is DocumentState.TOMBSTONED and row.held)
    previous = _by_file([row for row in rows if row.state is not DocumentState.TOMBSTONED])
    to_read: list[SourceEntry] = []
    to_cut: list[SourceEntry] = []
    unchanged: list[ManifestRow] = []
    for entry in snapshot.entries:
        if entry.path in deleted:
            continue
        known = previous.get(entry.path, ())
        if rebuild or not known or not _same_bytes(entry, known, retry_failed=retry_failed):
            to_read.append(entry)
            continue
        wanted = [recipe_of(entry, row.format) for row in known]
        recipes = list(zip(known, wanted, strict=True))
        if all(
            row.recipe == recipe or (not row.passages and same_reading(row.recipe, recipe)) for row, recipe in recipes
        ):
            unchanged.extend(known)
        elif all(row.state is DocumentState.INDEXED and same_text(row.recipe, recipe) for row, recipe in recipes):
            to_cut.append(entry)
        else:
            to_read.append(entry)
    listed = {entry.path for entry in snapshot.entries}
    gone = tuple(row for file, known in previous.items() if file not in listed for row in known if not row.held)
    return Changes(
        source=snapshot.source,
        to_read=tuple(to_read),
        to_cut=tuple(to_cut),
        unchanged=tuple(unchanged),
        removed=gone if snapshot.complete else (),
        previous=previous,
        corrections=corrections,
        deleted=deleted,
    )


def check_deletions(changes: Changes, *, max_share: float, confirmed: bool) -> None:
    """Raise UsageError where a run would take out more of a source than it may without being asked."""
    known, gone = sum(map(len, changes.previous.values())), len(changes.removed)
    if confirmed or gone <= _FEW or gone <= known * max_share:
        return
    empty = not (changes.to_read or changes.to_cut or changes.unchanged)
    hint = "It lists no document at all: check that its folder is mounted, or its address right. " if empty else ""
    raise UsageError(
        f"source {changes.source!r} would lose {gone} of its {known} documents (more than {max_share:.0%}); nothing "
        f"was changed. {hint}If that is right, run again with --confirm-deletions; if another folder was meant, use "
        "--source NAME"
    )


def _by_file(rows: Sequence[ManifestRow]) -> dict[str, tuple[ManifestRow, ...]]:
    found: dict[str, list[ManifestRow]] = {}
    for row in rows:
        found.setdefault(row.file, []).append(row)
    return {file: tuple(known) for file, known in found.items()}


def _same_bytes(entry: SourceEntry, known: Sequence[ManifestRow], *, retry_failed: bool) -> bool:
    """Tell whether a file is as it was read last, and reading it again would not help."""
    for row in known:
        failed = row.state is DocumentState.FAILED
        if row.fingerprint != entry.fingerprint or (failed and (row.transient or retry_failed)):
            return False
    return True
