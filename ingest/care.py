"""Look after the knowledge base by hand: restore, delete, roll back, back up, verify."""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from ingest.building import Publication, Workshop, publish
from ingest.errors import KnowledgeMissing, StorageFailed, UsageError
from ingest.knowledge.adapter_store import AdapterStore
from ingest.knowledge.documents import Document
from ingest.knowledge.index import IndexReader
from ingest.knowledge.manifest import DocumentState, ManifestRow
from ingest.knowledge.manifest_archive import HELD_NOTE, now
from ingest.knowledge.payloads import stored_document
from ingest.knowledge.run_log import CheckResult
from ingest.pipeline import clean_up
from ingest.reading import cut_stored

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the knowledge base: where it is, which generation it holds, and its size in bytes."""

    directory: Path
    generation: int
    size: int


def find_document(workshop: Workshop, wanted: str) -> ManifestRow:
    """Return the row of a document by its id, by `source/path`, or by a path that only one source holds.

    Raises UsageError that names near matches.
    """
    rows = workshop.manifest.rows(tombstones=True)
    exact = [row for row in rows if wanted in (row.document_id, f"{row.source}/{row.path}")]
    found = exact or [row for row in rows if row.path == wanted]
    if len(found) == 1:
        return found[0]
    names = [f"{row.source}/{row.path}" for row in (found or rows)]
    if found:
        raise UsageError(f"{wanted!r} is in several sources; say which: {', '.join(names[:_SHOWN])}")
    near = get_close_matches(wanted, names, n=_SHOWN, cutoff=0.5)
    hint = f"did you mean {', '.join(map(repr, near))}?" if near else "list them with: groundwatch knowledge list"
    raise UsageError(f"no document is called {wanted!r}; {hint}")


def restore(workshop: Workshop, wanted: str) -> ManifestRow:
    """Bring a removed document back into search, where it stays although its source does not list it.

    Where a person deleted it so long ago that its content is not kept any more, it is only discovered then, and
    read again by the next run. Raises UsageError where the document was not removed, or nothing of it is kept.
    """
    with workshop.manifest.exclusive():
        clean_up(workshop)
        row = find_document(workshop, wanted)
        if row.state is not DocumentState.TOMBSTONED:
            raise UsageError(f"document {wanted!r} was not removed: its state is {row.state.value!r}")
        body = workshop.manifest.archive.body(row.document_id)
        if body is None and row.held:
            publish(workshop, Publication(erased=[row]))
            return replace(row, state=DocumentState.DISCOVERED, held=False, reason="")
        if body is None:
            raise UsageError(
                f"the content of {wanted!r} is not kept any more; put it back at its source and run: groundwatch sync"
            )
        back = replace(row, state=DocumentState.INDEXED, held=True, reason="", seen_at=now())
        reading = cut_stored(back, stored_document(zlib.decompress(body).decode()), workshop.embedder)
        publish(workshop, Publication([reading]))
    return reading.row


def delete(workshop: Workshop, wanted: str) -> ManifestRow:
    """Take a document out of search, in whatever state it is, and keep it out although its source lists it."""
    with workshop.manifest.exclusive():
        clean_up(workshop)
        row = find_document(workshop, wanted)
        if row.state is DocumentState.TOMBSTONED and row.held:
            raise UsageError(
                f"document {wanted!r} was deleted before; bring it back with: groundwatch knowledge restore"
            )
        publish(workshop, Publication(taken_out=[row]))
    return workshop.manifest.row(row.document_id) or row


def forget_source(workshop: Workshop, name: str) -> int:
    """Take all documents of a source out of search, with tombstones, and forget the source; return their count.

    Raises UsageError where no source has that name.
    """
    with workshop.manifest.exclusive():
        clean_up(workshop)
        rows = workshop.manifest.rows(name)
        known = sorted({sync.source for sync in workshop.manifest.syncs()} | {row.source for row in rows})
        if name not in known:
            raise UsageError(f"no source is called {name!r}; there are: {', '.join(map(repr, known)) or 'none'}")
        publish(workshop, Publication(removed=rows))
        workshop.manifest.forget_sync(name)
    return len(rows)


def rollback(workshop: Workshop, to: int | None = None) -> int:
    """Serve an earlier generation again, `to` or the one before; return its number.

    Runs are then held until somebody releases them, since they would build what was rolled back. Raises
    UsageError where there is no such generation to go back to.
    """
    with workshop.manifest.exclusive():
        clean_up(workshop)
        current = workshop.store.current()
        if current is None:
            raise KnowledgeMissing("nothing was ingested yet, so there is nothing to roll back")
        target = _target(workshop, current, to)
        workshop.manifest.stage_rollback(target)
        workshop.store.promote(target)
        workshop.manifest.settle(target)
        archive = workshop.manifest.archive
        archive.mark_rolled_back(target)
        archive.note(HELD_NOTE, f"generation {current} was rolled back to {target} at {now()}")
    return target


def release(workshop: Workshop) -> bool:
    """Let runs promote again after a rollback; return whether they were held."""
    held = workshop.manifest.archive.noted(HELD_NOTE) is not None
    workshop.manifest.archive.note(HELD_NOTE, None)
    return held


def backup(workshop: Workshop, target: Path) -> Backup:
    """Copy what is served, the manifest and the adapters of questions into an empty folder, to use as data directory.

    Raises UsageError where the folder holds something, StorageFailed where it cannot be written.
    """
    if target.exists() and any(target.iterdir()):
        raise UsageError(f"the folder {str(target)!r} is not empty; name one that is, or a new one")
    knowledge = target / "knowledge"
    with workshop.manifest.exclusive():
        clean_up(workshop)
        generation = workshop.store.copy_current(knowledge)
        try:
            with closing(sqlite3.connect(knowledge / workshop.manifest.file.name)) as copy:
                workshop.manifest.connection.backup(copy)
        except sqlite3.Error as error:
            raise StorageFailed(
                f"the manifest cannot be copied to {str(knowledge)!r}: {error}; free space there"
            ) from error
        AdapterStore(workshop.manifest.file.parent / "adapters").copy_to(knowledge / "adapters")
    size = sum(path.stat().st_blocks * 512 for path in target.rglob("*") if path.is_file())
    return Backup(target, generation, size)


def verify(workshop: Workshop) -> tuple[CheckResult, ...]:
    """Compare the manifest with the generation being served, document by document and passage by passage.

    It works on a copy, so that a running API is not in the way. Raises KnowledgeMissing before the first run.
    """
    with workshop.manifest.exclusive():
        clean_up(workshop)
        rows = {row.document_id: row for row in workshop.manifest.rows(tombstones=True)}
        with workshop.store.open_apart() as reader:
            return tuple(_findings(workshop, rows, reader))


def _target(workshop: Workshop, current: int, to: int | None) -> int:
    held = set(workshop.store.generations())
    earlier = [
        one.generation
        for one in workshop.manifest.archive.promotions()
        if one.generation < current and one.generation in held and not one.rolled_back_at
    ]
    if not earlier:
        raise UsageError(f"generation {current} is the oldest that is kept: there is none to go back to")
    target = earlier[-1] if to is None else to
    if target not in earlier:
        raise UsageError(f"generation {to!r} cannot be gone back to; there are: {', '.join(map(str, earlier))}")
    return target


def _findings(workshop: Workshop, rows: dict[str, ManifestRow], reader: IndexReader) -> Iterator[CheckResult]:
    yield _integrity(workshop)
    served = {facts.id for facts in reader.documents()}
    counted = {key for key, row in rows.items() if row.passages}
    yield _result(
        "every indexed document is served", sorted(_name(rows[key]) for key in counted - served), len(counted)
    )
    yield _result("every served document is known", sorted(_known(rows, key) for key in served - counted), len(served))
    wrong: list[str] = []
    passages = 0
    for document_id in sorted(served):
        stored = reader.passages_of(document_id)
        passages += len(stored)
        document = reader.document(document_id)
        texts = [(one.passage.span.start, one.passage.span.end, one.passage.text) for one in stored]
        if not _whole(document, texts) or (document_id in rows and rows[document_id].passages != len(stored)):
            wrong.append(_known(rows, document_id))
    yield _result("every passage is a slice of its document", wrong, len(served))
    described = reader.describe()
    stray = [] if described.passages == passages else [f"{described.passages - passages} passages of no document"]
    yield _result("no passage is left over", stray, passages)
    leaders = [leader for leader in reader.duplicates().values() if leader not in served]
    yield _result("every leader of near-duplicates is served", leaders, len(reader.duplicates()))


def _integrity(workshop: Workshop) -> CheckResult:
    with workshop.manifest.guarded():
        (answer,) = workshop.manifest.connection.execute("PRAGMA integrity_check").fetchone()
    return CheckResult("the manifest is whole", answer == "ok", str(answer))


def _whole(document: Document | None, texts: Sequence[tuple[int, int, str]]) -> bool:
    return document is not None and all(document.text[start:end] == text for start, end, text in texts)


def _result(name: str, wrong: Sequence[str], total: int) -> CheckResult:
    if not wrong:
        return CheckResult(name, True, f"{total} checked")
    shown = ", ".join(wrong[:_SHOWN]) + (f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else "")
    return CheckResult(name, False, f"{len(wrong)} of {total} are wrong: {shown}")


def _name(row: ManifestRow) -> str:
    return f"{row.source}/{row.path}"


def _known(rows: dict[str, ManifestRow], document_id: str) -> str:
    return _name(rows[document_id]) if document_id in rows else document_id
