"""Which kind of fault the findings on a component look like."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from api.investigation.candidates import Candidate, strength
from api.investigation.faults import FaultKind
from api.investigation.findings import Finding
from api.investigation.signals import Signal

_FILE = "kinds.json"
_NEXT = 0.5  # of the weight of the kind before it: findings name the most typical kind first
_FLOOR = 0.02  # share of a kind that no finding names

Shares = tuple[tuple[FaultKind, float], ...]
"""Kinds with their shares, sum 1, likeliest first."""


def kinds_named(findings: Iterable[Finding]) -> Shares:
    """Return the kinds that the findings themselves name; UNKNOWN where they name none.

    Each finding gives its strength to the kinds that it names, each getting half of what the one before it gets.
    """
    weights: dict[FaultKind, float] = defaultdict(float)
    for finding in findings:
        parts = [_NEXT**place for place, _ in enumerate(finding.kinds)]
        for kind, part in zip(finding.kinds, parts, strict=True):
            weights[kind] += strength(finding) * part / sum(parts)
    total = sum(weights.values())
    if not total:
        return ((FaultKind.UNKNOWN, 1.0),)
    return _ordered({kind: weight / total for kind, weight in weights.items()})


@dataclass(frozen=True, slots=True)
class KindModel:
    """What findings name, weighed with which signals go with which kind (multinomial logit).

    `named` weighs the logarithm of a kind's named share; `weights` are those of features, `constants` there for the
    kinds that were fitted. A kind that was not fitted has what the findings name only, less `unfitted`.
    """

    named: float
    weights: Mapping[FaultKind, Mapping[str, float]]
    constants: Mapping[FaultKind, float]
    unfitted: float
    origin: str

    def shares(self, candidate: Candidate) -> Shares:
        """Return the kinds that a candidate's trouble looks like; UNKNOWN where nothing unusual is there."""
        named = dict(kinds_named(candidate.notable))
        if not candidate.notable:
            return ((FaultKind.UNKNOWN, 1.0),)
        kinds = sorted({*named, *self.constants} - {FaultKind.UNKNOWN})
        if not any(one.signal is Signal.CHANGE for one in candidate.notable):
            # That a change broke it is said only where one was seen.
            kinds = [kind for kind in kinds if kind is not FaultKind.BAD_CHANGE] or [FaultKind.UNKNOWN]
        scores = {kind: self._score(kind, named, candidate) for kind in kinds}
        best = max(scores.values())
        odds = {kind: math.exp(score - best) for kind, score in scores.items()}
        total = math.fsum(odds.values())
        return _ordered({kind: value / total for kind, value in odds.items()})

    def _score(self, kind: FaultKind, named: Mapping[FaultKind, float], candidate: Candidate) -> float:
        score = self.named * math.log(named.get(kind, 0.0) + _FLOOR)
        if kind not in self.constants:
            return score - self.unfitted
        own = self.weights[kind]
        return (
            score
            + self.constants[kind]
            + math.fsum(own[name] * value for name, value in sorted(candidate.features.items()) if name in own)
        )


def default_kinds() -> KindModel:
    """Return the model that comes with Groundwatch; without a fitted one, what the findings name."""
    file = files("api.investigation").joinpath(_FILE)
    if not file.is_file():
        return KindModel(1.0, {}, {}, 0.0, "what the findings name")
    record = json.loads(file.read_text(encoding="utf-8"))
    return KindModel(
        named=record["named"],
        weights={FaultKind(kind): own for kind, own in record["weights"].items()},
        constants={FaultKind(kind): value for kind, value in record["constants"].items()},
        unfitted=record["unfitted"],
        origin=record["origin"],
    )


def _ordered(shares: Mapping[FaultKind, float]) -> Shares:
    return tuple(sorted(shares.items(), key=lambda one: (-round(one[1], 12), one[0].value)))
