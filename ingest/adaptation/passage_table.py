"""All passages of a generation with their vectors, by family: near-duplicates count as one document."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ingest.knowledge.embedding import Embedder
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import IndexReader, Vector
from ingest.knowledge.passages import StoredPassage

Numbers = NDArray[np.int64]

Progress = Callable[[str, int, int], None]
"""Called with a stage, how much of it is done, and how much there is."""

_CHUNK = 256  # texts embedded between two reports
_TRAIN, _VALIDATION = 0.60, 0.15  # shares of the families; the rest is the test part


class Part(StrEnum):
    """What the questions about a family are used for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True, eq=False)
class PassageTable:
    """Passages in order of their families, row by row: `stored`, `vectors` of shape (n, dimension), `family`.

    A family is numbered from 0; `families` holds the first id of its documents. `starts` are the rows at which
    the families start.
    """

    stored: tuple[StoredPassage, ...]
    vectors: Vector
    family: Numbers
    families: tuple[str, ...]
    parts: tuple[Part, ...]
    starts: Numbers
    _rows: Mapping[str, int] = field(repr=False)
    _family_of: Mapping[str, int] = field(repr=False)
    _rows_of: Mapping[str, tuple[int, ...]] = field(repr=False)

    @classmethod
    def of(cls, found: Sequence[StoredPassage], vectors: Vector, families: Mapping[str, str]) -> "PassageTable":
        """Index passages that stand in order of their families, given the family's name of each document."""
        names = sorted({families[one.document.id] for one in found})
        number = {name: place for place, name in enumerate(names)}
        family = np.array([number[families[one.document.id]] for one in found], dtype=np.int64)
        rows_of: dict[str, list[int]] = {}
        for row, one in enumerate(found):
            rows_of.setdefault(one.document.id, []).append(row)
        return cls(
            stored=tuple(found),
            vectors=vectors,
            family=family,
            families=tuple(names),
            parts=tuple(part_of(name) for name in names),
            starts=np.searchsorted(family, np.arange(len(names))).astype(np.int64),
            _rows={one.passage.id: row for row, one in enumerate(found)},
            _family_of={document: number[families[document]] for document in rows_of},
            _rows_of={document: tuple(rows) for document, rows in rows_of.items()},
        )

    def row(self, passage_id: str) -> int | None:
        """Return the row of a passage, or None for an unknown one."""
        return self._rows.get(passage_id)

    def rows_of(self, document_id: str) -> tuple[int, ...]:
        """Return the rows of a document in its own order; empty for an unknown one."""
        return self._rows_of.get(document_id, ())

    def family_of(self, document_id: str) -> int | None:
        """Return the family of a document, or None for one without passages."""
        return self._family_of.get(document_id)

    def best_of_families(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the best score of each family, of shape (queries, families), of scores of shape (queries, n)."""
        return np.asarray(np.maximum.reduceat(scores, self.starts, axis=1), dtype=np.float32)


def read_passages(reader: IndexReader, embedder: Embedder, cache: EmbeddingCache, progress: Progress) -> PassageTable:
    """Return the passages of a generation; vectors come from the cache, and what it lacks is embedded."""
    duplicates = reader.duplicates()
    documents = reader.documents()
    families = _families([facts.id for facts in documents], duplicates)
    found: list[StoredPassage] = []
    for number, facts in enumerate(documents, start=1):
        found += reader.passages_of(facts.id)
        if number % 100 == 0 or number == len(documents):
            progress("read", number, len(documents))
    found.sort(key=lambda one: (families[one.document.id], one.document.id, one.passage.ordinal, one.passage.id))
    texts = [one.passage.index_text for one in found]
    return PassageTable.of(found, embedded(embedder, cache, texts, progress, "passages"), families)


def embedded(embedder: Embedder, cache: EmbeddingCache, texts: Sequence[str], progress: Progress, stage: str) -> Vector:
    """Return one row a text; those that the cache lacks are embedded, longest first, and kept batch by batch."""
    missing = sorted(cache.missing(embedder.model, texts), key=lambda text: (-len(text), text))
    for start in range(0, len(missing), _CHUNK):
        cache.embed(embedder, missing[start : start + _CHUNK])
        progress(f"embed {stage}", min(start + _CHUNK, len(missing)), len(missing))
    if not texts:
        return np.zeros((0, embedder.dimension), dtype=np.float32)
    return np.stack(cache.vectors(embedder, texts))


def part_of(family: str) -> Part:
    """Return the part of a family by a hash of its name, the same in every run."""
    place = int.from_bytes(hashlib.sha256(family.encode()).digest()[:4], "big") / 2**32
    if place < _TRAIN:
        return Part.TRAIN
    return Part.VALIDATION if place < _TRAIN + _VALIDATION else Part.TEST


def _families(documents: Sequence[str], leaders: Mapping[str, str]) -> dict[str, str]:
    """Return the name of each document's family: the first of its ids, whichever of them leads."""
    members: dict[str, list[str]] = {}
    for document in documents:
        members.setdefault(leaders.get(document, document), []).append(document)
    return {document: min(family) for family in members.values() for document in family}
