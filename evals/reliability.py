"""Whether a confidence means what it says: calibration error, Brier score, and what abstaining below it would save.

`p` are probabilities and `scores` any numbers that rise with confidence; `y` is 1 where the case came out right and
0 where it did not. All functions raise ValueError on columns that are empty, of unequal length or out of range.
`evals.bootstrap.metric_interval` gives the interval of any of them: `metric_interval(brier, p, y)`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evals.bootstrap import Interval, Numbers, mean_interval, numbers

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases of about the same probability: the mean that was predicted, and the share that came out right."""

    n: int
    predicted: float
    observed: Interval


@dataclass(frozen=True, slots=True)
class RiskAtCoverage:
    """The share of wrong ones among the `coverage` (0..1) most confident cases; `threshold` is their lowest score."""

    coverage: float
    risk: float
    threshold: float


def reliability_table(p: npt.ArrayLike, y: npt.ArrayLike, bins: int = BINS) -> tuple[Bin, ...]:
    """Return bins of equal mass, lowest probability first; equal probabilities share a bin, so there may be fewer.

    The bounds are quantiles, as in scikit-learn's `calibration_curve(strategy="quantile")`.
    """
    predicted, outcomes = _columns(p, y)
    number = _bin_numbers(predicted, bins)
    return tuple(
        Bin(int(inside.sum()), float(predicted[inside].mean()), mean_interval(outcomes[inside].tolist()))
        for inside in (number == each for each in np.unique(number))
    )


def expected_calibration_error(p: npt.ArrayLike, y: npt.ArrayLike, bins: int = BINS) -> float:
    """Return the mean distance of predicted and observed shares over bins of equal mass, weighted by their cases.

    Guo et al., On Calibration of Modern Neural Networks (2017), with the bins of Nguyen and O'Connor (2015). Few
    cases inflate it: a perfect forecast of 300 cases scores about 0.06.
    """
    predicted, outcomes = _columns(p, y)
    number = _bin_numbers(predicted, bins)
    return float(np.abs(np.bincount(number, weights=outcomes - predicted)).sum() / len(predicted))


def brier(p: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Return the mean squared distance of probability and outcome (Brier 1950); 0 is best."""
    predicted, outcomes = _columns(p, y)
    return float(((predicted - outcomes) ** 2).mean())


def brier_skill(p: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Return by what share the Brier score is better than always saying the base rate; 1 is perfect, 0 is no gain.

    Raises ValueError where all outcomes are equal: the base rate is then never wrong.
    """
    _, outcomes = _columns(p, y)
    rate = float(outcomes.mean())
    if rate in (0.0, 1.0):
        raise ValueError("all outcomes are equal, so nothing can be better than the base rate")
    return 1 - brier(p, y) / (rate * (1 - rate))


def auroc(scores: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Return the chance that a right case scores above a wrong one, ties counting half (Mann and Whitney 1947).

    Raises ValueError where all outcomes are equal.
    """
    values, outcomes = _scored(scores, y)
    right = int(outcomes.sum())
    wrong = len(outcomes) - right
    if not right or not wrong:
        raise ValueError("all outcomes are equal, so there is nothing to tell apart")
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[outcomes == 1].sum() - right * (right + 1) / 2) / (right * wrong))


def risk_coverage(scores: npt.ArrayLike, y: npt.ArrayLike) -> tuple[RiskAtCoverage, ...]:
    """Return the curve from the most confident case to all of them (El-Yaniv and Wiener 2010).

    It has a point for each different score, since no threshold can part cases that share one.
    """
    values, outcomes = _scored(scores, y)
    levels, counts, wrong = _by_level(values, outcomes)
    covered, errors = np.cumsum(counts), np.cumsum(wrong)
    return tuple(
        RiskAtCoverage(float(covered[i] / len(values)), float(errors[i] / covered[i]), float(levels[i]))
        for i in range(len(levels))
    )


def aurc(scores: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Return the area under the risk-coverage curve: the risk averaged over every number of cases answered.

    Geifman, Uziel and El-Yaniv (2019). Cases that share a score are taken in an order left to chance, so the value
    does not depend on the order of the columns; 0 is best, and a score that says nothing has the share of wrong ones.
    """
    values, outcomes = _scored(scores, y)
    _, counts, wrong = _by_level(values, outcomes)
    expected_errors = np.cumsum(np.repeat(wrong / counts, counts))
    return float((expected_errors / np.arange(1, len(values) + 1)).mean())


def best_aurc(y: npt.ArrayLike) -> float:
    """Return the area that no score can go below: all right cases before all wrong ones."""
    outcomes = _outcomes(y)
    return aurc(outcomes, outcomes)


def _bin_numbers(predicted: Numbers, bins: int) -> npt.NDArray[np.int64]:
    if bins < 1:
        raise ValueError(f"cannot sort cases into {bins!r} bins; ask for at least 1")
    inner_bounds = np.quantile(predicted, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(inner_bounds, predicted).astype(np.int64)


def _by_level(values: Numbers, outcomes: Numbers) -> tuple[Numbers, npt.NDArray[np.int64], Numbers]:
    """Return the different scores from high to low, with how many cases have each and how many of them are wrong."""
    levels, place, counts = np.unique(-values, return_inverse=True, return_counts=True)
    wrong: Numbers = np.bincount(place, weights=1 - outcomes).astype(np.float64)
    return -levels, counts.astype(np.int64), wrong


def _columns(p: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Numbers, Numbers]:
    predicted, outcomes = _scored(p, y)
    if predicted.min() < 0 or predicted.max() > 1:
        raise ValueError(f"probabilities reach from {predicted.min()!r} to {predicted.max()!r}; they lie in 0..1")
    return predicted, outcomes


def _scored(scores: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Numbers, Numbers]:
    values, outcomes = numbers(scores), _outcomes(y)
    if len(values) != len(outcomes):
        raise ValueError(f"{len(values)} scores for {len(outcomes)} outcomes; give one for each")
    return values, outcomes


def _outcomes(y: npt.ArrayLike) -> Numbers:
    outcomes = numbers(y)
    if not np.isin(outcomes, (0.0, 1.0)).all():
        raise ValueError("an outcome is neither 0 nor 1; say which cases came out right")
    return outcomes
