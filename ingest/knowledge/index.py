"""The index of passages as the rest of Groundwatch sees it, whatever stores it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.knowledge.documents import Document, DocumentFacts
from ingest.knowledge.extracts import DocumentExtract
from ingest.knowledge.passages import Passage, PassageFilter, StoredPassage

Vector = NDArray[np.float32]

SCHEMA_VERSION = 2
"""Raised when stored payloads change shape; an index of another version must be built again."""


KEPT_GENERATIONS = 3
"""How many generations a store keeps by default: the current one and two to roll back to."""


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term weights by term number (unsigned 32-bit); parallel sequences, terms unique."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A passage with what the index searches it by: a dense vector of unit length, and two sparse ones."""

    passage: Passage
    dense: Vector
    lexical: SparseVector
    identifiers: SparseVector


@dataclass(frozen=True, slots=True)
class LegHit:
    """One passage found by one leg; `score` is that leg's own and compares within the leg only."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True)
class IndexDescription:
    """What an index was built with, so that a reader can tell whether it may use it.

    `average_length` is the mean number of lexical terms of a passage (the avg_len of BM25).
    """

    schema_version: int
    model: str
    dimension: int
    average_length: float
    generation: int
    built_at: datetime
    documents: int
    passages: int


class IndexReader(Protocol):
    """Read one generation. Every search is exact and its order deterministic: by score, then passage id."""

    def describe(self) -> IndexDescription:
        """Return what this generation was built with and holds."""

    def search_dense(self, vector: Vector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages nearest by cosine, best first; `vector` has unit length."""

    def search_lexical(self, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages with the highest BM25 score, best first."""

    def search_identifiers(self, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages that hold the identifiers, weighted by rarity, best first."""

    def search_phrase(self, phrase: str, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return passages whose text holds `phrase` (case and white space folded); score 1 each, by id."""

    def passages(self, ids: Sequence[str]) -> list[StoredPassage]:
        """Return the stored passages in the order of `ids`, leaving out unknown ones."""

    def passages_of(self, document_id: str) -> list[StoredPassage]:
        """Return all passages of one document in document order; empty for an unknown id."""

    def document(self, document_id: str) -> Document | None:
        """Return the whole document, or None where this generation does not hold it."""

    def documents(self) -> list[DocumentFacts]:
        """Return the facts of every document, ordered by source and path."""

    def extracts(self) -> list[DocumentExtract]:
        """Return what the documents state as structure, in the order of `documents`; empty ones left out."""

    def duplicates(self) -> Mapping[str, str]:
        """Return, by id, the leader of each document that nearly repeats another one."""

    def close(self) -> None:
        """Let go of files and connections; closing twice is harmless."""


class DocumentReader(Protocol):
    """Read the documents of a generation without opening its passages, which one process at a time may."""

    def document(self, document_id: str) -> Document | None:
        """Return the whole document, or None where this generation does not hold it."""

    def documents(self) -> list[DocumentFacts]:
        """Return the facts of every document, ordered by source and path."""

    def duplicates(self) -> Mapping[str, str]:
        """Return, by id, the leader of each document that nearly repeats another one."""

    def close(self) -> None:
        """Let go of files and connections; closing twice is harmless."""


class IndexWriter(Protocol):
    """Write one generation that nobody serves yet."""

    @property
    def previous(self) -> IndexDescription | None:
        """The description of the generation that this one starts from, or None where it starts empty."""

    def delete_documents(self, ids: Iterable[str]) -> None:
        """Remove documents and their passages; unknown ids are ignored."""

    def add(self, document: Document, entries: Sequence[IndexEntry]) -> None:
        """Store a document that the generation does not hold yet, with all of its passages."""

    def relate(self, duplicates: Mapping[str, str]) -> None:
        """Record which documents nearly repeat which leader; replaces what the previous generation held."""

    def finish(self, *, model: str, average_length: float) -> IndexDescription:
        """Write everything to disk, describe and close the generation, which is then complete."""

    def abort(self) -> None:
        """Close and discard what was written; after `finish` it does nothing."""


class IndexStore(Protocol):
    """Where generations live, one of them current."""

    def current(self) -> int | None:
        """Return the number of the generation being served, or None before the first."""

    def begin(self, *, fresh: bool = False) -> IndexWriter:
        """Start the next generation as a copy of the current one; empty at first, or where `fresh`.

        Its number is beyond every one that was ever finished here, so that a number names one content.
        Raises StorageFailed where the store cannot be written, KnowledgeLocked where another process is
        writing.
        """

    def promote(self, generation: int) -> None:
        """Make a finished generation the current one, atomically, and prune old ones by the store's policy."""

    def discard(self, generation: int) -> None:
        """Drop a finished generation that is not the current one; unknown numbers are ignored."""

    def generations(self) -> list[int]:
        """Return the numbers of all complete generations, in order."""

    def describe(self, generation: int | None = None) -> IndexDescription:
        """Return what a generation (the current one by default) was built with, without opening it.

        Raises KnowledgeMissing before the first.
        """

    def open_documents(self, generation: int | None = None) -> DocumentReader:
        """Open the documents of a generation (the current one by default), whoever has its passages open."""

    def open_apart(self) -> AbstractContextManager[IndexReader]:
        """Open the current generation although another process may have it open, for the length of a block."""

    def copy_current(self, target: Path) -> int:
        """Copy the current generation into a new directory of the same layout; return its number."""

    def open(self, generation: int | None = None) -> IndexReader:
        """Open a generation (the current one by default) for reading.

        Raises KnowledgeMissing before the first, KnowledgeLocked where another process holds it.
        """
