"""How grave the lost steps of each component are, less for one whose callee lost one too."""

from collections.abc import Iterable, Mapping, Sequence

from api.investigation.loglines.sequences import LostStep, discounted


def broken_scores(steps: Sequence[LostStep], callees: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """Return for each component its gravest lost step's share times score, discounted by its callees' losses."""
    losses: dict[str, float] = {}
    for step in steps:
        losses[step.component] = max(losses.get(step.component, 0.0), step.loss * step.score)
    return discounted(losses, callees)
