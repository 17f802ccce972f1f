"""What our search adds to the index's own queries: both timed on the same questions, their vectors made before."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.retrieval.query import understand
from api.retrieval.search import Searcher
from evals.recording import Search, WrappedIndex
from evals.statistics import percentile
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import IndexReader, LegHit, Vector

LIMIT = 10

Clock = Callable[[], float]
Query = Callable[[IndexReader], object]


@dataclass(frozen=True, slots=True)
class HybridLatency:
    """Milliseconds over `n` questions: the legs' queries alone, and the whole search with them in it."""

    n: int
    raw_p50: float
    raw_p95: float
    search_p50: float
    search_p95: float

    @property
    def ratio(self) -> float:
        """The whole search over the legs alone, medians."""
        return self.search_p50 / self.raw_p50


class ListeningIndex(WrappedIndex):
    """An index that remembers each query that it was asked, so that it can be asked again without the rest."""

    def __init__(self, reader: IndexReader) -> None:
        super().__init__(reader)
        self.queries: list[Query] = []

    def _search(self, search: Search, limit: int) -> list[LegHit]:
        self.queries.append(lambda index: search.ask(index, limit))
        return super()._search(search, limit)


class PreparedQuestions:
    """An embedder that knows the vectors of some questions already."""

    def __init__(self, embedder: Embedder, questions: Sequence[str]) -> None:
        self._embedder = embedder
        self._known = {text: embedder.embed_query(text) for text in {understand(one).text for one in questions}}

    @property
    def model(self) -> str:
        """Name and digest of the model."""
        return self._embedder.model

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._embedder.dimension

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return one row a text."""
        return self._embedder.embed_passages(texts)

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a question, at once where it is known."""
        found = self._known.get(text)
        return self._embedder.embed_query(text) if found is None else found

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text."""
        return self._embedder.count_tokens(texts)


def measure_hybrid(
    reader: IndexReader, embedder: Embedder, questions: Sequence[str], clock: Clock = time.perf_counter
) -> HybridLatency:
    """Time each question's search, and the queries that it asked of the index alone; they take turns at going first.

    Each question is searched once before, which finds its queries and warms everything up.
    """
    prepared = PreparedQuestions(embedder, questions)
    listening = ListeningIndex(reader)
    watched, searcher = Searcher(listening, prepared), Searcher(reader, prepared)
    raw: list[float] = []
    whole: list[float] = []
    for number, text in enumerate(questions):
        listening.queries.clear()
        watched.search(text, limit=LIMIT)
        queries = tuple(listening.queries)

        def legs(queries: tuple[Query, ...] = queries) -> None:
            for query in queries:
                query(reader)

        def search(text: str = text) -> None:
            searcher.search(text, limit=LIMIT)

        if number % 2:
            raw.append(_timed(legs, clock))
            whole.append(_timed(search, clock))
        else:
            whole.append(_timed(search, clock))
            raw.append(_timed(legs, clock))
    return HybridLatency(
        len(questions), percentile(raw, 0.5), percentile(raw, 0.95), percentile(whole, 0.5), percentile(whole, 0.95)
    )


def _timed(act: Callable[[], object], clock: Clock) -> float:
    started = clock()
    act()
    return 1000 * (clock() - started)
