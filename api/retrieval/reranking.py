"""A second look at the best documents: what a model that reads question and passage together makes of them."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from api.retrieval.fusion import scale
from ingest.errors import ModelUnavailable

READ = 2
"""Passages of each document that are read; the better one counts."""


class Reranker(Protocol):
    """A model that scores passages for a question."""

    @property
    def name(self) -> str:
        """Name and digest of the model."""

    def scores(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return a score for each text, higher for a better one; raises ModelUnavailable."""


def look_again(
    scores: Mapping[str, float],
    passages: Mapping[str, Sequence[str]],
    question: str,
    reranker: Reranker,
    weight: float,
) -> dict[str, float]:
    """Return the scores of the ranker with what the reranker adds to those that have `passages`.

    Its scores are scaled to 0..1 among these documents (min-max), so any model's scale will do, and `weight` is what
    the best of them gains in log odds. A document loses nothing, so none falls behind those that were not read.
    Raises ModelUnavailable where the model gives no numbers.
    """
    pairs = [(key, text) for key, texts in passages.items() for text in texts[:READ]]
    if len({key for key, _ in pairs}) < 2:
        return dict(scores)
    given = [float(score) for score in reranker.scores(question, [text for _, text in pairs])]
    if len(given) != len(pairs) or not all(map(math.isfinite, given)):
        raise ModelUnavailable(
            f"the reranker {reranker.name!r} gave {len(given)} scores for {len(pairs)} passages, or some that are no "
            "numbers; set GROUNDWATCH_RERANKER to another model, or unset it"
        )
    best: dict[str, float] = {}
    for (key, _), score in zip(pairs, given, strict=True):
        best[key] = max(best.get(key, score), score)
    gained = dict(zip(best, scale(list(best.values())), strict=True))
    return {key: score + weight * gained.get(key, 0.0) for key, score in scores.items()}
