"""What an investigation does without a part of the telemetry: does it say so, and does it settle for less?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.investigation.observations import SourceClass
from evals.bootstrap import Interval, difference_interval, mean_interval
from evals.investigation_cases import Case
from evals.investigation_grades import Answer, answers
from evals.investigation_models import Models

_SEEING = frozenset({SourceClass.METRIC, SourceClass.LOG, SourceClass.TRACE, SourceClass.CHANGE})
"""The classes that are hidden or left alone; events are told beside them."""


@dataclass(frozen=True, slots=True)
class Ablation:
    """A part that is hidden: classes of sources, or (`cause`) all that the component at fault tells of itself.

    It is about cases that have `needed`, and more than what is left of them where a class is hidden.
    """

    name: str
    hidden: frozenset[SourceClass] = frozenset()
    cause: bool = False
    needed: SourceClass | None = None

    def concerns(self, case: Case) -> bool:
        """Whether hiding it takes something away from a case, and leaves something."""
        if self.cause:
            return case.truth.component is not None and not case.truth.healthy
        there = frozenset(case.sources) & _SEEING
        return bool(there & self.hidden) and (self.needed is None or self.needed in there)

    def told(self, case: Case) -> bool:
        """Whether the gaps of a case name what was hidden: each class that it had, or the component."""
        if self.cause:
            return any(gap.component == case.truth.component for gap in case.gaps)
        named = {gap.source for gap in case.gaps if gap.component is None}
        return self.hidden <= named


def _only(source: SourceClass) -> Ablation:
    return Ablation(f"only {source.value}s", _SEEING - {source}, needed=source)


ABLATIONS = (
    Ablation("no traces", frozenset({SourceClass.TRACE})),
    Ablation("no logs", frozenset({SourceClass.LOG})),
    Ablation("no metrics", frozenset({SourceClass.METRIC})),
    Ablation("no changes", frozenset({SourceClass.CHANGE})),
    _only(SourceClass.METRIC),
    _only(SourceClass.LOG),
    _only(SourceClass.TRACE),
    Ablation("component at fault hidden", cause=True),
)
"""All that are measured, in the order of the table."""


@dataclass(frozen=True, slots=True)
class Ablated:
    """The same cases with everything there and with a part hidden; `n` cases, `graded` with a component to be found.

    `gaps_named` counts cases whose gaps name what is hidden; `confirmed` and `wrong` count verdicts, `fell` is the
    change of the share confirmed, with its 95 % interval over the pairs. `ac1` is over the graded ones.
    """

    name: str
    n: int
    graded: int
    gaps_named: int
    not_named: tuple[str, ...]
    ac1_before: Interval | None
    ac1: Interval | None
    confirmed_before: int
    confirmed: int
    fell: Interval
    wrong_before: int
    wrong: int
    wrong_names: tuple[str, ...]


def ablated(
    whole: Sequence[Case], models: Models, look: Callable[[Ablation, frozenset[str]], Sequence[Case]]
) -> tuple[Ablated, ...]:
    """Return what each ablation does; `look` gives the named cases as specialists see them without the part.

    The models are those fitted on whole cases, each case's own without its (service, kind) pair.
    """
    found: list[Ablated] = []
    for one in ABLATIONS:
        before = [case for case in whole if one.concerns(case)]
        if before:
            after = {case.name: case for case in look(one, frozenset(case.name for case in before))}
            found.append(_compared(one, before, [after[case.name] for case in before], models))
    return tuple(found)


def _compared(ablation: Ablation, before: Sequence[Case], after: Sequence[Case], models: Models) -> Ablated:
    earlier, later = answers(before, models), answers(after, models)
    wrong = [one.name for one in later if _wrong(one)]
    blank = [case.name for case in after if not ablation.told(case)]
    return Ablated(
        name=ablation.name,
        n=len(before),
        graded=sum(one.graded for one in earlier),
        gaps_named=len(after) - len(blank),
        not_named=tuple(blank),
        ac1_before=_right(earlier),
        ac1=_right(later),
        confirmed_before=sum(one.state == "confirmed" for one in earlier),
        confirmed=sum(one.state == "confirmed" for one in later),
        fell=difference_interval(_confirmed(earlier), _confirmed(later)),
        wrong_before=sum(_wrong(one) for one in earlier),
        wrong=len(wrong),
        wrong_names=tuple(wrong),
    )


def _wrong(answer: Answer) -> bool:
    """Whether a wrong component is confirmed; where the label is a change, a confirmed component can't be judged."""
    return answer.confirmed_wrong and (answer.graded or answer.healthy or not answer.baseline)


def _confirmed(own: Sequence[Answer]) -> list[float]:
    return [float(one.state == "confirmed") for one in own]


def _right(own: Sequence[Answer]) -> Interval | None:
    right = [float(one.rank == 1) for one in own if one.graded]
    return mean_interval(right) if right else None
