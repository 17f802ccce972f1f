"""Answers to recorded incidents, graded: by set, by what sources there were, and over all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from evals.bootstrap import Interval, mean_interval, metric_interval
from evals.cause_ranking import choice_of
from evals.fault_terms import kind_is_right
from evals.investigation_cases import Case
from evals.investigation_models import NO_COMPONENT, Models, concluded
from evals.reliability import auroc, brier, expected_calibration_error, risk_coverage

RISK = 0.10
"""Share of wrong answers at which the coverage is told."""

_RESAMPLES = 400  # of the measures that are computed anew for each
_FEWEST = 5  # cases from which a calibration error says anything


@dataclass(frozen=True, slots=True)
class Answer:
    """What was concluded on a case, by models that never saw its pair; `rank` of the right component, 0 for none.

    `mix` are the classes of sources that there were, `peak` the bytes by which the process grew.
    """

    set: str
    name: str
    term: str
    mix: str
    healthy: bool
    baseline: bool
    rank: int
    kind_right: bool | None
    state: str
    confidence: float | None
    kind_confidence: float | None
    cause: str | None
    gaps: int
    seconds: float
    peak: int | None

    @property
    def graded(self) -> bool:
        """Whether a component is to be found: something is at fault, and there was healthy time to compare with."""
        return not self.healthy and self.baseline and self.set not in NO_COMPONENT

    @property
    def confirmed_wrong(self) -> bool:
        """Whether it confirmed another component than the one at fault, or any where none is."""
        return self.state == "confirmed" and self.rank != 1


@dataclass(frozen=True, slots=True)
class Group:
    """How some cases with a fault were answered; each value with its 95 % interval by bootstrap over cases.

    `auroc`, `brier` and `ece` are None where there are too few cases, or all came out alike.
    """

    name: str
    n: int
    ac1: Interval
    ac3: Interval
    ac5: Interval
    avg5: Interval
    mrr: Interval
    kind_too: Interval
    brier: Interval | None
    ece: Interval | None
    auroc: Interval | None
    coverage: Interval
    confirmed: Interval
    confirmed_wrong: Interval
    withheld: Interval


@dataclass(frozen=True, slots=True)
class Cost:
    """What the cases of a set cost, healthy ones too: seconds, and megabytes by which the process grew at most.

    Megabytes are None where the system can't tell.
    """

    set: str
    n: int
    seconds_median: float
    seconds_p95: float
    megabytes_median: float | None
    megabytes_most: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """All of it: pooled, by set and by mix of sources, silence where nothing is wrong, costs, and every answer."""

    pooled: Group
    constant_brier: float
    sets: tuple[Group, ...]
    mixes: tuple[Group, ...]
    costs: tuple[Cost, ...]
    confirmed_wrong: Interval
    confirmed_wrong_count: int
    healthy: int
    healthy_withheld: int
    healthy_confirmed: int
    no_baseline: int
    no_baseline_withheld: int
    gaps_named: int
    answers: tuple[Answer, ...]


def answers(cases: Sequence[Case], models: Models) -> list[Answer]:
    """Conclude each case with its own models and grade it."""
    return [_answer(case, models) for case in cases]


def summary(found: Sequence[Answer]) -> Report:
    """Sum up answers. Raises ValueError where no case has a component to be found."""
    faulty = [one for one in found if one.graded]
    _, y = columns(faulty)
    healthy = [one for one in found if one.healthy]
    bare = [one for one in found if not one.baseline]
    judged = [*faulty, *healthy, *(one for one in bare if not one.healthy)]
    return Report(
        pooled=group("all", faulty),
        constant_brier=float(y.mean() * (1 - y.mean())),
        sets=_grouped(faulty, lambda one: one.set),
        mixes=_grouped(faulty, lambda one: one.mix),
        costs=tuple(_cost(name, [one for one in found if one.set == name]) for name in _names(found)),
        confirmed_wrong=_share([one.confirmed_wrong for one in judged]),
        confirmed_wrong_count=sum(one.confirmed_wrong for one in judged),
        healthy=len(healthy),
        healthy_withheld=sum(one.state in {"nothing_wrong", "inconclusive"} for one in healthy),
        healthy_confirmed=sum(one.state == "confirmed" for one in healthy),
        no_baseline=len(bare),
        no_baseline_withheld=sum(one.state == "inconclusive" or (one.confidence or 0) <= 0.5 for one in bare),
        gaps_named=sum(one.gaps > 0 for one in found),
        answers=tuple(found),
    )


def group(name: str, own: Sequence[Answer]) -> Group:
    """Return how some graded cases were answered."""
    ranks = np.array([one.rank or np.inf for one in own])
    p, y = columns(own)
    return Group(
        name=name,
        n=len(own),
        ac1=mean_interval(y.tolist()),
        ac3=mean_interval((ranks <= 3).astype(float).tolist()),
        ac5=mean_interval((ranks <= 5).astype(float).tolist()),
        avg5=mean_interval(np.mean([ranks <= k for k in range(1, 6)], axis=0).tolist()),
        mrr=mean_interval((1 / ranks).tolist()),
        kind_too=_share([one.rank == 1 and bool(one.kind_right) for one in own]),
        brier=_measured(brier, p, y),
        ece=_measured(expected_calibration_error, p, y),
        auroc=_measured(auroc, p, y),
        coverage=metric_interval(coverage_at_risk, p, y, resamples=_RESAMPLES),
        confirmed=_share([one.state == "confirmed" for one in own]),
        confirmed_wrong=_share([one.confirmed_wrong for one in own]),
        withheld=_share([one.state in {"inconclusive", "nothing_wrong"} for one in own]),
    )


def columns(own: Sequence[Answer]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the confidences, 0 where none was told, and whether the first component was right."""
    return np.array([one.confidence or 0.0 for one in own]), np.array([float(one.rank == 1) for one in own])


def coverage_at_risk(p: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Return the largest share of cases that can be answered, surest first, with at most 10 % of them wrong."""
    return max((one.coverage for one in risk_coverage(p, y) if one.risk <= RISK), default=0.0)


def _answer(case: Case, models: Models) -> Answer:
    ranking, confidence, kinds = models.of(case)
    found = concluded(case, ranking, confidence, kinds)
    first = found.hypotheses[0] if found.hypotheses else None
    names = [one.candidate.component for one in ranking.rank(choice_of(case).candidates)]
    right = case.truth.component
    return Answer(
        set=case.set,
        name=case.name,
        term=case.truth.term,
        mix=case.mix,
        healthy=case.truth.healthy,
        baseline=case.incident.baseline is not None,
        rank=names.index(right) + 1 if right in names else 0,
        kind_right=kind_is_right(first.kind, case.truth.term) if first else None,
        state=found.verdict.state.value,
        confidence=found.verdict.component_right,
        kind_confidence=found.verdict.kind_right,
        cause=first.component if first else None,
        gaps=len(case.gaps),
        seconds=case.seconds,
        peak=case.peak,
    )


def _grouped(found: Sequence[Answer], key: Callable[[Answer], str]) -> tuple[Group, ...]:
    return tuple(group(name, list(own)) for name, own in groupby(sorted(found, key=key), key=key))


def _measured(metric: Callable[..., float], p: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Interval | None:
    try:
        return metric_interval(metric, p, y, resamples=_RESAMPLES) if len(y) >= _FEWEST else None
    except ValueError:
        return None


def _cost(name: str, own: Sequence[Answer]) -> Cost:
    seconds = [one.seconds for one in own]
    peaks = [one.peak / 1e6 for one in own if one.peak is not None]
    return Cost(
        set=name,
        n=len(own),
        seconds_median=float(np.median(seconds)),
        seconds_p95=float(np.quantile(seconds, 0.95)),
        megabytes_median=float(np.median(peaks)) if peaks else None,
        megabytes_most=max(peaks) if peaks else None,
    )


def _share(flags: Sequence[bool]) -> Interval:
    return mean_interval([float(one) for one in flags])


def _names(found: Sequence[Answer]) -> list[str]:
    return sorted({one.set for one in found})
