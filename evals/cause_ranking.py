"""Fit the ranking of causes on recorded incidents, and rank each case by weights that never saw its (service, kind).

The loss is the cross-entropy of a softmax over the candidates of one case (conditional logit; McFadden 1974), sets
weighted by the root of their size. A ridge penalty draws each weight towards what is presumed of it (the mode of a
normal prior; Gelman et al., Bayesian Data Analysis, 2013, section 16.3), so that what few systems teach changes little.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.call_graph import CallGraph
from api.investigation.candidates import Candidate, candidates_of
from api.investigation.presumptions import presumed
from api.investigation.ranking import CauseRanking
from evals.investigation_cases import Case
from ingest.errors import UsageError

FOLDS = 8
RIDGE = 0.003
"""Weight of the penalty; .001 gives the same within one case on each set, .01 less on known and more on new systems."""

BY_JUDGEMENT = {"blamed": 1.5, "blames": -1.5}
"""Weights that are not fitted: the sets with labelled components have next to no lines that name another component."""

_UNWEIGHED = frozenset({"callee", "caller", "symptom"})
"""Features that say how a system is built rather than what is wrong: weights of them don't carry over to another."""

_CLEAR = 0.25  # what is presumed of the least of the signals that are a component's own

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates of a case, and which of them the label names; None where it names none of them.

    Cases of one `fold` are left out together.
    """

    case: Case
    candidates: tuple[Candidate, ...]
    right: int | None
    fold: int

    @property
    def teaches(self) -> bool:
        """Whether a fit can learn from it: a component is at fault, is a candidate, and there was a baseline."""
        return self.right is not None and self.case.incident.baseline is not None


def pair_fold(case: Case) -> int:
    """Return the fold by a hash of (set, service, kind), so that no such pair is in two."""
    return hashlib.sha256(case.truth.family.encode()).digest()[0] % FOLDS


def choice_of(case: Case, fold_of: Callable[[Case], int] = pair_fold) -> Choice:
    """Return the candidates of a case with their features."""
    graph = CallGraph(call for report in case.reports for call in report.calls)
    findings = [finding for report in case.reports for finding in report.findings]
    candidates = candidates_of(case.incident, findings, graph)
    names = [one.component for one in candidates]
    component = case.truth.component
    right = names.index(component) if component in names else None
    return Choice(case, candidates, right, fold_of(case))


def fit(choices: Sequence[Choice], *, origin: str, ridge: float = RIDGE) -> CauseRanking:
    """Return weights fitted on choices. Raises UsageError where no label names a candidate."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]  # scipy ships no type hints

    useful = [one for one in choices if one.teaches]
    if not useful:
        raise UsageError("no case has a labelled component among its candidates; check --cases")
    every = {name for one in useful for candidate in one.candidates for name in candidate.features}
    names = sorted(name for name in every - BY_JUDGEMENT.keys() - _UNWEIGHED if not name.endswith(".any"))
    start = np.array([presumed(name) for name in names])
    rows = [_matrix(one.candidates, names) for one in useful]
    sizes = Counter(one.case.set for one in useful)
    raw = np.array([1 / np.sqrt(sizes[one.case.set]) for one in useful])
    importance = raw / raw.sum()

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        away = weights - start
        value, gradient = ridge * float(away @ away), 2 * ridge * away
        for one, values, share in zip(useful, rows, importance, strict=True):
            odds = values @ weights
            odds = np.exp(odds - odds.max())
            all_ = odds / odds.sum()
            value -= float(share) * float(np.log(all_[one.right] + 1e-300))
            gradient = gradient + share * (all_ @ values - values[one.right])
        return value, gradient

    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[_bounds(name) for name in names]).x
    weights = {name: round(float(value), 4) for name, value in zip(names, best, strict=True)}
    return CauseRanking({**weights, **BY_JUDGEMENT}, origin, presumes=True)


def unseen_rankings(choices: Sequence[Choice]) -> list[CauseRanking]:
    """Return for each choice weights that were fitted without its fold."""
    folds = {one.fold for one in choices}
    fitted = {fold: fit([one for one in choices if one.fold != fold], origin=f"without fold {fold}") for fold in folds}
    return [fitted[one.fold] for one in choices]


def _bounds(name: str) -> tuple[float | None, float | None]:
    """Return what a weight may be at least and at most: few cases must not turn round what is plain.

    Trouble of a component itself never clears it, nor does that it began first or that its callers suffer; and that
    what it calls is in greater trouble never speaks for it.
    """
    if name == "callee_above_own":
        return None, 0.0
    plain = name in {"earliness", "callers_troubled"} or presumed(name) >= _CLEAR
    return (0.0 if plain else None), None


def _matrix(candidates: Sequence[Candidate], names: Sequence[str]) -> Numbers:
    return np.array([[one.features.get(name, 0.0) for name in names] for one in candidates])
