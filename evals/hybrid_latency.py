"""What our search adds to the index's own queries: both timed on the same questions, their vectors made before."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from api.retrieval.query import understand
from api.retrieval.search import Searcher
from evals.statistics import percentile
from ingest.knowledge.documents import Document, DocumentFacts
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.extracts import DocumentExtract
from ingest.knowledge.index import IndexDescription, IndexReader, LegHit, SparseVector, Vector
from ingest.knowledge.passages import PassageFilter, StoredPassage

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


class RecordingReader:
    """An index that remembers each query that it was asked, so that it can be asked again without the rest."""

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader
        self.queries: list[Query] = []

    def search_dense(self, vector: Vector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages nearest by cosine."""
        self.queries.append(lambda index: index.search_dense(vector, limit=limit, where=where))
        return self._reader.search_dense(vector, limit=limit, where=where)

    def search_lexical(self, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages with the highest BM25 score."""
        self.queries.append(lambda index: index.search_lexical(query, limit=limit, where=where))
        return self._reader.search_lexical(query, limit=limit, where=where)

    def search_identifiers(self, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages that hold the identifiers."""
        self.queries.append(lambda index: index.search_identifiers(query, limit=limit, where=where))
        return self._reader.search_identifiers(query, limit=limit, where=where)

    def search_phrase(self, phrase: str, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return passages whose text holds the phrase."""
        self.queries.append(lambda index: index.search_phrase(phrase, limit=limit, where=where))
        return self._reader.search_phrase(phrase, limit=limit, where=where)

    def describe(self) -> IndexDescription:
        """Return what the index holds."""
        return self._reader.describe()

    def passages(self, ids: Sequence[str]) -> list[StoredPassage]:
        """Return stored passages."""
        return self._reader.passages(ids)

    def passages_of(self, document_id: str) -> list[StoredPassage]:
        """Return the passages of one document."""
        return self._reader.passages_of(document_id)

    def document(self, document_id: str) -> Document | None:
        """Return the whole document."""
        return self._reader.document(document_id)

    def documents(self) -> list[DocumentFacts]:
        """Return the facts of every document."""
        return self._reader.documents()

    def extracts(self) -> list[DocumentExtract]:
        """Return what the documents state as structure."""
        return self._reader.extracts()

    def duplicates(self) -> Mapping[str, str]:
        """Return the leader of each near-duplicate."""
        return self._reader.duplicates()

    def close(self) -> None:
        """Let go of the index."""
        self._reader.close()


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
    recording = RecordingReader(reader)
    watched, searcher = Searcher(recording, prepared), Searcher(reader, prepared)
    raw: list[float] = []
    whole: list[float] = []
    for number, text in enumerate(questions):
        recording.queries.clear()
        watched.search(text, limit=LIMIT)
        queries = tuple(recording.queries)

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
