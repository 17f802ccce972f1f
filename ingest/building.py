"""Write one index generation, try it, and promote it together with what the manifest knows."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ingest.errors import ANOTHER_MODEL, KnowledgeError, ModelMismatch, PromotionRefused
from ingest.knowledge.documents import DocumentFacts
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import IndexDescription, IndexEntry, IndexStore, IndexWriter, Vector
from ingest.knowledge.lexical import LexicalEncoder, mean_length, passage_identifiers
from ingest.knowledge.manifest import Manifest, ManifestRow
from ingest.knowledge.manifest_archive import Promotion, now
from ingest.knowledge.payloads import document_text
from ingest.knowledge.run_log import CheckResult
from ingest.near_duplicates import Candidate, leaders_after
from ingest.promotion import Expected, Gate, check_generation, results_of, results_text
from ingest.reading import Reading

_STEP = 64  # documents between two reports

Progress = Callable[[str, int, int], None]
"""Called with a stage ("read", "embed", "build", "check"), how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What an ingest works with."""

    store: IndexStore
    manifest: Manifest
    cache: EmbeddingCache
    embedder: Embedder
    gate: Gate = field(default_factory=Gate)

    def close(self) -> None:
        """Close the files."""
        self.manifest.close()
        self.cache.close()


@dataclass(frozen=True, slots=True)
class Publication:
    """What is to change: readings to store, and rows of documents to take out.

    `removed` leave a tombstone where they were indexed, `taken_out` one that no run brings back, `erased`
    nothing. `order` ranks sources, so that the one named first leads among near-duplicates. `same_documents`
    tells that the readings bring what is served already, so that near-duplicates stay as they are.
    """

    readings: Sequence[Reading] = ()
    removed: Sequence[ManifestRow] = ()
    erased: Sequence[ManifestRow] = ()
    taken_out: Sequence[ManifestRow] = ()
    order: Sequence[str] = ()
    same_documents: bool = False

    @property
    def fresh(self) -> list[Reading]:
        """The readings that bring a document."""
        return [reading for reading in self.readings if reading.document is not None]

    @property
    def gone(self) -> list[ManifestRow]:
        """The rows of indexed documents that are taken out."""
        return [row for row in (*self.removed, *self.erased, *self.taken_out) if row.passages]


def publish(
    workshop: Workshop, publication: Publication, *, rebuild: bool = False, progress: Progress | None = None
) -> int | None:
    """Write the next generation, try it, stage the manifest's changes and promote; return the current generation.

    Where no document changes, only the manifest is written. A rebuild starts empty, so where nothing could
    be read it raises KnowledgeError. Raises PromotionRefused where a check fails. Whatever is raised,
    everything is as it was.
    """
    manifest, store = workshop.manifest, workshop.store
    fresh, gone = publication.fresh, publication.gone
    current = store.current()
    if rebuild and not fresh and current is not None and not publication.same_documents:
        raise KnowledgeError(_nothing_read([reading.row for reading in publication.readings]))
    if not fresh and not gone and not publication.same_documents:
        _stage(manifest, current or 0, publication)
        manifest.settle(current or 0)
        return current
    _keep_bodies(workshop, [row for row in (*publication.removed, *publication.taken_out) if row.passages])
    description = _written(workshop, publication, rebuild=rebuild, progress=progress or silent)
    results = _tried(workshop, publication, description, progress or silent, rebuild=rebuild)
    generation = description.generation
    signatures = {one.row.document_id: (one.row.revision, one.signature) for one in fresh}
    manifest.archive.keep_signatures(signatures)
    _stage(manifest, generation, publication)
    store.promote(generation)
    manifest.settle(generation)
    _remember(workshop, publication, description, results)
    return generation


def texts_of(readings: Sequence[Reading]) -> list[str]:
    """Return the texts to embed, longest first, so that a batch holds texts of like length."""
    texts = [passage.index_text for reading in readings for passage in reading.passages]
    return sorted(texts, key=len, reverse=True)


def model_mismatch(built_with: str, configured: str) -> ModelMismatch:
    """Return the error that says which model the index was built with, and what to run."""
    return ModelMismatch(
        f"the index holds vectors of {built_with!r}, the configured model is {configured!r}; {ANOTHER_MODEL}"
    )


def silent(stage: str, done: int, total: int) -> None:
    """Report to nobody."""


def _stage(manifest: Manifest, generation: int, publication: Publication) -> None:
    manifest.stage(
        generation,
        [reading.row for reading in publication.readings],
        publication.removed,
        erased=publication.erased,
        taken_out=publication.taken_out,
    )


def _written(workshop: Workshop, publication: Publication, *, rebuild: bool, progress: Progress) -> IndexDescription:
    writer = workshop.store.begin(fresh=rebuild)
    try:
        return _write(writer, workshop, publication, progress)
    except BaseException:
        writer.abort()
        raise


def _write(writer: IndexWriter, workshop: Workshop, publication: Publication, progress: Progress) -> IndexDescription:
    fresh, embedder = publication.fresh, workshop.embedder
    previous = writer.previous
    if previous is not None and previous.model != embedder.model:
        raise model_mismatch(previous.model, embedder.model)
    average = previous.average_length if previous else mean_length(texts_of(fresh))
    encoder = LexicalEncoder(average)
    writer.delete_documents([row.document_id for row in (*publication.gone, *(reading.row for reading in fresh))])
    for number, reading in enumerate(fresh, start=1):
        if reading.document is not None:
            texts = [passage.index_text for passage in reading.passages]
            vectors = workshop.cache.vectors(embedder, texts)
            writer.add(reading.document, _entries(encoder, reading, texts, vectors))
        if number % _STEP == 0 or number == len(fresh):
            progress("build", number, len(fresh))
    writer.relate(_duplicates(workshop, publication, fresh_index=previous is None))
    return writer.finish(model=embedder.model, average_length=average)


def _tried(
    workshop: Workshop, publication: Publication, built: IndexDescription, progress: Progress, *, rebuild: bool
) -> tuple[CheckResult, ...]:
    """Open the finished generation and check it; drop it and raise PromotionRefused where it fails."""
    promotions = workshop.manifest.archive.promotions()
    current = workshop.store.current()
    before = next((results_of(one.checks) for one in promotions if one.generation == current), ())
    expected = _expected(workshop, publication, rebuild=rebuild)
    try:
        progress("check", 0, 1)
        with closing(workshop.store.open(built.generation)) as reader:
            results = check_generation(reader, expected, workshop.gate, workshop.embedder, before)
        progress("check", 1, 1)
    except BaseException:
        workshop.store.discard(built.generation)
        raise
    failed = [one for one in results if not one.passed]
    if failed and not workshop.gate.accept:
        workshop.store.discard(built.generation)
        reasons = "; ".join(f"{one.name}: {one.detail}" for one in failed)
        raise PromotionRefused(
            f"the new generation was not promoted, the one before serves on. Failed: {reasons}. Where that is as it "
            "should be, run again with --accept-checks",
            results,
        )
    return results


def _expected(workshop: Workshop, publication: Publication, *, rebuild: bool) -> Expected:
    before = [] if rebuild else [row for row in workshop.manifest.rows() if row.passages]
    replaced = {reading.row.document_id for reading in publication.fresh}
    gone = {row.document_id for row in publication.gone}
    kept = [row for row in before if row.document_id not in replaced | gone]
    added = sum(len(reading.passages) for reading in publication.fresh)
    return Expected(
        documents=len(kept) + len(replaced),
        passages=sum(row.passages for row in kept) + added,
        passages_before=sum(row.passages for row in before),
        passages_removed=sum(row.passages for row in before if row.document_id in gone),
        fresh=frozenset(replaced),
    )


def _remember(
    workshop: Workshop, publication: Publication, built: IndexDescription, results: Sequence[CheckResult]
) -> None:
    archive, store = workshop.manifest.archive, workshop.store
    archive.drop_signatures([row.document_id for row in publication.gone])
    archive.record_promotion(Promotion(built.generation, now(), built.documents, built.passages, results_text(results)))
    for promotion in archive.promotions():
        if promotion.rolled_back_at:
            store.discard(promotion.generation)
    archive.forget_history(min(store.generations(), default=0))


def _duplicates(workshop: Workshop, publication: Publication, *, fresh_index: bool) -> Mapping[str, str]:
    """Return the leader of every document of the new generation that nearly repeats another."""
    if publication.same_documents:
        return _documents(workshop)[1]
    out = {row.document_id for row in publication.gone}
    signatures: dict[str, bytes] = {} if fresh_index else workshop.manifest.archive.signatures()
    documents, before = ({}, {}) if fresh_index else _documents(workshop)
    for reading in publication.fresh:
        assert reading.document is not None
        documents[reading.row.document_id] = reading.document.facts
        signatures[reading.row.document_id] = reading.signature
    candidates = [
        Candidate(
            id=facts.id,
            signature=signatures[facts.id],
            source=facts.source,
            status=facts.status,
            updated_at=facts.updated_at,
            path=facts.path,
            title=facts.title,
        )
        for facts in documents.values()
        if facts.id not in out and signatures.get(facts.id)
    ]
    touched = out | {reading.row.document_id for reading in publication.fresh}
    return leaders_after(candidates, before, touched, order=publication.order)


def _documents(workshop: Workshop) -> tuple[dict[str, DocumentFacts], Mapping[str, str]]:
    """Return the documents of the current generation by id, and the leaders of its near-duplicates."""
    with closing(workshop.store.open_documents()) as reader:
        return {facts.id: facts for facts in reader.documents()}, reader.duplicates()


def _keep_bodies(workshop: Workshop, rows: Iterable[ManifestRow]) -> None:
    """Keep the content of what is about to leave the index, so that it can be restored."""
    wanted = [row.document_id for row in rows]
    if not wanted:
        return
    with closing(workshop.store.open_documents()) as reader:
        found = [document for document in map(reader.document, wanted) if document is not None]
    workshop.manifest.archive.keep_bodies(
        {one.facts.id: zlib.compress(document_text(one).encode(), 6) for one in found}
    )


def _nothing_read(rows: Sequence[ManifestRow]) -> str:
    reason = f" ({rows[0].path!r}: {rows[0].reason})" if rows else ""
    return f"no document could be read for the rebuild{reason}; the index is as it was, mend the source first"


def _entries(
    encoder: LexicalEncoder, reading: Reading, texts: Sequence[str], vectors: Sequence[Vector]
) -> list[IndexEntry]:
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
