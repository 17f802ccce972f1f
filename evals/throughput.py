"""How fast an ingest is beside the embedding model alone, and how little the second one does."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals.corpus import CorpusSource, open_workshop
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import Vector
from ingest.pipeline import ingest

EncodeAlone = Callable[[list[str]], object]

_SLICE = 64  # texts: the batch that the embedder itself works in


@dataclass(frozen=True, slots=True)
class Throughput:
    """Two ingests of the same documents. Seconds of the first leave out what was encoded for comparison."""

    passages: int
    alone_seconds: float
    first_seconds: float
    second_seconds: float
    second_embedded: int

    @property
    def ratio(self) -> float:
        """Throughput of the ingest over that of the model alone."""
        return self.alone_seconds / self.first_seconds

    @property
    def second_share(self) -> float:
        """Time of the second ingest over that of the first."""
        return self.second_seconds / self.first_seconds


class SideBySide:
    """An embedder that also has each slice of a batch encoded by the model alone, taking turns at going first.

    Both so meet the same load of the machine; `alone_seconds` is what the comparison took. An ingest hands
    its texts over sorted by length, so slicing them changes neither side's padding.
    """

    def __init__(self, embedder: Embedder, encode_alone: EncodeAlone) -> None:
        self._embedder = embedder
        self._encode_alone = encode_alone
        self._turn = False
        self.alone_seconds = 0.0
        self.passages = 0

    @property
    def model(self) -> str:
        """Name and digest of the model."""
        return self._embedder.model

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._embedder.dimension

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Embed with the product's embedder, and once more with the model alone."""
        rows = [self._slice(texts[start : start + _SLICE]) for start in range(0, len(texts), _SLICE)]
        return np.concatenate(rows) if rows else self._embedder.embed_passages(texts)

    def embed_query(self, text: str) -> Vector:
        """Embed a question."""
        return self._embedder.embed_query(text)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count word pieces."""
        return self._embedder.count_tokens(texts)

    def _slice(self, texts: Sequence[str]) -> Vector:
        self._turn = not self._turn
        if self._turn:
            self._alone(texts)
        vectors = self._embedder.embed_passages(texts)
        if not self._turn:
            self._alone(texts)
        return vectors

    def _alone(self, texts: Sequence[str]) -> None:
        started = time.perf_counter()
        self._encode_alone(list(texts))
        self.alone_seconds += time.perf_counter() - started
        self.passages += len(texts)


def measure_throughput(
    directory: Path, source: CorpusSource, embedder: Embedder, encode_alone: EncodeAlone
) -> Throughput:
    """Ingest `source` twice into the new directory, the first time beside the model alone; both are warmed before."""
    warm_up = ["warm up both models before anything is timed"] * 32
    embedder.embed_passages(warm_up)
    encode_alone(warm_up)
    both = SideBySide(embedder, encode_alone)
    first, _ = _timed_ingest(directory, source, both)
    second, embedded = _timed_ingest(directory, source, embedder)
    return Throughput(both.passages, both.alone_seconds, first - both.alone_seconds, second, embedded)


def _timed_ingest(directory: Path, source: CorpusSource, embedder: Embedder) -> tuple[float, int]:
    started = time.perf_counter()
    workshop = open_workshop(directory, embedder)
    try:
        result = ingest(workshop, [source])
    finally:
        workshop.close()
    return time.perf_counter() - started, result.embedded
