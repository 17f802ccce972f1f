"""From sources to a promoted generation: discover, diff, read, embed, build, check, promote, as plain functions.

`ingest` holds the order of the steps; `flows` hands in the same steps wrapped as tasks.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ingest.building import Progress, Publication, Workshop, publish, silent, texts_of
from ingest.changes import Changes, check_deletions, diff
from ingest.errors import SourceUnreadable, UsageError
from ingest.knowledge.manifest import Correction, DocumentState, ManifestRow, SyncRow
from ingest.knowledge.manifest_archive import HELD_NOTE, Promotion, now
from ingest.knowledge.run_log import ChangeKind, CheckResult, DocumentChange
from ingest.model_change import change_model, check_not_former, other_model
from ingest.promotion import results_of
from ingest.reading import Reader, Reading
from ingest.redaction.redactor import redact_message
from ingest.run_reports import LoggedRun, StageClock
from ingest.runs import IngestResult, Options, SourceResult, SourceRun, Steps, batches
from ingest.sources.source import Snapshot, Source, SourceEntry

READ_BATCH = 64


def ingest(
    workshop: Workshop,
    sources: Sequence[Source],
    options: Options | None = None,
    progress: Progress | None = None,
    steps: Steps | None = None,
) -> IngestResult:
    """Bring the index up to date with some sources, in one new generation, and return what was done.

    One source that cannot be listed is a problem of that source's result; SourceUnreadable is raised where
    all of them are. Raises UsageError (too many deletions, held after a rollback), KnowledgeLocked (another
    ingest is at work), ModelMismatch, PromotionRefused, SyncCancelled or StorageFailed; the generation
    served before is then untouched.
    """
    chosen = options or Options()
    workshop = replace(workshop, gate=chosen.gate)
    with workshop.manifest.exclusive():
        clean_up(workshop)
        run = LoggedRun(workshop, [source.name for source in sources], progress or silent)
        try:
            result = _ingest(workshop, sources, chosen, run.report, steps or plain_steps())
        except BaseException as error:
            run.failed(error)
            raise
        run.succeeded(result)
        return result


def plan(workshop: Workshop, sources: Sequence[Source], options: Options | None = None) -> tuple[Changes, ...]:
    """Return what `ingest` would do to each source, and do nothing; raises as `ingest` does before it reads."""
    chosen = options or Options()
    snapshots = _discover(sources, plain_steps())
    return tuple(
        _compare(workshop, source, snapshot, chosen) for source, snapshot in zip(sources, snapshots, strict=True)
    )


def plain_steps() -> Steps:
    """Return the steps as they are, to run in a row in this process."""

    def embed(workshop: Workshop, batches: Sequence[Sequence[str]]) -> Iterator[int]:
        for batch in batches:
            workshop.cache.embed(workshop.embedder, batch)
            yield len(batch)

    return Steps(
        discover=lambda source: source.snapshot(),
        read=lambda reader, batches: (reader.read_all(batch) for batch in batches),
        embed=embed,
        build=lambda workshop, runs, rebuild, progress: build(workshop, runs, rebuild=rebuild, progress=progress),
    )


def build(
    workshop: Workshop, runs: Sequence[SourceRun], *, rebuild: bool = False, progress: Progress | None = None
) -> int | None:
    """Publish what was read of the sources; see `ingest.building.publish` for what it returns and raises."""
    vanished = [row for run in runs for row in run.vanished]
    publication = Publication(
        readings=[reading for run in runs for reading in run.readings],
        removed=[*(row for run in runs for row in run.changes.removed), *(row for row in vanished if row.passages)],
        erased=[row for row in vanished if not row.passages],
        order=[run.snapshot.source for run in runs],
    )
    return publish(workshop, publication, rebuild=rebuild, progress=progress)


def clean_up(workshop: Workshop) -> None:
    """Settle what a killed run left: staged rows of the current generation, and generations never served."""
    current = workshop.store.current()
    workshop.manifest.settle(current)
    archive = workshop.manifest.archive
    served = {promotion.generation for promotion in archive.promotions()}
    if current is not None and current not in served:
        rows = [row for row in workshop.manifest.rows() if row.passages]
        archive.record_promotion(Promotion(current, now(), len(rows), sum(row.passages for row in rows), "[]"))
    for generation in workshop.store.generations():
        if generation > (current or 0) and generation not in served:
            workshop.store.discard(generation)


def check_released(workshop: Workshop, *, release: bool) -> None:
    """Raise UsageError after a rollback; where a person says `release`, runs may promote again from then on."""
    held = workshop.manifest.archive.noted(HELD_NOTE)
    if held and not release:
        raise UsageError(
            f"{held}; a run would serve what was rolled back. When its cause is mended, run: groundwatch sync --release"
        )
    if held:
        workshop.manifest.archive.note(HELD_NOTE, None)


def latest_checks(workshop: Workshop) -> tuple[CheckResult, ...]:
    """Return the checks of the generation that was promoted last."""
    promotions = workshop.manifest.archive.promotions()
    return results_of(promotions[-1].checks) if promotions else ()


def _ingest(
    workshop: Workshop, sources: Sequence[Source], options: Options, report: Progress, steps: Steps
) -> IngestResult:
    started, clock = time.monotonic(), StageClock()
    check_released(workshop, release=options.release)
    served, before = workshop.store.current(), workshop.cache.embedded
    passages = _suit_the_model(workshop, options, report, steps, clock)
    snapshots = _discover(sources, steps)
    if options.rebuild and served is not None:
        _check_complete(workshop.manifest.rows(), snapshots)
    changes = [_compare(workshop, source, shot, options) for source, shot in zip(sources, snapshots, strict=True)]
    clock.ends("discover")
    runs = _read(workshop, sources, snapshots, changes, options, report, steps)
    clock.ends("read")
    texts = texts_of([reading for run in runs for reading in run.readings])
    steps.embed_all(workshop, texts, report)
    clock.ends("embed")
    generation = steps.build(workshop, runs, options.rebuild, report)
    clock.ends("build")
    seconds = time.monotonic() - started
    _record(workshop, runs, options, seconds)
    embedded = workshop.cache.embedded - before
    return IngestResult(
        generation=generation,
        sources=tuple(_result(run) for run in runs),
        embedded=embedded,
        reused=max(0, passages + len(texts) - embedded),
        seconds=seconds,
        stages=tuple(clock.stages),
        checks=() if generation == served else latest_checks(workshop),
        changes=tuple(change for run in runs for change in _diff_of(run)),
    )


def _suit_the_model(workshop: Workshop, options: Options, report: Progress, steps: Steps, clock: StageClock) -> int:
    """Embed what is stored again where another model is configured; return how many passages that were."""
    built_with = None if options.rebuild else other_model(workshop)
    if built_with is None:
        return 0
    check_not_former(workshop, built_with)
    passages = change_model(workshop, built_with, steps, report)
    clock.ends("re-embed")
    return passages


def _discover(sources: Sequence[Source], steps: Steps) -> list[Snapshot]:
    """List every source; one that cannot be listed counts as partial, so that nothing of it is removed."""
    snapshots: list[Snapshot] = []
    refusals: list[SourceUnreadable] = []
    for source in sources:
        try:
            shot = steps.discover(source)
            snapshots.append(replace(shot, problems=tuple(map(redact_message, shot.problems))))
        except SourceUnreadable as error:
            refusals.append(error)
            snapshots.append(Snapshot(source.name, (), complete=False, problems=(redact_message(str(error)),)))
    if refusals and len(refusals) == len(sources):
        raise refusals[0]
    return snapshots


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
    served = workshop.store.current() is not None
    rows = workshop.manifest.rows(source.name, tombstones=True) if served else []
    corrections = workshop.manifest.corrections(source.name)
    reader = _reader(workshop, source, {}, corrections, options)
    changes = diff(
        snapshot,
        rows,
        corrections,
        recipe_of=reader.recipe_of,
        rebuild=options.rebuild,
        retry_failed=options.retry_failed,
    )
    share = options.notes_of(source.name).max_deleted_share
    share = options.max_deleted_share if share is None else share
    check_deletions(changes, max_share=share, confirmed=options.confirm_deletions)
    return changes


def _reader(
    workshop: Workshop,
    source: Source,
    previous: Mapping[str, tuple[ManifestRow, ...]],
    corrections: Mapping[str, Correction],
    options: Options,
) -> Reader:
    return Reader(
        source=source,
        previous=previous,
        corrections=corrections,
        count_tokens=workshop.embedder.count_tokens,
        model=workshop.embedder.model,
        max_bytes=options.max_document_bytes,
        kind=options.kind_of(source.name),
        terms=options.notes_of(source.name).terms,
        redactor=options.redactor,
        seconds=options.read_seconds,
        rebuild=options.rebuild,
    )


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
    log = workshop.manifest.runs
    runs: list[SourceRun] = []
    for source, snapshot, change in zip(sources, snapshots, changes, strict=True):
        reader = _reader(workshop, source, change.previous, change.corrections, options)
        # What only some may know of is not listed before its row says so.
        open_ = [entry for entry in change.to_read if not reader.access_of(entry)]
        log.under_way((source.name, entry.path, DocumentState.DISCOVERED.value) for entry in open_)
        readings = _cut_again(workshop, reader, change, options)
        for batch in steps.read(reader, list(batches(change.to_read, READ_BATCH))):
            readings.extend(one for one in batch if one.row.path not in change.deleted)
            log.under_way((one.row.source, one.row.path, _in_hand(one)) for one in batch if not one.row.access)
            done += len({one.row.file for one in batch})
            report("read", done, total)
        runs.append(SourceRun(snapshot, change, tuple(readings), _shown(source.location), source.url_prefix))
    return runs


def _shown(location: str) -> str:
    """Return a location without credentials; only an address can hold some."""
    return redact_message(location) if "://" in location else location


def _in_hand(reading: Reading) -> str:
    return (DocumentState.PARSED if reading.document is not None else reading.row.state).value


def _cut_again(workshop: Workshop, reader: Reader, changes: Changes, options: Options) -> list[Reading]:
    """Split the stored documents of files whose text is as it was; on a rebuild, of those that a person restored."""
    again = [(entry, row) for entry in changes.to_cut for row in changes.previous[entry.path]]
    if options.rebuild:
        listed = {entry.path for entry in changes.to_read}
        held = [row for known in changes.previous.values() for row in known if row.held and row.file not in listed]
        again += [(SourceEntry(row.file, row.fingerprint, row.size), row) for row in held]
    if not again:
        return []
    with closing(workshop.store.open_documents()) as stored:
        found = [(entry, row, stored.document(row.document_id)) for entry, row in again]
    return [reader.cut(entry, row, document) for entry, row, document in found if document is not None]


def _record(workshop: Workshop, runs: Sequence[SourceRun], options: Options, seconds: float) -> None:
    for run in runs:
        shot, notes = run.snapshot, options.notes_of(run.snapshot.source)
        sync = SyncRow(
            source=shot.source,
            location=run.location,
            url_prefix=run.url_prefix,
            finished_at=now(),
            seconds=seconds,
            complete=shot.complete,
            problems=shot.problems,
            type=notes.type,
            declared=notes.declared,
            revision=shot.revision,
        )
        workshop.manifest.record_sync(sync, options.terms.get(shot.source))
    oldest = datetime.now(UTC) - timedelta(days=options.tombstone_days)
    workshop.manifest.archive.prune_tombstones(oldest.isoformat(timespec="seconds"))


def _result(run: SourceRun) -> SourceResult:
    failed = tuple(r.row for r in run.readings if r.row.state is DocumentState.FAILED)
    ignored = [r for r in run.readings if r.row.state is DocumentState.IGNORED]
    indexed = [reading for reading in run.readings if reading.document is not None]
    as_before = [row for row in run.changes.unchanged if row.state is DocumentState.INDEXED]
    still = tuple(row for row in run.changes.unchanged if row.state is DocumentState.FAILED)
    left_out = len(ignored) + sum(row.state is DocumentState.IGNORED for row in run.changes.unchanged)
    return SourceResult(
        source=run.snapshot.source,
        indexed=len(indexed),
        unchanged=len(as_before) + len(run.readings) - len(indexed) - len(failed) - len(ignored),
        removed=sum(row.state is not DocumentState.IGNORED for row in (*run.changes.removed, *run.vanished)),
        failed=failed + still,
        passages=sum(len(reading.passages) for reading in indexed),
        problems=run.snapshot.problems,
        ignored=left_out,
    )


def _diff_of(run: SourceRun) -> Iterator[DocumentChange]:
    source = run.snapshot.source
    known = {row.path for rows in run.changes.previous.values() for row in rows if row.passages}
    for reading in run.readings:
        row = reading.row
        if row.state is DocumentState.FAILED:
            yield DocumentChange(source, row.path, ChangeKind.FAILED, row.reason, row.access)
        elif reading.document is not None:
            change = ChangeKind.CHANGED if row.path in known else ChangeKind.ADDED
            yield DocumentChange(source, row.path, change, access=row.access)
    for row in (*run.changes.removed, *run.vanished):
        if row.passages:
            yield DocumentChange(source, row.path, ChangeKind.REMOVED, access=row.access)
