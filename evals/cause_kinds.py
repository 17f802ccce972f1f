"""Fit which signals go with which kind of fault, and give each case a model that never saw its (service, kind)."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from api.investigation.candidates import Candidate
from api.investigation.faults import FaultKind
from api.investigation.kinds import KindModel, kinds_named
from evals.cause_ranking import Choice
from evals.fault_terms import KINDS_OF_TERM

RIDGE = 0.003
_FLOOR = 0.02
_UNFITTED = 2.0  # by judgement: a kind that no case taught has to be named clearly

Numbers = NDArray[np.float64]


def fit_kinds(choices: Sequence[Choice], *, origin: str, ridge: float = RIDGE) -> KindModel:
    """Return a multinomial logit over the kinds that labels name, fitted on the components at fault."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]  # scipy ships no type hints

    useful = [one for one in choices if one.teaches and _kind(one) is not None]
    kinds = sorted({kind for one in useful if (kind := _kind(one)) is not None})
    guilty = [_guilty(one) for one in useful]
    names = sorted({name for one in guilty for name in one.features if _counts(name)})
    values = np.array([[one.features.get(name, 0.0) for name in names] for one in guilty])
    named = np.array([_named(one, kinds) for one in guilty])
    right = np.array([kinds.index(kind) for one in useful if (kind := _kind(one)) is not None])
    sizes = Counter(one.case.set for one in useful)
    raw = np.array([1 / math.sqrt(sizes[one.case.set]) for one in useful])
    importance = raw / raw.sum()
    shape = (len(names) + 1, len(kinds))
    wide = np.hstack([values, np.ones((len(useful), 1))])

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        weights, alpha = flat[1:].reshape(shape), flat[0]
        odds = wide @ weights + alpha * named
        odds = np.exp(odds - odds.max(axis=1, keepdims=True))
        all_ = odds / odds.sum(axis=1, keepdims=True)
        rows = np.arange(len(right))
        value = -float(importance @ np.log(all_[rows, right] + 1e-300)) + ridge * float((weights[:-1] ** 2).sum())
        off = all_.copy()
        off[rows, right] -= 1
        off *= importance[:, None]
        slope = wide.T @ off
        slope[:-1] += 2 * ridge * weights[:-1]
        return value, np.concatenate([[float((off * named).sum())], slope.ravel()])

    best = minimize(loss, np.concatenate([[1.0], np.zeros(shape).ravel()]), jac=True, method="L-BFGS-B").x
    weights = best[1:].reshape(shape)
    return KindModel(
        named=round(float(best[0]), 4),
        weights={
            kind: {
                name: round(float(weights[row, at]), 4)
                for row, name in enumerate(names)
                if abs(weights[row, at]) > 1e-3
            }
            for at, kind in enumerate(kinds)
        },
        constants={kind: round(float(weights[-1, at]), 4) for at, kind in enumerate(kinds)},
        unfitted=_UNFITTED,
        origin=origin,
    )


def unseen_kinds(choices: Sequence[Choice]) -> list[KindModel]:
    """Return for each choice a model that was fitted without its fold."""
    fitted = {
        fold: fit_kinds([one for one in choices if one.fold != fold], origin=f"without fold {fold}")
        for fold in {one.fold for one in choices}
    }
    return [fitted[one.fold] for one in choices]


def _kind(choice: Choice) -> FaultKind | None:
    """Return the plainest kind that a label's term names, where the term is known."""
    kinds = KINDS_OF_TERM.get(choice.case.truth.term)
    return kinds[0] if kinds else None


def _guilty(choice: Choice) -> Candidate:
    if choice.right is None:
        raise ValueError(f"{choice.case.name} names no candidate; leave it out")
    return choice.candidates[choice.right]


def _counts(name: str) -> bool:
    return name.count(".") >= 2 and not name.endswith((".alone", ".lead"))


def _named(candidate: Candidate, kinds: Sequence[FaultKind]) -> list[float]:
    shares = dict(kinds_named(candidate.notable))
    return [math.log(shares.get(kind, 0.0) + _FLOOR) for kind in kinds]
