"""Find better weights for the search: one at a time over a grid, on dev questions only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from api.retrieval.tuning import RetrievalTuning

GRID: Mapping[str, Sequence[float]] = {
    "dense": (0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.25),
    "identifiers": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0),
    "spelled": (0.0, 0.25, 0.5, 0.75, 1.0),
    "phrase": (0.0, 0.1, 0.3, 0.5),
    "second": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
    "third": (0.0, 0.05, 0.1, 0.2, 0.3),
    "candidates": (50, 100, 150, 200),
    "considered": (50, 100, 150),
}
"""Values tried for each field; `lexical` stays 1, because only the ratios of weights matter."""

DEEPEST = int(max(GRID["candidates"]))
"""Deepest leg that the grid asks for."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A set of weights and the score they reached."""

    tuning: RetrievalTuning
    score: float


Evaluate = Callable[[RetrievalTuning], float]


def coordinate_search(
    evaluate: Evaluate,
    start: RetrievalTuning,
    grid: Mapping[str, Sequence[float]] = GRID,
    *,
    rounds: int = 3,
    on_trial: Callable[[Trial], None] | None = None,
) -> Trial:
    """Return the best trial: each field in turn takes its best value, until a whole round gains nothing.

    A value must gain more than 0.0005 to replace another, so that ties keep what is there.
    """
    best = Trial(start, evaluate(start))
    for _ in range(rounds):
        before = best
        for name, values in grid.items():
            best = _along(evaluate, best, name, values, on_trial)
        if best == before:
            break
    return best


def _along(
    evaluate: Evaluate,
    best: Trial,
    name: str,
    values: Sequence[float],
    on_trial: Callable[[Trial], None] | None,
) -> Trial:
    present = getattr(best.tuning, name)
    for value in values:
        if value == present:
            continue
        tuning = replace(best.tuning, **{name: value})  # type: ignore[arg-type]  # GRID holds values of the fields
        trial = Trial(tuning, evaluate(tuning))
        if on_trial is not None:
            on_trial(trial)
        if trial.score > best.score + 0.0005:
            best = trial
    return best
