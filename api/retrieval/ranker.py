"""A linear ranker over the features of documents; its weights were fitted, and are kept in a file with their origin."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from api.retrieval.document_features import DocumentFeatures

_FILE = "ranker.json"
_STATUS_WEIGHT = 2.0  # what halving a document's trust costs, over ln 2; by judgement: the questions know no status


@dataclass(frozen=True, slots=True)
class Weight:
    """How one feature counts: `weight` for each `scale` that its value is above `mean`."""

    mean: float
    scale: float
    weight: float


@dataclass(frozen=True, slots=True)
class Ranker:
    """Weights by the name of a feature. `origin` says what they were fitted on, and by which command."""

    weights: Mapping[str, Weight]
    origin: str

    def score(self, features: DocumentFeatures, trust: float) -> float:
        """Return the score of a document whose status and age are worth `trust` (0..1); it orders one search only.

        Differences are log odds: exp(a - b) is how much likelier the first is the right one than the second.
        """
        learned: float = sum(
            one.weight * (getattr(features, name) - one.mean) / one.scale for name, one in self.weights.items()
        )
        return learned + _STATUS_WEIGHT * math.log(max(trust, 1e-6))


def default_ranker() -> Ranker:
    """Return the ranker that comes with Groundwatch."""
    record = json.loads(files("api.retrieval").joinpath(_FILE).read_text(encoding="utf-8"))
    return Ranker({name: Weight(**one) for name, one in record["weights"].items()}, record["origin"])
