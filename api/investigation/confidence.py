"""How likely the first hypothesis is right: logistic models of how it stands among the others, with their measure."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

_FILE = "confidence.json"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the first hypothesis stands among the others.

    `share` and `margin` are its softmax share and how far the second stands behind; `sources` the classes of sources
    that support it; `strength` the logarithm of its strongest finding; `kind_share` that of its kind among kinds;
    `candidates` how many were weighed; `objections` how many rules object.
    """

    share: float
    margin: float
    sources: int
    strength: float
    kind_share: float
    candidates: int
    objections: int

    def features(self) -> dict[str, float]:
        """Return the values that the model weighs, by name."""
        share = min(max(self.share, 1e-4), 1 - 1e-4)
        return {
            "share": math.log(share / (1 - share)),
            "margin": self.margin,
            "sources": float(self.sources),
            "strength": self.strength,
            "kind_share": self.kind_share,
            "candidates": math.log(max(1, self.candidates)),
            "objections": float(self.objections),
        }


@dataclass(frozen=True, slots=True)
class Measure:
    """How a model did on cases that it was not fitted on: `n` of them, Brier score, expected calibration error."""

    n: int
    brier: float
    constant_brier: float
    ece: float
    auroc: float


@dataclass(frozen=True, slots=True)
class Logistic:
    """Weights by the name of a feature, the constant, and how well it did by cross-validation."""

    weights: Mapping[str, float]
    constant: float
    measure: Measure

    def probability(self, standing: Standing) -> float:
        """Return the probability that this standing belongs to a right answer, from 0 to 1."""
        values = standing.features()
        odds = self.constant + math.fsum(self.weights[name] * values[name] for name in sorted(self.weights))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


@dataclass(frozen=True, slots=True)
class Costs:
    """What answers cost, in units of a wrong cause that is called confirmed.

    A likely cause that is wrong costs `wrong_likely`; telling none where the first was right costs `silence`.
    """

    wrong_likely: float = 0.4
    silence: float = 0.2
    confirmed_from: float = 0.9

    @property
    def likely_from(self) -> float:
        """The probability from which a cause is worth telling: p of it right outweighs 1 - p of it wrong."""
        return self.wrong_likely / (self.wrong_likely + self.silence)


@dataclass(frozen=True, slots=True)
class Confidence:
    """One model for the component, one for component and kind. `origin` says what both were fitted on, and how."""

    component: Logistic
    kind: Logistic
    origin: str


def default_confidence() -> Confidence | None:
    """Return the models that come with Groundwatch; None where none was fitted."""
    file = files("api.investigation").joinpath(_FILE)
    if not file.is_file():
        return None
    record = json.loads(file.read_text(encoding="utf-8"))
    return Confidence(_logistic(record["component"]), _logistic(record["kind"]), record["origin"])


def _logistic(record: Mapping[str, object]) -> Logistic:
    loaded = json.loads(json.dumps(record))
    return Logistic(loaded["weights"], loaded["constant"], Measure(**loaded["measure"]))
