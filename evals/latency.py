"""What a question costs, piece by piece, in one warm process: its embedding, a plain hybrid query, and a whole ask."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.answering.answerer import Answerer
from api.answering.assessment import packaged_assessment
from api.retrieval.query import understand
from api.retrieval.search import Searcher
from evals.statistics import percentile
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import IndexReader
from ingest.knowledge.lexical import LexicalEncoder
from ingest.knowledge.passages import PassageFilter

RAW_LIMIT = 10
"""Passages that the plain hybrid query asks of each leg."""

_WARM_UP = 20

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Latencies:
    """Milliseconds over `n` questions."""

    n: int
    embedding_p50: float
    raw_query_p50: float
    ask_p50: float
    ask_p99: float

    @property
    def ask_ratio(self) -> float:
        """Ask p50 over embedding p50 plus raw query p50."""
        return self.ask_p50 / (self.embedding_p50 + self.raw_query_p50)

    @property
    def tail_ratio(self) -> float:
        """Ask p99 over ask p50."""
        return self.ask_p99 / self.ask_p50


def measure_latency(
    reader: IndexReader, embedder: Embedder, questions: Sequence[str], clock: Clock = time.perf_counter
) -> Latencies:
    """Time each question once, its three measures one right after the other, so that all share the machine's mood.

    The plain query is a dense and a BM25 search of the index without passages being fetched. The first
    questions are asked once before to warm up.
    """
    answerer = Answerer(Searcher(reader, embedder), packaged_assessment(embedder.model))
    lexical = LexicalEncoder(reader.describe().average_length)
    everywhere = PassageFilter()
    for text in questions[:_WARM_UP]:
        answerer.answer(text)
    embeddings: list[float] = []
    queries: list[float] = []
    asks: list[float] = []
    for text in questions:
        terms = lexical.query(understand(text).text)
        started = clock()
        vector = embedder.embed_query(understand(text).text)
        embedded = clock()
        reader.search_dense(vector, limit=RAW_LIMIT, where=everywhere)
        reader.search_lexical(terms, limit=RAW_LIMIT, where=everywhere)
        queried = clock()
        answerer.answer(text)
        asked = clock()
        embeddings.append(1000 * (embedded - started))
        queries.append(1000 * (queried - embedded))
        asks.append(1000 * (asked - queried))
    return Latencies(
        n=len(questions),
        embedding_p50=percentile(embeddings, 0.5),
        raw_query_p50=percentile(queries, 0.5),
        ask_p50=percentile(asks, 0.5),
        ask_p99=percentile(asks, 0.99),
    )
