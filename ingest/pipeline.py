"""From a source to a promoted generation: discover, diff, read, embed, build, promote, as plain functions.

`flows` wraps these as tasks; `ingest_source` runs them in a row for scripts and tests.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

from ingest.changes import Changes, check_deletions, diff
from ingest.errors import ModelMismatch, UsageError
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import IndexDescription, IndexEntry, IndexStore, IndexWriter
from ingest.knowledge.lexical import LexicalEncoder, mean_length, passage_identifiers
from ingest.knowledge.manifest import DocumentState, Manifest, ManifestRow, SyncRow, now
from ingest.reading import RECIPE, Reader, Reading
from ingest.sources.source import Snapshot, Source

T = TypeVar("T")

READ_BATCH = 64
EMBED_BATCH = 512

Progress = Callable[[str, int, int], None]
"""Called with a stage ("read", "embed", "build"), how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What an ingest works with."""

    store: IndexStore
    manifest: Manifest
    cache: EmbeddingCache
    embedder: Embedder

    @property
    def recipe(self) -> str:
        """Version of everything that decides what passages and vectors come of the same bytes."""
        return f"{RECIPE}.{self.embedder.model}"


@dataclass(frozen=True, slots=True)
class Options:
    """How a person wants a run to go; `kind` is a person's word and wins over what is detected."""

    kind: DocumentKind | None = None
    rebuild: bool = False
    confirm_deletions: bool = False
    max_document_bytes: int = 20_000_000
    max_deleted_share: float = 0.5


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
class IngestResult:
    """What a run did. `generation` is the one served afterwards; `embedded` and `reused` count passages."""

    generation: int | None
    sources: tuple[SourceResult, ...]
    embedded: int
    reused: int
    seconds: float


def ingest(
    workshop: Workshop,
    sources: Sequence[Source],
    options: Options | None = None,
    progress: Progress | None = None,
) -> IngestResult:
    """Bring the index up to date with some sources, in one new generation, and return what was done.

    Raises SourceUnreadable, UsageError (too many deletions), ModelMismatch or StorageFailed; the
    generation served before is then untouched.
    """
    options, report = options or Options(), progress or _silent
    started = time.monotonic()
    pairs = [(source, compare(workshop, source.snapshot(), options)) for source in sources]
    total = sum(len(changes.to_read) for _, (_, changes) in pairs)
    runs: list[SourceRun] = []
    done = 0
    for source, (snapshot, changes) in pairs:
        reader = make_reader(workshop, source, changes, options)
        readings: list[Reading] = []
        for batch in batches(changes.to_read, READ_BATCH):
            readings.extend(reader.read_all(batch))
            done += len(batch)
            report("read", done, total)
        runs.append(SourceRun(snapshot, changes, tuple(readings), source.location, source.url_prefix))
    texts = texts_of([reading for run in runs for reading in run.readings])
    for start in range(0, len(texts), EMBED_BATCH):
        workshop.cache.embed(workshop.embedder, texts[start : start + EMBED_BATCH])
        report("embed", min(start + EMBED_BATCH, len(texts)), len(texts))
    generation = build(workshop, runs, rebuild=options.rebuild, progress=report)
    return finish(workshop, runs, generation, time.monotonic() - started)


def compare(workshop: Workshop, snapshot: Snapshot, options: Options) -> tuple[Snapshot, Changes]:
    """Settle what an interrupted run left staged, then return what this run has to do for one source."""
    current = workshop.store.current()
    workshop.manifest.settle(current)
    rows = workshop.manifest.rows(snapshot.source) if current is not None else []
    corrections = workshop.manifest.corrections(snapshot.source)
    changes = diff(snapshot, rows, corrections, recipe=workshop.recipe, rebuild=options.rebuild)
    check_deletions(changes, max_share=options.max_deleted_share, confirmed=options.confirm_deletions)
    return snapshot, changes


def make_reader(workshop: Workshop, source: Source, changes: Changes, options: Options) -> Reader:
    """Return the reader for the documents of one source."""
    return Reader(
        source=source,
        changes=changes,
        recipe=workshop.recipe,
        count_tokens=workshop.embedder.count_tokens,
        max_bytes=options.max_document_bytes,
        kind=options.kind,
        rebuild=options.rebuild,
    )


def texts_of(readings: Sequence[Reading]) -> list[str]:
    """Return the texts to embed, longest first, so that a batch holds texts of like length."""
    texts = [passage.index_text for reading in readings for passage in reading.passages]
    return sorted(texts, key=len, reverse=True)


def build(
    workshop: Workshop, runs: Sequence[SourceRun], *, rebuild: bool = False, progress: Progress | None = None
) -> int | None:
    """Write the next generation, stage the manifest's changes and promote it; return the current generation.

    Where no document changed, only the manifest is written. A rebuild starts empty, so it must be given
    every source that the manifest knows: UsageError names the missing ones.
    """
    readings = [reading for run in runs for reading in run.readings]
    rows = [reading.row for reading in readings]
    removed = [row for run in runs for row in run.changes.removed]
    fresh = [reading for reading in readings if reading.document is not None]
    gone = [row for row in removed if row.passages]
    current = workshop.store.current()
    if not fresh and not gone:
        workshop.manifest.stage(current or 0, rows, removed)
        workshop.manifest.settle(current or 0)
        return current
    if rebuild:
        _check_complete(workshop, runs)
    writer = workshop.store.begin(fresh=rebuild)
    try:
        description = _write(workshop, writer, fresh, gone, progress or _silent)
    except BaseException:
        writer.abort()
        raise
    workshop.manifest.stage(description.generation, rows, removed)
    workshop.store.promote(description.generation)
    workshop.manifest.settle(description.generation)
    return description.generation


def finish(workshop: Workshop, runs: Sequence[SourceRun], generation: int | None, seconds: float) -> IngestResult:
    """Record the run and return its result; `seconds` is its wall time."""
    for run in runs:
        snapshot = run.snapshot
        workshop.manifest.record_sync(
            SyncRow(
                snapshot.source,
                run.location,
                run.url_prefix,
                now(),
                seconds,
                snapshot.complete,
                snapshot.problems,
            )
        )
    results = tuple(_result(run) for run in runs)
    return IngestResult(generation, results, workshop.cache.embedded, workshop.cache.reused, seconds)


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield runs of at most `size` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _write(
    workshop: Workshop,
    writer: IndexWriter,
    fresh: Sequence[Reading],
    gone: Sequence[ManifestRow],
    progress: Progress,
) -> IndexDescription:
    previous = writer.previous
    if previous is not None and previous.model != workshop.embedder.model:
        raise ModelMismatch(
            f"the index holds vectors of {previous.model!r}, the configured model is {workshop.embedder.model!r}; set "
            "GROUNDWATCH_EMBEDDING_MODEL back, or build everything again with: groundwatch ingest --rebuild"
        )
    average = previous.average_length if previous else mean_length(texts_of(fresh))
    encoder = LexicalEncoder(average)
    writer.delete_documents([row.document_id for row in (*gone, *(reading.row for reading in fresh))])
    for number, reading in enumerate(fresh, start=1):
        if reading.document is not None:
            writer.add(reading.document, _entries(workshop, encoder, reading))
        if number % READ_BATCH == 0 or number == len(fresh):
            progress("build", number, len(fresh))
    return writer.finish(model=workshop.embedder.model, average_length=average)


def _check_complete(workshop: Workshop, runs: Sequence[SourceRun]) -> None:
    given = {run.snapshot.source for run in runs}
    missing = sorted({row.source for row in workshop.manifest.rows()} - given)
    if missing:
        raise UsageError(
            f"a rebuild starts from nothing and would drop the sources {', '.join(map(repr, missing))}; run "
            "groundwatch ingest --rebuild without paths to read all known sources again"
        )


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


def _entries(workshop: Workshop, encoder: LexicalEncoder, reading: Reading) -> list[IndexEntry]:
    texts = [passage.index_text for passage in reading.passages]
    vectors = workshop.cache.vectors(workshop.embedder, texts)
    stem = PurePosixPath(reading.row.path).name.split(".")[0]
    return [
        IndexEntry(
            passage,
            vector,
            encoder.passage(text),
            passage_identifiers(reading.row.title, stem, passage.heading_path, passage.identifiers),
        )
        for passage, text, vector in zip(reading.passages, texts, vectors, strict=True)
    ]


def _silent(stage: str, done: int, total: int) -> None:
    """Report to nobody."""
