"""The documents and sources as a reader sees them: what ingest knows of each, merged with what is served."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from api.errors import NotFound
from api.schemas.corrections import CorrectionStored, DocumentCorrection
from api.schemas.knowledge import (
    DocumentDetail,
    DocumentPage,
    DocumentSummary,
    KnowledgeStatus,
    PassageSpan,
    SectionSpan,
    SourceStatus,
)
from api.serving import ServedKnowledge, Serving
from api.structure_pages import document_structure
from ingest.errors import KnowledgeMissing, UsageError
from ingest.knowledge.documents import Document, DocumentFacts, DocumentKind, document_id
from ingest.knowledge.manifest import Correction, DocumentState, Manifest, ManifestRow, SyncRow
from ingest.knowledge.passages import StoredPassage

_STATES = tuple(state.value for state in DocumentState)
_KINDS = tuple(kind.value for kind in DocumentKind)
_EFFECT = "stored; it takes effect at the next ingest of source {source!r}: groundwatch ingest"


class Library:
    """Documents and sources. `place` is where the index is: a folder, or the URL of a server."""

    def __init__(self, knowledge: ServedKnowledge, manifest: Path, place: str) -> None:
        self._knowledge, self._manifest_file, self._place = knowledge, manifest, place

    def status(self) -> KnowledgeStatus:
        """Return what is being served; before the first ingest too."""
        rows, syncs = self._rows(), self._syncs()
        try:
            with self._knowledge.reading() as serving:
                described, facts = serving.description, serving.reader.documents()
        except KnowledgeMissing:
            described, facts = None, []
        return KnowledgeStatus(
            generation=described.generation if described else None,
            model=described.model if described else None,
            built_at=described.built_at if described else None,
            documents=described.documents if described else 0,
            passages=described.passages if described else 0,
            failed=sum(row.state is DocumentState.FAILED for row in rows),
            store=self._place,
            kinds=dict(sorted(Counter(one.kind.value for one in facts).items())),
            statuses=dict(sorted(Counter(one.status.value for one in facts).items())),
            sources=_sources(rows, syncs, facts, self._schedules()),
        )

    def documents(
        self, *, source: str | None, state: str | None, kind: str | None, query: str, offset: int, limit: int
    ) -> DocumentPage:
        """Return documents whose title or path holds `query`, ordered by source and path; failed ones too."""
        _require_one_of("state", state, _STATES)
        _require_one_of("kind", kind, _KINDS)
        wanted = query.casefold()
        found = [
            one
            for one in self._summaries()
            if (source is None or one.source == source)
            and (state is None or one.state == state)
            and (kind is None or one.kind == kind)
            and (not wanted or wanted in f"{one.title}\n{one.source}/{one.path}".casefold())
        ]
        return DocumentPage(documents=found[offset : offset + limit], total=len(found), offset=offset, limit=limit)

    def document(self, document_id: str) -> DocumentDetail:
        """Return one document with its text; raises NotFound, with the reason where it could not be read."""
        row = self._known_row(document_id)
        try:
            with self._knowledge.reading() as serving:
                return _detail(serving, document_id, row)
        except KnowledgeMissing:
            if row is None:
                raise
            raise _not_found(document_id, row) from None

    def correct(self, document_id: str, correction: DocumentCorrection) -> CorrectionStored:
        """Keep a correction until the next ingest applies it; what it leaves out stays as corrected before."""
        found = next((one for one in self._summaries() if one.id == document_id), None)
        if found is None:
            raise _not_found(document_id, None)
        with self._manifest() as manifest:
            before = manifest.corrections(found.source).get(found.path) or Correction(found.source, found.path)
            kind = correction.kind.value if correction.kind else before.kind
            services = before.services if correction.services is None else tuple(correction.services)
            manifest.correct(Correction(found.source, found.path, kind, services))
        return CorrectionStored(
            document_id=document_id,
            source=found.source,
            path=found.path,
            kind=DocumentKind(kind) if kind else None,
            services=None if services is None else list(services),
            effect=_EFFECT.format(source=found.source),
        )

    def known_rows(self) -> list[ManifestRow]:
        """Return what ingest knows of every document that may be shown."""
        hidden = self.hidden()
        return [row for row in self._rows() if row.document_id not in hidden]

    def _known_row(self, document_id: str) -> ManifestRow | None:
        """Return what ingest knows of a document, unless it must not be shown."""
        if not self._manifest_file.exists():
            return None
        with self._manifest() as manifest:
            row = manifest.row(document_id)
        return None if row is None or (row.access and not self._knowledge.labels & set(row.access)) else row

    def hidden(self) -> frozenset[str]:
        """Return the ids of documents that must not be shown: served, failed and removed ones."""
        labels = self._knowledge.labels
        rows = frozenset(row.document_id for row in self._rows() if row.access and not labels & set(row.access))
        try:
            with self._knowledge.reading() as serving:
                return serving.hidden | rows
        except KnowledgeMissing:
            return rows

    def listed_names(self) -> frozenset[str]:
        """Return every name of the documents that ingest listed and that may be shown, failed ones included."""
        return frozenset(
            name for row in self.known_rows() for name in (row.document_id, row.path, f"{row.source}/{row.path}")
        )

    def _summaries(self) -> list[DocumentSummary]:
        try:
            with self._knowledge.reading() as serving:
                facts = {one.id: one for one in serving.reader.documents()}
                leaders = serving.reader.duplicates()
        except KnowledgeMissing:
            facts, leaders = {}, {}
        rows, hidden = {row.document_id: row for row in self._rows()}, self.hidden()
        found = [
            _summary(facts.get(key), rows.get(key), leader=leaders.get(key))
            for key in {**rows, **facts}
            if key not in hidden
        ]
        return sorted([*found, *self._in_hand({*rows, *facts})], key=lambda one: (one.source, one.path))

    def _in_hand(self, known: Collection[str]) -> list[DocumentSummary]:
        """Return the documents that a run has in hand and that were never read before."""
        if not self._manifest_file.exists():
            return []
        with self._manifest() as manifest:
            found = manifest.runs.in_hand()
        return [
            DocumentSummary(id=key, source=source, path=path, title=path, state=DocumentState(state), kind=None)
            for (source, path), state in found.items()
            if (key := document_id(source, path)) not in known
        ]

    def _rows(self) -> list[ManifestRow]:
        if not self._manifest_file.exists():
            return []
        with self._manifest() as manifest:
            return manifest.rows(tombstones=True)

    def _syncs(self) -> list[SyncRow]:
        if not self._manifest_file.exists():
            return []
        with self._manifest() as manifest:
            return manifest.syncs()

    def _schedules(self) -> Mapping[str, Mapping[str, str]]:
        """Return the schedule and next run of sources, as the process that keeps the time noted them."""
        if not self._manifest_file.exists():
            return {}
        with self._manifest() as manifest:
            noted = json.loads(manifest.archive.noted("schedules") or "{}")
        return noted if isinstance(noted, dict) else {}

    @contextmanager
    def _manifest(self) -> Iterator[Manifest]:
        """Open the manifest for one use: an ingest may replace it, and threads share no connection."""
        manifest = Manifest(self._manifest_file)
        try:
            yield manifest
        finally:
            manifest.close()


def _summary(
    facts: DocumentFacts | None, row: ManifestRow | None, passages: int = 0, leader: str | None = None
) -> DocumentSummary:
    """Merge what is served with what ingest knows; at least one of them is there."""
    known: dict[str, object] = {"state": "indexed", "passages": passages, "duplicate_of": leader}
    if row is not None:
        known |= {
            "id": row.document_id,
            "source": row.source,
            "path": row.path,
            "title": row.title,
            "state": row.state.value,
            "kind": row.kind or None,
            "kind_reason": row.kind_reason,
            "revision": row.revision,
            "passages": row.passages,
            "size": row.size,
            "reason": row.reason,
            "attempts": row.attempts,
            "warnings": list(row.warnings),
            "format": row.format,
            "reached": row.reached,
            "transient": row.transient,
            "secrets": row.secrets,
            "hostile": row.hostile,
        }
    if facts is not None:
        known |= {
            "id": facts.id,
            "source": facts.source,
            "path": facts.path,
            "title": facts.title,
            "kind": facts.kind,
            "status": facts.status,
            "services": list(facts.services),
            "owners": list(facts.owners),
            "revision": facts.revision,
            "updated_at": facts.updated_at,
            "url": facts.url,
            "superseded_by": facts.superseded_by,
            "review_by": facts.review_by,
            "labels": list(facts.labels),
            "warnings": list(facts.warnings),
        }
    return DocumentSummary.model_validate(known)


def _detail(serving: Serving, document_id: str, row: ManifestRow | None) -> DocumentDetail:
    document = serving.reader.document(document_id)
    if document is None:
        raise _not_found(document_id, row)
    passages = serving.reader.passages_of(document_id)
    return DocumentDetail(
        document=_summary(document.facts, row, len(passages), serving.reader.duplicates().get(document_id)),
        text=document.text,
        sections=_section_spans(document),
        passages=[_passage_span(stored) for stored in passages],
        structure=document_structure(document.extract),
    )


def _section_spans(document: Document) -> list[SectionSpan]:
    return [
        SectionSpan(
            heading_path=list(section.heading_path),
            char_start=section.span.start,
            char_end=section.span.end,
            line_start=section.span.line_start,
            line_end=section.span.line_end,
            page=section.page,
        )
        for section in document.sections
    ]


def _passage_span(stored: StoredPassage) -> PassageSpan:
    passage = stored.passage
    return PassageSpan(
        passage_id=passage.id,
        heading_path=list(passage.heading_path),
        char_start=passage.span.start,
        char_end=passage.span.end,
        line_start=passage.span.line_start,
        line_end=passage.span.line_end,
        flags=list(passage.flags),
    )


def _sources(
    rows: Sequence[ManifestRow],
    syncs: Sequence[SyncRow],
    facts: Sequence[DocumentFacts],
    schedules: Mapping[str, Mapping[str, str]],
) -> list[SourceStatus]:
    runs = {sync.source: sync for sync in syncs}
    names = {*runs, *(row.source for row in rows), *(one.source for one in facts)}
    return [
        _source(name, runs.get(name), [row for row in rows if row.source == name], facts, schedules.get(name, {}))
        for name in sorted(names)
    ]


def _source(
    name: str,
    run: SyncRow | None,
    rows: Sequence[ManifestRow],
    facts: Sequence[DocumentFacts],
    schedule: Mapping[str, str],
) -> SourceStatus:
    return SourceStatus(
        source=name,
        location=run.location if run else "",
        indexed=sum(one.source == name for one in facts),
        failed=sum(row.state is DocumentState.FAILED for row in rows),
        passages=sum(row.passages for row in rows),
        last_run=datetime.fromisoformat(run.finished_at) if run else None,
        seconds=run.seconds if run else None,
        complete=run.complete if run else False,
        problems=list(run.problems) if run else [],
        type=run.type if run else "folder",
        declared=run.declared if run else False,
        revision=run.revision if run else "",
        ignored=sum(row.state is DocumentState.IGNORED for row in rows),
        tombstoned=sum(row.state is DocumentState.TOMBSTONED for row in rows),
        schedule=schedule.get("schedule", ""),
        next_run=datetime.fromisoformat(schedule["next_run"]) if schedule.get("next_run") else None,
    )


def _require_one_of(name: str, value: str | None, known: Sequence[str]) -> None:
    if value is not None and value not in known:
        raise UsageError(f"unknown {name} {value!r}; known: {', '.join(map(repr, known))}")


def _not_found(document_id: str, row: ManifestRow | None) -> NotFound:
    if row is not None and row.reason:
        return NotFound(f"document {document_id!r} ({row.path!r}) could not be read: {row.reason}")
    return NotFound(f"no document has the id {document_id!r}; list them with GET /v1/documents")
