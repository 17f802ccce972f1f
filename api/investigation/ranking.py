"""Which component is the cause: a conditional logit over features of the candidates, with fitted weights."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from api.investigation.candidates import Candidate
from api.investigation.presumptions import presumed

_FILE = "ranking.json"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its share of the weight of all, from 0 to 1."""

    candidate: Candidate
    share: float


@dataclass(frozen=True, slots=True)
class CauseRanking:
    """Weights by the name of a feature; one that is not there weighs what is presumed of it where `presumes`, else 0.

    The share of a candidate is its softmax over those of one incident (conditional logit; McFadden, "Conditional logit
    analysis of qualitative choice behavior", 1974). `origin` says what the weights were fitted on, and how.
    """

    weights: Mapping[str, float]
    origin: str
    presumes: bool = False

    def score(self, candidate: Candidate) -> float:
        """Return the score of a candidate; only differences within one incident mean something."""
        return math.fsum(self._weight(name) * value for name, value in sorted(candidate.features.items()))

    def rank(self, candidates: Sequence[Candidate]) -> tuple[Ranked, ...]:
        """Return the candidates, likeliest first; equal ones by name."""
        scores = {one.component: self.score(one) for one in candidates}
        best = max(scores.values(), default=0.0)
        odds = {name: math.exp(score - best) for name, score in scores.items()}
        total = math.fsum(odds[name] for name in sorted(odds))
        ranked = [Ranked(one, odds[one.component] / total) for one in candidates]
        return tuple(sorted(ranked, key=lambda one: (-round(one.share, 12), one.candidate.component)))

    def _weight(self, name: str) -> float:
        return self.weights.get(name, presumed(name) if self.presumes else 0.0)


def default_ranking() -> CauseRanking:
    """Return the weights that come with Groundwatch."""
    record = json.loads(files("api.investigation").joinpath(_FILE).read_text(encoding="utf-8"))
    return CauseRanking(record["weights"], record["origin"], presumes=True)
