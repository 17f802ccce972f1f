"""Where the right document stands in a ranking, and what that comes to over many questions."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evals.statistics import Mean, mean, share
from ingest.knowledge.index import LegHit

DEPTH = 10
"""Ranks looked at; a right document below counts as not found."""

RRF_K = 60
"""The constant of reciprocal rank fusion as published (Cormack, Clarke and Büttcher, SIGIR 2009)."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Recall at some depths and mean reciprocal rank, over one group of questions.

    With one right document a question, recall is the share of questions whose right document is found;
    where several count as right, the first of them is.
    """

    recall_1: Mean
    recall_5: Mean
    recall_10: Mean
    mrr: Mean


def first_right(paths: Iterable[str], relevant: frozenset[str]) -> int:
    """Return the rank, from 1, of the first right document among the first DEPTH; 0 where there is none."""
    for rank, path in enumerate(paths, start=1):
        if rank > DEPTH:
            break
        if path in relevant:
            return rank
    return 0


def ranking_of(ranks: Sequence[int]) -> Ranking:
    """Sum up the ranks of `first_right`; raises ValueError without any."""
    return Ranking(
        recall_1=share([rank == 1 for rank in ranks]),
        recall_5=share([1 <= rank <= 5 for rank in ranks]),
        recall_10=share([1 <= rank <= 10 for rank in ranks]),
        mrr=mean([reciprocal(rank) for rank in ranks]),
    )


def reciprocal(rank: int) -> float:
    """Return 1/rank, and 0 for a document that was not found."""
    return 1 / rank if rank else 0.0


def by_best_passage(hits: Sequence[LegHit], path_of: Mapping[str, str]) -> list[str]:
    """Return the documents of ranked passages, each at the place of its best one."""
    return list(dict.fromkeys(path_of[hit.passage_id] for hit in hits if hit.passage_id in path_of))


def reciprocal_rank_fusion(legs: Iterable[Sequence[LegHit]], k: int = RRF_K) -> list[LegHit]:
    """Fuse ranked passages by the sum of 1 / (k + rank), best first; ties in order of passage id."""
    scores: dict[str, list[float]] = {}
    for leg in legs:
        for rank, hit in enumerate(leg, start=1):
            scores.setdefault(hit.passage_id, []).append(1 / (k + rank))
    fused = [LegHit(key, math.fsum(parts)) for key, parts in scores.items()]
    return sorted(fused, key=lambda hit: (-hit.score, hit.passage_id))
