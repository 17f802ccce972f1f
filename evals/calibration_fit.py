"""Fit a calibration on labelled cases and judge it on folds that fitting did not see."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
from numpy.typing import NDArray

from api.answering.calibration import Calibration, ReliabilityBin, Term, interpolate
from api.answering.certainty import Certainty
from evals.answers import Condition
from evals.calibration_cases import CalibrationCase, SheetRow, is_right
from evals.questions import QuestionSet
from evals.reliability import auroc, brier, expected_calibration_error, reliability_table
from ingest.errors import UsageError

FOLDS = 5
DEALS = 6
"""How often the documents are dealt into folds anew for the figures of a calibration."""
STRENGTH = 0.1
"""Inverse of the ridge penalty of the logistic model; .03 and .3 give the same AUROC within .002."""

FEATURES = tuple(field.name for field in fields(Certainty))
_CONSTANT = 1e-4  # deviation of a feature that is the same everywhere, and so tells nothing
_GRID = 50  # knots of a moved calibration
_FEWEST = 40  # labelled cases, and of each outcome a quarter

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A case with its label, and for how many cases it stands: a sample that was read stands for its stratum."""

    case: CalibrationCase
    right: bool
    stands_for: float
    read: bool

    @property
    def fold(self) -> int:
        """The fold by a hash of the right document's path, so that no document is in two."""
        return self.fold_of(0)

    def fold_of(self, deal: int) -> int:
        """Return the fold in one of several deals of the documents; deal 0 is `fold`."""
        salt = f"fold {deal} " if deal else "fold "
        return hashlib.sha256(f"{salt}{self.case.key}".encode()).digest()[0] % FOLDS


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled case with the probability that it got from a model that never saw its document."""

    labelled: Labelled
    probability: float


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model over scaled features and the calibrating step behind it."""

    intercept: float
    terms: dict[str, Term]
    knots: list[tuple[float, float]]


def label(cases: Sequence[CalibrationCase], sheets: Sequence[SheetRow]) -> list[Labelled]:
    """Label cases: by the question's own documents, and where a sample of the others was read, by the sheet.

    In a stratum (question set, condition) of which a sample was read, the unread others are left out, and the read
    ones stand for all of them.
    """
    read = {(row.set, row.id, _condition(row.condition), row.doc_path): is_right(row) for row in sheets}
    wrong = [case for case in cases if not case.right]
    total = Counter(_stratum(case) for case in wrong)
    seen = Counter(_stratum(case) for case in wrong if _key(case) in read)
    labelled: list[Labelled] = []
    for case in cases:
        stratum = _stratum(case)
        if case.right or not seen[stratum]:
            labelled.append(Labelled(case, case.right, 1.0, False))
        elif _key(case) in read:
            labelled.append(Labelled(case, read[_key(case)], total[stratum] / seen[stratum], True))
    return labelled


def fit(labelled: Sequence[Labelled]) -> Model:
    """Fit the logistic model, and an isotonic step on probabilities that its own folds did not see.

    Raises UsageError where there are too few cases.
    """
    _require_enough(labelled)
    intercept, terms = _logistic(labelled)
    raw, outcomes, weights = _unseen_raw(labelled)
    return Model(intercept, terms, _isotonic(raw, outcomes, weights))


def cross_validate(labelled: Sequence[Labelled], deal: int = 0) -> list[Judged]:
    """Give each case the probability of a model, its calibrating step included, that saw no case of its document."""
    judged: list[Judged] = []
    for fold in range(FOLDS):
        model = fit([one for one in labelled if one.fold_of(deal) != fold])
        judged += [
            Judged(one, _probability(model, one.case.certainty)) for one in labelled if one.fold_of(deal) == fold
        ]
    return judged


def recalibrated(labelled: Sequence[Labelled], present: Calibration) -> tuple[list[Judged], Model]:
    """Keep a calibration's weights and move its numbers by two parameters (Platt, 1999); return unseen folds, and all.

    Raises UsageError where there are too few labels.
    """
    _require_enough(labelled)
    judged: list[Judged] = []
    for fold in range(FOLDS):
        knots = _platt([one for one in labelled if one.fold != fold], present)
        judged += [
            Judged(one, interpolate(knots, present.raw(one.case.certainty))) for one in labelled if one.fold == fold
        ]
    return judged, Model(present.intercept, present.terms, _platt(labelled, present))


def as_calibration(
    model: Model,
    judged: Sequence[Judged],
    *,
    name: str,
    embedding_model: str,
    on: date,
    adapter: str = "",
    again: Sequence[Sequence[Judged]] = (),
) -> Calibration:
    """Put a model together with what cross-validation says of it.

    `again` are cross-validations of the same cases in other deals: figures are means over all of them, as one deal
    of a thousand cases moves the calibration error by a hundredth.
    """
    p, y = spread(judged)
    base = float(y.mean())
    deals = [spread(one) for one in (judged, *again)]
    return Calibration(
        name=name,
        fitted=on.isoformat(),
        n=len(judged),
        base_rate=round(base, 4),
        brier=round(_mean(brier, deals), 4),
        brier_of_base_rate=round(base * (1 - base), 4),
        ece=round(_mean(expected_calibration_error, deals), 4),
        auroc=round(_mean(auroc, deals), 4),
        embedding_model=embedding_model,
        adapter=adapter,
        intercept=round(model.intercept, 5),
        terms=model.terms,
        knots=model.knots,
        reliability=[
            ReliabilityBin(predicted=round(one.predicted, 4), observed=round(one.observed.value, 4), n=one.n)
            for one in reliability_table(p, y)
        ],
    )


def spread(judged: Sequence[Judged]) -> tuple[Vector, Vector]:
    """Return probabilities and outcomes, each case as often as it stands for others, rounded."""
    times = [max(1, round(one.labelled.stands_for)) for one in judged]
    p = np.repeat([one.probability for one in judged], times)
    y = np.repeat([float(one.labelled.right) for one in judged], times)
    return p, y


def _mean(metric: Callable[[Vector, Vector], float], deals: Sequence[tuple[Vector, Vector]]) -> float:
    return float(np.mean([metric(p, y) for p, y in deals]))


def _require_enough(labelled: Sequence[Labelled]) -> None:
    right = sum(one.right for one in labelled)
    if len(labelled) < _FEWEST or min(right, len(labelled) - right) < _FEWEST // 4:
        raise UsageError(
            f"{len(labelled)} labelled cases, {right} of them right, are too few to calibrate on; at least {_FEWEST} "
            f"with {_FEWEST // 4} right and as many wrong ones are needed"
        )


def _platt(labelled: Sequence[Labelled], present: Calibration) -> list[tuple[float, float]]:
    """Return knots on a logistic curve through the calibrated log odds."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no type hints

    odds = np.array([[_log_odds(present.probability(one.case.certainty))] for one in labelled])
    outcomes = np.array([one.right for one in labelled])
    if outcomes.all() or not outcomes.any():
        return list(present.knots)
    curve = LogisticRegression(C=1.0).fit(odds, outcomes)
    slope = max(0.0, float(curve.coef_[0][0]))  # a likelier answer never becomes the less likely one
    grid = [step / _GRID for step in range(_GRID + 1)]
    moved = [
        1 / (1 + np.exp(-(slope * _log_odds(interpolate(present.knots, raw)) + float(curve.intercept_[0]))))
        for raw in grid
    ]
    return [(raw, round(float(value), 5)) for raw, value in zip(grid, moved, strict=True)]


def _log_odds(probability: float) -> float:
    kept = min(max(probability, 0.001), 0.999)
    return float(np.log(kept / (1 - kept)))


def _probability(model: Model, certainty: Certainty) -> float:
    odds = model.intercept + sum(
        term.weight * (getattr(certainty, name) - term.mean) / term.scale for name, term in model.terms.items()
    )
    return interpolate(model.knots, float(1 / (1 + np.exp(-odds))))


def _logistic(labelled: Sequence[Labelled]) -> tuple[float, dict[str, Term]]:
    from sklearn.linear_model import LogisticRegression

    values = np.array([[getattr(one.case.certainty, name) for name in FEATURES] for one in labelled])
    middle, scale = values.mean(axis=0), values.std(axis=0) + 1e-6
    outcomes = np.array([one.right for one in labelled])
    weights = np.array([one.stands_for for one in labelled])
    found = LogisticRegression(C=STRENGTH, max_iter=5_000).fit((values - middle) / scale, outcomes, weights)
    terms = {
        name: Term(
            mean=round(float(middle[at]), 5),
            scale=round(float(scale[at]), 5),
            weight=round(float(found.coef_[0][at]), 5),
        )
        for at, name in enumerate(FEATURES)
        if scale[at] > _CONSTANT
    }
    return float(found.intercept_[0]), terms


def _unseen_raw(labelled: Sequence[Labelled]) -> tuple[Vector, Vector, Vector]:
    """Return, for every case, the raw probability of a model that did not see its document."""
    raw: list[float] = []
    outcomes: list[float] = []
    weights: list[float] = []
    for fold in sorted({one.fold for one in labelled}):
        intercept, terms = _logistic([one for one in labelled if one.fold != fold])
        model = Model(intercept, terms, [])
        for one in labelled:
            if one.fold == fold:
                raw.append(_probability(model, one.case.certainty))
                outcomes.append(float(one.right))
                weights.append(one.stands_for)
    return np.array(raw), np.array(outcomes), np.array(weights)


def _isotonic(raw: Vector, outcomes: Vector, weights: Vector) -> list[tuple[float, float]]:
    """Return the knots of an isotonic fit, its steps joined by lines between their middles.

    Kept off 0 and 1: no number of cases shows that something never fails.
    """
    from sklearn.isotonic import IsotonicRegression  # type: ignore[import-untyped]  # ships no type hints

    fitted = IsotonicRegression(y_min=0.01, y_max=0.99, out_of_bounds="clip").fit(raw, outcomes, weights)
    order = np.argsort(raw, kind="stable")
    levels = fitted.predict(raw[order])
    knots: list[tuple[float, float]] = []
    for level in np.unique(levels):
        members = raw[order][levels == level]
        knots.append((round(float(np.average(members)), 5), round(float(level), 5)))
    return knots


def _condition(text: str) -> str:
    return "excluded" if text == Condition.EXCLUDED.value or text == "excluded" else "full"


def _stratum(case: CalibrationCase) -> tuple[str, str]:
    return (case.set.value, "excluded" if case.condition is Condition.EXCLUDED else "full")


def _key(case: CalibrationCase) -> tuple[QuestionSet, str, str, str]:
    return (case.set, case.id, _stratum(case)[1], case.cited)
