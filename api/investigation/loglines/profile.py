"""Sum up what the logs say of each component, in numbers that a ranking can weigh."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.investigation.loglines.differences import Comparison
from api.investigation.loglines.sequences import LostStep, discounted

NOTABLE = 3.0
"""Score from which a template or a step counts for the onset and for blame."""


@dataclass(frozen=True, slots=True)
class LogProfile:
    """What the logs say of one component; each 0 where there is nothing.

    `broken` is the share of a step that is no longer taken times its score, discounted where a callee lost one too;
    the other scores are those of its strongest template. `blamed_by` counts other components' unusual lines of
    trouble that name it.
    """

    component: str
    broken: float = 0.0
    new_errors: float = 0.0
    new_lines: float = 0.0
    vanished: float = 0.0
    rate: float = 0.0
    blamed_by: int = 0
    onset: int | None = None

    @property
    def strongest(self) -> float:
        """One number to rank by: what speaks loudest."""
        return max(2 * self.broken, self.new_errors, 0.75 * self.new_lines, 0.5 * self.vanished, 0.5 * self.rate)


def profiles(compared: Comparison, callees: Mapping[str, Iterable[str]]) -> dict[str, LogProfile]:
    """Return the profile of each component that has logs or is named in one, by name."""
    broken = broken_scores(compared.steps, callees)
    best: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    blamed: dict[str, int] = defaultdict(int)
    onsets: dict[str, list[int]] = defaultdict(list)
    for number, template in enumerate(compared.templates):
        score, kind = compared.score(number), _kind(compared, number)
        own = best[template.component]
        own[kind] = max(own[kind], score)
        if score < NOTABLE:
            continue
        began, peer = compared.onset(number), compared.peers[number]
        if began is not None:
            onsets[template.component].append(began)
        if peer is not None and kind == "new_errors":
            blamed[peer] += int(compared.now.counts[number])
    for step in compared.steps:
        if step.score >= NOTABLE:
            onsets[step.component].append(step.onset)
    return {
        name: LogProfile(
            name, broken.get(name, 0.0), own["new_errors"], own["new_lines"], own["vanished"], own["rate"],
            blamed.get(name, 0), min(onsets[name], default=None),
        )
        for name in sorted({*best, *blamed})
        for own in (best[name],)
    }  # fmt: skip


def broken_scores(steps: Sequence[LostStep], callees: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """Return for each component its gravest lost step's share times score, discounted by its callees' losses."""
    losses: dict[str, float] = {}
    for step in steps:
        losses[step.component] = max(losses.get(step.component, 0.0), step.loss * step.score)
    return discounted(losses, callees)


def _kind(compared: Comparison, number: int) -> str:
    if compared.rates[number].score > 0 and compared.troubled(number):
        return "new_errors"
    if compared.is_new(number):
        return "new_lines"
    return "vanished" if compared.is_gone(number) else "rate"
