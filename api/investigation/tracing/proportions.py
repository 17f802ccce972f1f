"""Whether a share fell: two proportions compared with small counts in mind."""

import math

_PSEUDO = 0.5  # Agresti and Caffo (2000) add one success and failure; half of that keeps 7 of 7 against 0 of 7 clear


def fall(before: float, of_before: int, after: float, of_after: int) -> float:
    """Return how many standard errors the share `after / of_after` lies below `before / of_before`; negative above."""
    first = (before + _PSEUDO) / (of_before + 2 * _PSEUDO)
    second = (after + _PSEUDO) / (of_after + 2 * _PSEUDO)
    pooled = (before + after + 2 * _PSEUDO) / (of_before + of_after + 4 * _PSEUDO)
    error = math.sqrt(pooled * (1 - pooled) * (1 / (of_before + 2 * _PSEUDO) + 1 / (of_after + 2 * _PSEUDO)))
    score = (first - second) / error
    told = before / of_before - after / of_after if of_before and of_after else score
    return score if score * told > 0 else 0.0  # smoothing alone, of samples of other sizes, is no difference
