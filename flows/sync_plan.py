"""What a sync would do, document by document, as `groundwatch sync --dry-run` prints it."""

from collections.abc import Iterator, Sequence

from ingest.changes import Changes
from ingest.knowledge.manifest import DocumentState

_MARKS = {"added": "+", "changed": "~", "removed": "-", "retried": "!", "cut_again": "^"}


def plan_record(changes: Sequence[Changes]) -> dict[str, object]:
    """Return what `--json` prints: paths by what would happen to them, for each source."""
    return {"sources": [{"source": one.source, **_paths(one), "unchanged": len(one.unchanged)} for one in changes]}


def plan_lines(changes: Sequence[Changes]) -> Iterator[str]:
    """Yield the lines that a terminal shows: each path behind a mark, then the counts of its source."""
    for one in changes:
        paths = _paths(one)
        counts = ", ".join(f"{len(found)} {name.replace('_', ' ')}" for name, found in paths.items())
        yield f"{one.source}: {counts}, {len(one.unchanged)} unchanged"
        for name, found in paths.items():
            yield from (f"  {_MARKS[name]} {path}" for path in found)


def _paths(changes: Changes) -> dict[str, list[str]]:
    """Return paths, sorted, by what would happen to them: `retried` failed before and did not change since."""
    retried = [entry.path for entry in changes.again if _failed(changes, entry.path, entry.fingerprint)]
    again = {entry.path for entry in changes.again}
    return {
        "added": sorted(entry.path for entry in changes.added),
        "changed": sorted(again - set(retried)),
        "removed": sorted(row.path for row in changes.removed),
        "retried": sorted(retried),
        "cut_again": sorted(entry.path for entry in changes.to_cut),
    }


def _failed(changes: Changes, path: str, fingerprint: str) -> bool:
    known = changes.previous[path]
    return any(row.state is DocumentState.FAILED and row.fingerprint == fingerprint for row in known)
