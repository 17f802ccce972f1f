"""Fit how likely the first hypothesis is right, and give each case a probability by a model that never saw its pair."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.confidence import Confidence, Logistic, Measure, Standing
from evals.reliability import auroc, brier, expected_calibration_error
from ingest.errors import UsageError

RIDGE = 0.01
"""Weight of the penalty on standardised features; .003 and .03 give the same Brier within .002."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Graded:
    """How a case's first hypothesis stands, whether its component and its kind are right, and the case's fold."""

    standing: Standing
    component_right: bool
    kind_right: bool
    set: str
    fold: int


def fit_confidence(graded: Sequence[Graded], *, origin: str) -> Confidence:
    """Return both models fitted on all cases, measured by cross-validation. Raises UsageError for too few cases."""
    if len(graded) < 20:
        raise UsageError(f"{len(graded)} cases are too few to calibrate on; give 20 or more")
    component = [one.component_right for one in graded]
    kind = [one.component_right and one.kind_right for one in graded]
    return Confidence(_whole(graded, component), _whole(graded, kind), origin)


def unseen_confidences(graded: Sequence[Graded]) -> list[Confidence]:
    """Return for each case both models fitted without its fold."""
    found: dict[int, Confidence] = {}
    for fold in sorted({one.fold for one in graded}):
        others = [one for one in graded if one.fold != fold]
        component = [one.component_right for one in others]
        kind = [one.component_right and one.kind_right for one in others]
        found[fold] = Confidence(_model(others, component, _NONE), _model(others, kind, _NONE), f"without fold {fold}")
    return [found[one.fold] for one in graded]


_NONE = Measure(0, 0.0, 0.0, 0.0, 0.5)


def _whole(graded: Sequence[Graded], right: Sequence[bool]) -> Logistic:
    predicted = np.zeros(len(graded))
    for fold in sorted({one.fold for one in graded}):
        train = [at for at, one in enumerate(graded) if one.fold != fold]
        model = _model([graded[at] for at in train], [right[at] for at in train], _NONE)
        for at, one in enumerate(graded):
            if one.fold == fold:
                predicted[at] = model.probability(one.standing)
    outcomes = np.array(right, dtype=float)
    measure = Measure(
        n=len(graded),
        brier=round(brier(predicted, outcomes), 4),
        constant_brier=round(float(outcomes.mean() * (1 - outcomes.mean())), 4),
        ece=round(expected_calibration_error(predicted, outcomes), 4),
        auroc=round(auroc(predicted, outcomes), 4),
    )
    return _model(graded, right, measure)


def _model(graded: Sequence[Graded], right: Sequence[bool], measure: Measure) -> Logistic:
    """Return a ridge logistic regression on standardised features, in the features' own units."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]  # scipy ships no type hints

    rows = [one.standing.features() for one in graded]
    names = sorted(rows[0])
    values = np.array([[row[name] for name in names] for row in rows])
    outcomes = np.array(right, dtype=float)
    middle, scale = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = (values - middle) / scale

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        odds = scaled @ weights[1:] + weights[0]
        chance = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        value = -float(np.mean(outcomes * np.log(chance + 1e-12) + (1 - outcomes) * np.log(1 - chance + 1e-12)))
        gradient = np.concatenate([[np.mean(chance - outcomes)], scaled.T @ (chance - outcomes) / len(outcomes)])
        penalty = np.concatenate([[0.0], 2 * RIDGE * weights[1:]])
        return value + RIDGE * float(weights[1:] @ weights[1:]), gradient + penalty

    best = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B").x
    own = best[1:] / scale
    return Logistic(
        weights={name: round(float(weight), 5) for name, weight in zip(names, own, strict=True)},
        constant=round(float(best[0] - own @ middle), 5),
        measure=measure,
    )
