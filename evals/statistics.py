"""Averages with their standard errors, and percentiles."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over `n` values. `standard_error` is None where fewer than two values leave it unknown."""

    value: float
    standard_error: float | None
    n: int

    def __str__(self) -> str:
        error = "?" if self.standard_error is None else f"{self.standard_error:.3f}"
        return f"{self.value:.3f} ±{error}"


def mean(values: Sequence[float]) -> Mean:
    """Return the mean with its standard error, s / sqrt(n) where s is the sample's deviation (n - 1).

    Raises ValueError without values: a caller leaves an empty group out and says so.
    """
    n = len(values)
    if not n:
        raise ValueError("no values to average; leave the empty group out")
    value = math.fsum(values) / n
    if n == 1:
        return Mean(value, None, 1)
    deviation = math.sqrt(math.fsum((each - value) ** 2 for each in values) / (n - 1))
    return Mean(value, deviation / math.sqrt(n), n)


def share(outcomes: Sequence[bool]) -> Mean:
    """Return the share of true outcomes, as a mean of ones and zeros."""
    return mean([float(outcome) for outcome in outcomes])


def percentile(values: Sequence[float], share_below: float) -> float:
    """Return the value below which `share_below` (0..1) of the values lie, interpolated between neighbours.

    This is definition 7 of Hyndman and Fan (1996), the default of numpy.
    """
    if not values:
        raise ValueError("no values to take a percentile of")
    ordered = sorted(values)
    position = share_below * (len(ordered) - 1)
    lower = math.floor(position)
    upper = min(lower + 1, len(ordered) - 1)
    return ordered[lower] + (ordered[upper] - ordered[lower]) * (position - lower)
