"""How well questions find their documents by their vectors alone, and whether a difference can be chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.adaptation.pairs import Pair, PairKind
from ingest.adaptation.passage_table import PassageTable
from ingest.knowledge.index import Vector
from ingest.knowledge.query_adapter import QueryAdapter

DEPTH = 10
"""Ranks looked at; a document below counts as not found."""

_RESAMPLES = 2000
_SEED = 4
_TAILS = (2.5, 97.5)
_BATCH = 256  # questions scored at once: their scores for 50,000 passages take 50 MB

Ranks = NDArray[np.int64]


class SearchTrial(Protocol):
    """Try questions with the whole search, of which the vectors are one leg only."""

    def ranks(self, pairs: Sequence[Pair], table: PassageTable, adapter: QueryAdapter | None) -> Ranks:
        """Return the rank of the right family for each pair among the first DEPTH, from 1; 0 where it is not.

        What a pair hides, and the documents that it comes from, must not be found.
        """


@dataclass(frozen=True, slots=True)
class Comparison:
    """Mean reciprocal rank and recall at 5 of the same `n` questions without and with an adapter.

    `low` and `high` bound the difference of the former by 95 %; questions for the same family count as one draw.
    """

    measure: str
    n: int
    before: float
    after: float
    low: float
    high: float
    recall_before: float
    recall_after: float

    @property
    def gain(self) -> float:
        """What the adapter adds to the mean reciprocal rank."""
        return self.after - self.before


def dense_ranks(
    table: PassageTable, pairs: Sequence[Pair], queries: Vector, adapter: QueryAdapter | None = None
) -> Ranks:
    """Return the rank of the right family for each pair by cosine alone, from 1; 0 below DEPTH."""
    vectors = queries if adapter is None else adapter.apply(queries)
    found = np.zeros(len(pairs), dtype=np.int64)
    for start in range(0, len(pairs), _BATCH):
        batch = pairs[start : start + _BATCH]
        scores = vectors[start : start + _BATCH] @ table.vectors.T
        for place, pair in enumerate(batch):
            scores[place, list(pair.hidden)] = -2.0  # below every cosine
        best = table.best_of_families(scores)
        right = best[np.arange(len(batch)), [pair.family for pair in batch]]
        ranks = 1 + (best > right[:, None]).sum(axis=1)
        found[start : start + len(batch)] = np.where(ranks <= DEPTH, ranks, 0)
    return found


def reciprocal(ranks: Ranks) -> NDArray[np.float64]:
    """Return 1/rank of each, and 0 for what was not found."""
    return np.where(ranks > 0, 1.0 / np.maximum(ranks, 1), 0.0)


def compare(measure: str, pairs: Sequence[Pair], before: Ranks, after: Ranks) -> Comparison:
    """Return what an adapter changes over the same pairs, by a paired bootstrap over families.

    Percentile bootstrap of clusters (Davison and Hinkley, Bootstrap Methods and their Application, 1997, section
    3.8), always with the same seed. Raises ValueError without pairs.
    """
    if not pairs:
        raise ValueError("no pairs to compare; leave the measure out and say so")
    earlier, later = reciprocal(before), reciprocal(after)
    low, high = _interval(later - earlier, np.array([pair.family for pair in pairs]))
    return Comparison(
        measure=measure,
        n=len(pairs),
        before=float(earlier.mean()),
        after=float(later.mean()),
        low=low,
        high=high,
        recall_before=_recall(before),
        recall_after=_recall(after),
    )


def by_kind(measure: str, pairs: Sequence[Pair], before: Ranks, after: Ranks) -> list[Comparison]:
    """Return the comparison of each kind of pair that is there."""
    found: list[Comparison] = []
    for kind in PairKind:
        rows = [row for row, pair in enumerate(pairs) if pair.kind is kind]
        if rows:
            found.append(compare(f"{measure}, {kind.value}", [pairs[row] for row in rows], before[rows], after[rows]))
    return found


def _recall(ranks: Ranks) -> float:
    return float(((ranks > 0) & (ranks <= 5)).mean())


def _interval(changes: NDArray[np.float64], family: Ranks) -> tuple[float, float]:
    _, cluster = np.unique(family, return_inverse=True)
    sums = np.bincount(cluster, weights=changes)
    sizes = np.bincount(cluster).astype(np.float64)
    random = np.random.default_rng(_SEED)
    means = np.empty(_RESAMPLES)
    for number in range(_RESAMPLES):
        draw = random.integers(0, len(sums), size=len(sums))
        means[number] = sums[draw].sum() / sizes[draw].sum()
    low, high = np.percentile(means, _TAILS)
    return float(low), float(high)
