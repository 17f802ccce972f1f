"""Try questions with the whole search, with and without an adapter: what decides whether one is used."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from api.retrieval.query import understand
from api.retrieval.search import Hit, Searcher
from api.retrieval.tuning import DEFAULT_TUNING
from evals.recording import RecordedEmbedder, RecordedIndex, Search, WrappedIndex
from ingest.adaptation.evaluation import DEPTH, Ranks
from ingest.adaptation.pairs import Pair
from ingest.adaptation.passage_table import PassageTable
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import IndexReader, LegHit, Vector
from ingest.knowledge.passages import PassageFilter, StoredPassage
from ingest.knowledge.query_adapter import AdaptedEmbedder, FixedAdapter, QueryAdapter

_MOST_HIDDEN = 4  # passages of the right document that hold the words of a question; there is one as a rule


class WholeSearch:
    """The search as the API does it, over one generation; what an adapter cannot change is searched once."""

    def __init__(self, reader: IndexReader, embedder: Embedder, questions: EmbeddingCache) -> None:
        self._index = PartlyHidden(RecordedIndex(reader, DEFAULT_TUNING.candidates + _MOST_HIDDEN))
        self._embedder = RecordedEmbedder(embedder, questions)

    def searcher(self, adapter: QueryAdapter | None) -> Searcher:
        """Return the search with an adapter, or with none."""
        return Searcher(self._index, AdaptedEmbedder(self._embedder, FixedAdapter(adapter)))

    def vector(self, text: str, adapter: QueryAdapter | None) -> Vector:
        """Return the vector that a question is searched with."""
        return AdaptedEmbedder(self._embedder, FixedAdapter(adapter)).embed_query(text)

    def ranks(self, pairs: Sequence[Pair], table: PassageTable, adapter: QueryAdapter | None) -> Ranks:
        """Return the rank of the right family for each pair among the first DEPTH, from 1; 0 where it is not."""
        searcher = self.searcher(adapter)
        members: dict[int | None, list[str]] = {}
        for document in self._index.documents():
            members.setdefault(table.family_of(document.id), []).append(document.id)
        found = np.zeros(len(pairs), dtype=np.int64)
        for number, pair in enumerate(pairs):
            families = {table.family_of(one) for one in pair.origin} - {None}
            where = PassageFilter(exclude_documents=tuple(sorted(one for key in families for one in members[key])))
            # The passages of an origin are out by the filter; those of the right document have to be hidden.
            own = [row for row in pair.hidden if int(table.family[row]) == pair.family]
            with self._index.hiding(table.stored[row].passage.id for row in own[:_MOST_HIDDEN]):
                hits = searcher.find(understand(pair.query), limit=DEPTH, where=where)
            found[number] = _rank(hits, pair, table)
        return found


class PartlyHidden(WrappedIndex):
    """An index of which some passages can be hidden for a while, as if they had never been written.

    Not for threads. What is counted over the whole index (rarity of words) still counts them.
    """

    def __init__(self, reader: IndexReader) -> None:
        super().__init__(reader)
        self._hidden: frozenset[str] = frozenset()

    @contextmanager
    def hiding(self, passages: Iterable[str]) -> Iterator[None]:
        """Hide passages by id for the length of a block."""
        self._hidden = frozenset(passages)
        try:
            yield
        finally:
            self._hidden = frozenset()

    def passages(self, ids: Sequence[str]) -> list[StoredPassage]:
        """Return the stored passages in the order of `ids`."""
        return super().passages([one for one in ids if one not in self._hidden])

    def passages_of(self, document_id: str) -> list[StoredPassage]:
        """Return the passages of one document."""
        return [one for one in super().passages_of(document_id) if one.passage.id not in self._hidden]

    def _search(self, search: Search, limit: int) -> list[LegHit]:
        hits = super()._search(search, limit + len(self._hidden))
        return [hit for hit in hits if hit.passage_id not in self._hidden][:limit]


def _rank(hits: Sequence[Hit], pair: Pair, table: PassageTable) -> int:
    for rank, hit in enumerate(hits, start=1):
        if table.family_of(hit.stored.document.id) == pair.family:
            return rank
    return 0
