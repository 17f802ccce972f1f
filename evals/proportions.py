"""Shares of few cases, with Wilson's interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class Proportion:
    """`hits` of `n`, with the 95 % interval of Wilson (1927)."""

    hits: int
    n: int
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.hits} of {self.n} ({self.low:.2f}-{self.high:.2f})"


def proportion(outcomes: Sequence[bool]) -> Proportion:
    """Return the share of true outcomes. Raises ValueError without any."""
    n, hits = len(outcomes), sum(outcomes)
    if not n:
        raise ValueError("no outcomes to take a share of; leave the empty group out")
    share, square = hits / n, _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = _Z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    low = 0.0 if not hits else middle - reach
    return Proportion(hits, n, low, 1.0 if hits == n else middle + reach)
