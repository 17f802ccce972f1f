"""Read or write one generation: an index of its passages beside a catalog of its documents."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from ingest.errors import ANOTHER_MODEL, ModelMismatch
from ingest.knowledge.documents import Document, DocumentFacts
from ingest.knowledge.extracts import DocumentExtract
from ingest.knowledge.index import (
    SCHEMA_VERSION,
    IndexDescription,
    IndexEntry,
    LegHit,
    SparseVector,
    Vector,
)
from ingest.knowledge.passages import PassageFilter, StoredPassage
from ingest.knowledge.payloads import FoundPassage, stored_passage
from ingest.knowledge.phrases import Phrase

_BATCH = 500


class SearchablePassages(Protocol):
    """The passages of a finished generation."""

    def nearest_dense(self, vector: Vector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages nearest by cosine, best first."""

    def nearest_sparse(self, name: str, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the best passages by the sparse vector `name`, lexical or identifiers."""

    def holding_phrase(self, phrase: Phrase, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages that hold `phrase`, by id."""

    def retrieve(self, ids: Sequence[str]) -> list[FoundPassage]:
        """Return the passages of these ids, in any order; unknown ids are left out."""

    def of_document(self, document_id: str) -> list[FoundPassage]:
        """Return the passages of one document, in any order."""

    def close(self) -> None:
        """Let go of files and connections; closing twice is harmless."""


class WritablePassages(Protocol):
    """The passages of a generation being built."""

    def upsert(self, entries: Sequence[tuple[IndexEntry, DocumentFacts]]) -> None:
        """Store passages with their vectors."""

    def delete_documents(self, ids: Sequence[str]) -> None:
        """Remove all passages of these documents."""

    def count(self) -> int:
        """Return the number of passages."""

    def finish(self) -> None:
        """Make what was written permanent, and close."""

    def close(self) -> None:
        """Let go of files and connections; closing twice is harmless."""


class ReadableCatalog(Protocol):
    """The documents of a finished generation."""

    def document(self, document_id: str) -> Document | None:
        """Return the whole document, or None."""

    def documents(self) -> list[DocumentFacts]:
        """Return the facts of every document, ordered by source and path."""

    def extracts(self) -> list[DocumentExtract]:
        """Return what each document states as structure, ordered by source and path."""

    def duplicates(self) -> Mapping[str, str]:
        """Return, by id, the leader of each document that nearly repeats another one."""

    def close(self) -> None:
        """Let go of files and connections; closing twice is harmless."""


class WritableCatalog(Protocol):
    """The documents of a generation being built."""

    def add(self, document: Document) -> None:
        """Store a document that the catalog does not hold yet."""

    def holds(self, document_id: str) -> bool:
        """Tell whether the catalog holds a document."""

    def delete(self, ids: Sequence[str]) -> None:
        """Remove documents; unknown ids are ignored."""

    def relate(self, duplicates: Mapping[str, str]) -> None:
        """Replace what is recorded of near-duplicates: the leader's id by the other's."""

    def count(self) -> int:
        """Return the number of documents."""

    def commit(self) -> None:
        """Make what was written permanent."""

    def close(self) -> None:
        """Let go of files and connections; closing twice is harmless."""


class GenerationReader:
    """An `IndexReader` over a finished generation; threads may share it."""

    def __init__(self, description: IndexDescription, passages: SearchablePassages, catalog: ReadableCatalog) -> None:
        self._description = description
        self._passages = passages
        self._catalog = catalog
        self._documents = catalog.documents()
        self._facts = {facts.id: facts for facts in self._documents}

    def describe(self) -> IndexDescription:
        """Return what this generation was built with and holds."""
        return self._description

    def search_dense(self, vector: Vector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages nearest by cosine, best first."""
        if vector.shape != (self._description.dimension,):
            raise ModelMismatch(
                f"the query vector has shape {vector.shape!r}, but {self._description.model!r} built the "
                f"index with {self._description.dimension!r} dimensions; {ANOTHER_MODEL}"
            )
        return self._passages.nearest_dense(vector, limit=limit, where=where)

    def search_lexical(self, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages with the highest BM25 score, best first."""
        return self._passages.nearest_sparse("lexical", query, limit=limit, where=where)

    def search_identifiers(self, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages that hold the identifiers, weighted by rarity, best first."""
        return self._passages.nearest_sparse("identifiers", query, limit=limit, where=where)

    def search_phrase(self, phrase: str, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return passages whose header or text holds `phrase` on word boundaries, by id."""
        folded = Phrase.of(phrase)
        return self._passages.holding_phrase(folded, limit=limit, where=where) if folded else []

    def passages(self, ids: Sequence[str]) -> list[StoredPassage]:
        """Return the stored passages in the order of `ids`, leaving out unknown ones."""
        found = {passage.id: passage for passage in self._passages.retrieve([one for one in ids if _is_uuid(one)])}
        return [self._stored(found[passage_id]) for passage_id in ids if passage_id in found]

    def passages_of(self, document_id: str) -> list[StoredPassage]:
        """Return all passages of one document in document order."""
        if document_id not in self._facts:
            return []
        stored = [self._stored(found) for found in self._passages.of_document(document_id)]
        return sorted(stored, key=lambda one: (one.passage.ordinal, one.passage.id))

    def document(self, document_id: str) -> Document | None:
        """Return the whole document, or None where this generation does not hold it."""
        return self._catalog.document(document_id)

    def documents(self) -> list[DocumentFacts]:
        """Return the facts of every document, ordered by source and path."""
        return list(self._documents)

    def extracts(self) -> list[DocumentExtract]:
        """Return what the documents state as structure, in the order of `documents`; empty ones left out."""
        return self._catalog.extracts()

    def duplicates(self) -> Mapping[str, str]:
        """Return, by id, the leader of each document that nearly repeats another one."""
        return self._catalog.duplicates()

    def close(self) -> None:
        """Let go of the files; closing twice is harmless."""
        self._passages.close()
        self._catalog.close()

    def _stored(self, found: FoundPassage) -> StoredPassage:
        return stored_passage(found, self._facts[found.payload["document_id"]])


class GenerationWriter:
    """An `IndexWriter` of a generation that nobody serves yet, empty or a copy of the `previous` one.

    `guard` is called before each batch and raises where there is no room for it; `complete` makes it a
    finished generation with that description; `release` is called once, when the writer is done or gives up.
    """

    def __init__(
        self,
        passages: WritablePassages,
        catalog: WritableCatalog,
        *,
        generation: int,
        dimension: int,
        previous: IndexDescription | None,
        guard: Callable[[], None],
        complete: Callable[[IndexDescription], None],
        release: Callable[[], None],
    ) -> None:
        self._passages, self._catalog = passages, catalog
        self._generation, self._dimension, self._previous = generation, dimension, previous
        self._guard, self._complete, self._release = guard, complete, release
        self._waiting: list[tuple[IndexEntry, DocumentFacts]] = []
        self._closed = False

    @property
    def previous(self) -> IndexDescription | None:
        """The description of the generation that this one starts from, or None where it starts empty."""
        return self._previous

    def delete_documents(self, ids: Iterable[str]) -> None:
        """Remove documents and their passages; unknown ids are ignored."""
        self._store_waiting()
        gone = list(ids)
        for start in range(0, len(gone), _BATCH):
            batch = gone[start : start + _BATCH]
            self._passages.delete_documents(batch)
            self._catalog.delete(batch)

    def add(self, document: Document, entries: Sequence[IndexEntry]) -> None:
        """Store a document that the generation does not hold yet, with all of its passages."""
        facts = document.facts
        if self._catalog.holds(facts.id):
            raise ValueError(f"document {facts.id!r} ({facts.path!r}) is in the generation: delete it first")
        for entry in entries:
            if entry.dense.shape != (self._dimension,):
                raise ValueError(
                    f"passage {entry.passage.id!r} has a vector of shape {entry.dense.shape!r}, "
                    f"not ({self._dimension!r},)"
                )
        self._catalog.add(document)
        self._waiting.extend((entry, facts) for entry in entries)
        if len(self._waiting) >= _BATCH:
            self._store_waiting()

    def relate(self, duplicates: Mapping[str, str]) -> None:
        """Record which documents nearly repeat which leader; replaces what the previous generation held."""
        self._catalog.relate(duplicates)

    def finish(self, *, model: str, average_length: float) -> IndexDescription:
        """Write everything to disk, describe and close the generation, which is then complete."""
        try:
            self._store_waiting()
            description = self._describe(model, average_length)
            self._passages.finish()
            self._catalog.commit()
            self._catalog.close()
            self._complete(description)
        finally:
            self.abort()
        return description

    def abort(self) -> None:
        """Close and discard what was written; after `finish` it does nothing."""
        if self._closed:
            return
        self._closed = True
        self._waiting.clear()
        try:
            self._passages.close()
            self._catalog.close()
        finally:
            self._release()

    def _describe(self, model: str, average_length: float) -> IndexDescription:
        return IndexDescription(
            schema_version=SCHEMA_VERSION,
            model=model,
            dimension=self._dimension,
            average_length=average_length,
            generation=self._generation,
            built_at=datetime.now(UTC),
            documents=self._catalog.count(),
            passages=self._passages.count(),
        )

    def _store_waiting(self) -> None:
        self._guard()
        for start in range(0, len(self._waiting), _BATCH):
            self._passages.upsert(self._waiting[start : start + _BATCH])
        self._waiting.clear()


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
