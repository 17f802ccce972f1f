"""From sources to a promoted generation: discover, diff, read, embed, build, promote, as plain functions.

`ingest` holds the order of the steps; `flows` hands in the same steps wrapped as tasks.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ingest.building import Progress, model_mismatch, texts_of, write_generation
from ingest.changes import Changes, check_deletions, diff
from ingest.errors import KnowledgeError, SourceUnreadable, UsageError
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import IndexStore
from ingest.knowledge.manifest import DocumentState, Manifest, ManifestRow, SourceTerms, SyncRow, now
from ingest.reading import Reader, Reading, recipe_of
from ingest.sources.source import Snapshot, Source, SourceEntry

T = TypeVar("T")

READ_BATCH = 64
EMBED_BATCH = 512


@dataclass(frozen=True, slots=True)
class Workshop:
    """What an ingest works with."""

    store: IndexStore
    manifest: Manifest
    cache: EmbeddingCache
    embedder: Embedder

    def close(self) -> None:
        """Close the files."""
        self.manifest.close()
        self.cache.close()


@dataclass(frozen=True, slots=True)
class Options:
    """How a person wants a run to go; `terms` holds, by source, what a person said about its documents."""

    terms: Mapping[str, SourceTerms] = field(default_factory=dict)
    rebuild: bool = False
    confirm_deletions: bool = False
    max_document_bytes: int = 20_000_000
    max_deleted_share: float = 0.5

    def kind_of(self, source: str) -> DocumentKind | None:
        """Return the kind that a person gave all documents of a source, or None to detect it."""
        terms = self.terms.get(source)
        return DocumentKind(terms.kind) if terms and terms.kind else None


@dataclass(frozen=True, slots=True)
class SourceRun:
    """One source in the middle of a run: what it holds, what changed, and what was read of that."""

    snapshot: Snapshot
    changes: Changes
    readings: tuple[Reading, ...]
    location: str
    url_prefix: str | None


@dataclass(frozen=True, slots=True)
class SourceResult:
    """What a run did to one source; counts are documents but for `passages`."""

    source: str
    indexed: int
    unchanged: int
    removed: int
    failed: tuple[ManifestRow, ...]
    passages: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageTime:
    """Wall time of one stage of a run."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What a run did. `generation` is the one served afterwards; `embedded` and `reused` count passages."""

    generation: int | None
    sources: tuple[SourceResult, ...]
    embedded: int
    reused: int
    seconds: float
    stages: tuple[StageTime, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """The work of a run in pieces that may fail, and be tried again, by themselves."""

    discover: Callable[[Source], Snapshot]
    read: Callable[[Reader, Sequence[SourceEntry]], list[Reading]]
    embed: Callable[[Workshop, Sequence[str]], None]
    build: Callable[[Workshop, Sequence[SourceRun], bool, Progress], int | None]


def ingest(
    workshop: Workshop,
    sources: Sequence[Source],
    options: Options | None = None,
    progress: Progress | None = None,
    steps: Steps | None = None,
) -> IngestResult:
    """Bring the index up to date with some sources, in one new generation, and return what was done.

    One source that cannot be listed is a problem of that source's result; SourceUnreadable is raised where
    all of them are. Raises UsageError (too many deletions), KnowledgeLocked (another ingest is at work),
    ModelMismatch or StorageFailed; the generation served before is then untouched.
    """
    with workshop.manifest.exclusive():
        return _ingest(workshop, sources, options or Options(), progress or _silent, steps or plain_steps())


def plain_steps() -> Steps:
    """Return the steps as they are, to run in a row in this process."""
    return Steps(
        discover=lambda source: source.snapshot(),
        read=lambda reader, entries: reader.read_all(entries),
        embed=lambda workshop, texts: workshop.cache.embed(workshop.embedder, texts),
        build=lambda workshop, runs, rebuild, progress: build(workshop, runs, rebuild=rebuild, progress=progress),
    )


def build(
    workshop: Workshop, runs: Sequence[SourceRun], *, rebuild: bool = False, progress: Progress | None = None
) -> int | None:
    """Write the next generation, stage the manifest's changes and promote it; return the current generation.

    Where no document changed, only the manifest is written. A rebuild starts empty, so where nothing could
    be read it raises KnowledgeError and leaves everything as it was.
    """
    readings = [reading for run in runs for reading in run.readings]
    rows = [reading.row for reading in readings]
    removed = [row for run in runs for row in run.changes.removed]
    fresh = [reading for reading in readings if reading.document is not None]
    gone = [row for row in removed if row.passages]
    current = workshop.store.current()
    if rebuild and not fresh and current is not None:
        raise KnowledgeError(_nothing_read(rows))
    if not fresh and not gone:
        workshop.manifest.stage(current or 0, rows, removed)
        workshop.manifest.settle(current or 0)
        return current
    writer = workshop.store.begin(fresh=rebuild)
    try:
        description = write_generation(
            writer, fresh, gone, cache=workshop.cache, embedder=workshop.embedder, progress=progress or _silent
        )
    except BaseException:
        writer.abort()
        raise
    workshop.manifest.stage(description.generation, rows, removed)
    workshop.store.promote(description.generation)
    workshop.manifest.settle(description.generation)
    return description.generation


def _ingest(
    workshop: Workshop, sources: Sequence[Source], options: Options, report: Progress, steps: Steps
) -> IngestResult:
    started, clock = time.monotonic(), _Clock()
    workshop.manifest.settle(workshop.store.current())
    snapshots = _discover(sources, steps)
    _check(workshop, snapshots, options)
    changes = [_compare(workshop, source, shot, options) for source, shot in zip(sources, snapshots, strict=True)]
    clock.ends("discover")
    runs = _read(workshop, sources, snapshots, changes, options, report, steps)
    clock.ends("read")
    texts = texts_of([reading for run in runs for reading in run.readings])
    before = workshop.cache.embedded
    done = 0
    for batch in _batches(texts, EMBED_BATCH):
        steps.embed(workshop, batch)
        done += len(batch)
        report("embed", done, len(texts))
    clock.ends("embed")
    generation = steps.build(workshop, runs, options.rebuild, report)
    clock.ends("build")
    seconds = time.monotonic() - started
    _record(workshop, runs, options, seconds)
    embedded = workshop.cache.embedded - before
    results = tuple(_result(run) for run in runs)
    return IngestResult(generation, results, embedded, max(0, len(texts) - embedded), seconds, tuple(clock.stages))


def _discover(sources: Sequence[Source], steps: Steps) -> list[Snapshot]:
    """List every source; one that cannot be listed counts as partial, so that nothing of it is removed."""
    snapshots: list[Snapshot] = []
    refusals: list[SourceUnreadable] = []
    for source in sources:
        try:
            snapshots.append(steps.discover(source))
        except SourceUnreadable as error:
            refusals.append(error)
            snapshots.append(Snapshot(source.name, (), complete=False, problems=(str(error),)))
    if refusals and len(refusals) == len(sources):
        raise refusals[0]
    return snapshots


def _check(workshop: Workshop, snapshots: Sequence[Snapshot], options: Options) -> None:
    """Refuse, before any work is done, what would be refused or lose documents in the end."""
    current = workshop.store.current()
    if current is None:
        return
    rows = workshop.manifest.rows()
    if options.rebuild:
        _check_complete(rows, snapshots)
        return
    model = workshop.embedder.model
    others = [row for row in rows if row.passages and "|" in row.recipe and not row.recipe.endswith(f"|{model}")]
    if others:
        raise model_mismatch(others[0].recipe.partition("|")[2], model)


def _check_complete(rows: Sequence[ManifestRow], snapshots: Sequence[Snapshot]) -> None:
    given = {snapshot.source for snapshot in snapshots}
    missing = sorted({row.source for row in rows} - given)
    if missing:
        raise UsageError(
            f"a rebuild starts from nothing and would drop the sources {', '.join(map(repr, missing))}; run "
            "groundwatch ingest --rebuild without paths to read all known sources again"
        )
    for snapshot in snapshots:
        if not snapshot.complete:
            raise UsageError(
                f"a rebuild starts from nothing and source {snapshot.source!r} can be listed in part only "
                f"({'; '.join(snapshot.problems)}); mend that first, or run without --rebuild"
            )


def _compare(workshop: Workshop, source: Source, snapshot: Snapshot, options: Options) -> Changes:
    current = workshop.store.current()
    rows = workshop.manifest.rows(source.name) if current is not None else []
    corrections = workshop.manifest.corrections(source.name)
    recipe = recipe_of(workshop.embedder.model, options.kind_of(source.name), source.url_prefix)
    changes = diff(snapshot, rows, corrections, recipe=recipe, rebuild=options.rebuild)
    check_deletions(changes, max_share=options.max_deleted_share, confirmed=options.confirm_deletions)
    return changes


def _read(
    workshop: Workshop,
    sources: Sequence[Source],
    snapshots: Sequence[Snapshot],
    changes: Sequence[Changes],
    options: Options,
    report: Progress,
    steps: Steps,
) -> list[SourceRun]:
    total, done = sum(len(one.to_read) for one in changes), 0
    runs: list[SourceRun] = []
    for source, snapshot, change in zip(sources, snapshots, changes, strict=True):
        reader = Reader(
            source=source,
            changes=change,
            count_tokens=workshop.embedder.count_tokens,
            max_bytes=options.max_document_bytes,
            kind=options.kind_of(source.name),
            rebuild=options.rebuild,
        )
        readings: list[Reading] = []
        for batch in _batches(change.to_read, READ_BATCH):
            readings.extend(steps.read(reader, batch))
            done += len(batch)
            report("read", done, total)
        runs.append(SourceRun(snapshot, change, tuple(readings), source.location, source.url_prefix))
    return runs


def _record(workshop: Workshop, runs: Sequence[SourceRun], options: Options, seconds: float) -> None:
    for run in runs:
        shot = run.snapshot
        sync = SyncRow(shot.source, run.location, run.url_prefix, now(), seconds, shot.complete, shot.problems)
        workshop.manifest.record_sync(sync, options.terms.get(shot.source))


def _result(run: SourceRun) -> SourceResult:
    failed = tuple(r.row for r in run.readings if r.row.state is DocumentState.FAILED)
    indexed = [reading for reading in run.readings if reading.document is not None]
    return SourceResult(
        source=run.snapshot.source,
        indexed=len(indexed),
        unchanged=len(run.changes.unchanged) + len(run.readings) - len(indexed) - len(failed),
        removed=len(run.changes.removed),
        failed=failed,
        passages=sum(len(reading.passages) for reading in indexed),
        problems=run.snapshot.problems,
    )


def _nothing_read(rows: Sequence[ManifestRow]) -> str:
    reason = f" ({rows[0].path!r}: {rows[0].reason})" if rows else ""
    return f"no document could be read for the rebuild{reason}; the index is as it was, mend the source first"


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _silent(stage: str, done: int, total: int) -> None:
    """Report to nobody."""


class _Clock:
    """Take the time between the ends of stages."""

    def __init__(self) -> None:
        self.stages: list[StageTime] = []
        self._last = time.monotonic()

    def ends(self, stage: str) -> None:
        """Note that a stage ended just now."""
        last, self._last = self._last, time.monotonic()
        self.stages.append(StageTime(stage, self._last - last))
