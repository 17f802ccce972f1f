"""What is told of a system whose incidents no model saw: which verdicts, and how many name the right component."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.investigation.verdicts import VerdictState
from evals.investigation_cases import Case
from evals.investigation_models import NO_COMPONENT, Models, concluded


@dataclass(frozen=True, slots=True)
class Told:
    """How one set was answered: cases by verdict with how many of them were right, and verdicts on healthy windows."""

    set: str
    faulty: dict[str, tuple[int, int]]
    healthy: dict[str, int]


def told_to_strangers(cases: Sequence[Case], models: Models) -> list[Told]:
    """Return by set what is told where the models know no incident of the system, as it is by default."""
    found: dict[str, Told] = {}
    for case in cases:
        if case.set in NO_COMPONENT:
            continue
        one = found.setdefault(case.set, Told(case.set, {}, {}))
        verdict = concluded(case, *models.of(case), fitted_here=False).verdict
        state = verdict.state.value
        if case.truth.component is None:
            one.healthy[state] = one.healthy.get(state, 0) + 1
            continue
        right = verdict.cause is not None and verdict.cause.component == case.truth.component
        n, n_right = one.faulty.get(state, (0, 0))
        one.faulty[state] = n + 1, n_right + right
    return [found[name] for name in sorted(found)]


def strangers_text(told: Sequence[Told]) -> str:
    """Return it as lines."""
    states = [one.value for one in VerdictState]
    lines = ["as told where no incident of the system is known (right of all, by verdict; then healthy windows):"]
    for one in told:
        faulty = ", ".join(
            f"{state} {one.faulty[state][1]} of {one.faulty[state][0]}" for state in states if state in one.faulty
        )
        healthy = ", ".join(f"{state} {one.healthy[state]}" for state in states if state in one.healthy)
        lines.append(f"{one.set:<16}  {faulty}{f'; healthy: {healthy}' if healthy else ''}")
    return "\n".join(lines)
