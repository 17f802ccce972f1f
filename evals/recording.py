"""An index and an embedder that remember what they were asked, so that other weights cost no new search."""

import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ingest.knowledge.documents import Document, DocumentFacts
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.extracts import DocumentExtract
from ingest.knowledge.index import IndexDescription, IndexReader, LegHit, SparseVector, Vector
from ingest.knowledge.passages import PassageFilter, StoredPassage


@dataclass(frozen=True, slots=True)
class Search:
    """One search of any index: `key` is the same for the same search, `ask` returns so many hits of it."""

    key: Hashable
    ask: Callable[[IndexReader, int], list[LegHit]]


class WrappedIndex:
    """Answer as `reader` does; what else becomes of a search is for `_search` to say."""

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader

    def describe(self) -> IndexDescription:
        """Return the description of the index."""
        return self._reader.describe()

    def search_dense(self, vector: Vector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages nearest by cosine."""
        key = ("dense", vector.tobytes(), where)
        return self._search(
            Search(key, lambda index, depth: index.search_dense(vector, limit=depth, where=where)), limit
        )

    def search_lexical(self, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages with the highest BM25 score."""
        key = ("lexical", query, where)
        return self._search(
            Search(key, lambda index, depth: index.search_lexical(query, limit=depth, where=where)), limit
        )

    def search_identifiers(self, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages that hold the identifiers."""
        key = ("identifiers", query, where)
        return self._search(
            Search(key, lambda index, depth: index.search_identifiers(query, limit=depth, where=where)), limit
        )

    def search_phrase(self, phrase: str, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages that hold the phrase."""
        key = ("phrase", phrase, where)
        return self._search(
            Search(key, lambda index, depth: index.search_phrase(phrase, limit=depth, where=where)), limit
        )

    def passages(self, ids: Sequence[str]) -> list[StoredPassage]:
        """Return the stored passages in the order of `ids`."""
        return self._reader.passages(ids)

    def passages_of(self, document_id: str) -> list[StoredPassage]:
        """Return all passages of one document."""
        return self._reader.passages_of(document_id)

    def document(self, document_id: str) -> Document | None:
        """Return one document."""
        return self._reader.document(document_id)

    def documents(self) -> list[DocumentFacts]:
        """Return the facts of all documents."""
        return self._reader.documents()

    def extracts(self) -> list[DocumentExtract]:
        """Return what the documents state as structure."""
        return self._reader.extracts()

    def duplicates(self) -> Mapping[str, str]:
        """Return the leader of each document that nearly repeats another one."""
        return self._reader.duplicates()

    def close(self) -> None:
        """Close the index."""
        self._reader.close()

    def _search(self, search: Search, limit: int) -> list[LegHit]:
        """Return the first `limit` hits of a search."""
        return search.ask(self._reader, limit)


class RecordedIndex(WrappedIndex):
    """Answer as `reader` does, each search once at `depth` and from memory afterwards.

    Searches are exact and their order is fixed, so the first `limit` of a deeper search are what a
    shallower one returns; a limit above `depth` is searched afresh.
    """

    def __init__(self, reader: IndexReader, depth: int) -> None:
        super().__init__(reader)
        self._depth = depth
        self._hits: dict[Hashable, list[LegHit]] = {}
        self._passages: dict[str, StoredPassage] = {}

    def passages(self, ids: Sequence[str]) -> list[StoredPassage]:
        """Return the stored passages in the order of `ids`."""
        unknown = [key for key in ids if key not in self._passages]
        if unknown:
            self._passages.update((found.passage.id, found) for found in self._reader.passages(unknown))
        return [self._passages[key] for key in ids if key in self._passages]

    def _search(self, search: Search, limit: int) -> list[LegHit]:
        if limit > self._depth:
            return super()._search(search, limit)
        if search.key not in self._hits:
            found = super()._search(search, self._depth)
            # One string for one id: hundreds of thousands of hits name the same passages.
            self._hits[search.key] = [LegHit(sys.intern(hit.passage_id), hit.score) for hit in found]
        return self._hits[search.key][:limit]


class RecordedEmbedder:
    """Embed each question once, in this run by memory and in later ones by `cache`, a file of questions only."""

    def __init__(self, embedder: Embedder, cache: EmbeddingCache) -> None:
        self._embedder = embedder
        self._cache = cache
        self._queries: dict[str, Vector] = {}

    @property
    def model(self) -> str:
        """Name and digest of the model."""
        return self._embedder.model

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._embedder.dimension

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Embed passages; these are not remembered."""
        return self._embedder.embed_passages(texts)

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a question."""
        if text not in self._queries:
            self._queries[text] = self._cache.vectors(_OneByOne(self._embedder), [text])[0]
        return self._queries[text]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count word pieces."""
        return self._embedder.count_tokens(texts)


class _OneByOne:
    """An embedder whose passages are questions: each is embedded alone, exactly as a search does it."""

    def __init__(self, embedder: Embedder) -> None:
        self.model = embedder.model
        self.dimension = embedder.dimension
        self.embed_query = embedder.embed_query
        self.count_tokens = embedder.count_tokens

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return a row for each question."""
        return np.stack([self.embed_query(text) for text in texts])
