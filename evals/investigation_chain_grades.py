"""Grades of causal chains and of whom a fault affected: observed hops, cited anomalies, agreement with labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.investigation.call_graph import CallGraph
from api.investigation.candidates import candidates_of
from api.investigation.chains import blast_radius
from api.investigation.telemetry import Edge
from evals.bootstrap import Interval, mean_interval
from evals.investigation_cases import Case
from evals.investigation_models import Models, concluded

Affected = Callable[[Case, CallGraph], tuple[str, ...] | None]
"""Tell whom a fault affected where no label does, given the calls that were observed; None where nothing can tell."""


@dataclass(frozen=True, slots=True)
class ChainGrade:
    """One case: whether the first component is right, its chain's hops, and whom the fault affected.

    `needed` says that a chain is asked for: the symptom has a place other than the cause, or a caller of the cause is
    in trouble. `cited` that every node of the chain, the cause too, has an anomaly with rows that are there. `radius`
    are the affected ones as told, `given` as told for the labelled cause, `labelled` and `moved` what they are by the
    label and by the criterion of `investigation_affected`, among `above`, the callers of the cause.
    """

    set: str
    name: str
    right: bool
    needed: bool
    hops: int
    observed: int
    ends: bool
    cited: bool
    radius: tuple[str, ...]
    given: tuple[str, ...]
    labelled: tuple[str, ...] | None
    moved: tuple[str, ...] | None
    above: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChainGroup:
    """How the chains of some cases came out; each share with its 95 % interval, None where there is nothing to share.

    `cited` and `ends` are over right answers that need a chain, `needed` of them; `labelled` is the Jaccard index of
    the affected with the label over all such cases, `labelled_right` over right answers, `labelled_given` for the
    labelled cause; `moved` that with the criterion, over right answers.
    """

    name: str
    n: int
    hops: int
    observed: Interval | None
    right: int
    needed: int
    chained: Interval | None
    cited: Interval | None
    labelled: Interval | None
    labelled_n: int
    labelled_right: Interval | None
    labelled_right_n: int
    labelled_given: Interval | None
    moved: Interval | None
    moved_n: int


def graded(cases: Sequence[Case], models: Models, affected: Affected) -> list[ChainGrade]:
    """Conclude each case that has a fault with models that never saw it, and grade its chain."""
    found = (
        _grade(case, models, affected) for case in cases if not case.truth.healthy and case.truth.component is not None
    )
    return [one for one in found if one is not None]


def grouped_grades(name: str, own: Sequence[ChainGrade]) -> ChainGroup:
    """Sum up grades."""
    right = [one for one in own if one.right]
    asked = [one for one in right if one.needed]
    told = [one for one in own if one.labelled is not None]
    sure = [one for one in told if one.right]
    moved = [one for one in right if one.moved is not None]
    hops = sum(one.hops for one in own)
    observed = sum(one.observed for one in own)
    return ChainGroup(
        name=name,
        n=len(own),
        hops=hops,
        observed=_mean([1.0] * observed + [0.0] * (hops - observed)),
        right=len(right),
        needed=len(asked),
        chained=_mean([float(one.ends) for one in asked]),
        cited=_mean([float(one.cited and one.ends) for one in asked]),
        labelled=_mean([jaccard(one.radius, one.labelled or ()) for one in told]),
        labelled_n=len(told),
        labelled_right=_mean([jaccard(one.radius, one.labelled or ()) for one in sure]),
        labelled_right_n=len(sure),
        labelled_given=_mean([jaccard(one.given, one.labelled or ()) for one in told]),
        moved=_mean([jaccard([name for name in one.radius if name in one.above], one.moved or ()) for one in moved]),
        moved_n=len(moved),
    )


def jaccard(found: Sequence[str], right: Sequence[str]) -> float:
    """Return the share of those in either that are in both; 1 where there are none in either (Jaccard 1912)."""
    either = {*found, *right}
    return len({*found} & {*right}) / len(either) if either else 1.0


def _grade(case: Case, models: Models, affected: Affected) -> ChainGrade | None:
    found = concluded(case, *models.of(case))
    if not found.hypotheses or case.truth.component is None:
        return None
    first = found.hypotheses[0]
    graph = CallGraph(call for report in case.reports for call in report.calls)
    findings = [finding for report in case.reports for finding in report.findings]
    known = {one.component: one for one in candidates_of(case.incident, findings, graph)}
    rows = {one.id for report in case.reports for one in report.observations if one.rows.rows}
    symptom = case.incident.symptom.component
    troubled = [name for name in graph.callers(first.component) if name in known and known[name].notable]
    cited = all(
        any(id_ in rows for id_ in hop.anomalies) and any(id_ in rows for id_ in hop.calls) for hop in first.chain
    )
    right = first.component == case.truth.component
    return ChainGrade(
        set=case.set,
        name=case.name,
        right=right,
        needed=symptom != first.component if symptom is not None else bool(troubled),
        hops=len(first.chain),
        observed=sum(Edge(hop.effect, hop.cause) in graph and bool(hop.calls) for hop in first.chain),
        ends=bool(first.chain)
        and first.chain[0].cause == first.component
        and (symptom is None or first.chain[-1].effect == symptom),
        cited=cited and any(id_ in rows for one in first.support for id_ in one.observations),
        radius=found.blast_radius,
        given=blast_radius(case.truth.component, graph, known),
        labelled=case.truth.radius,
        moved=affected(case, graph) if right and case.truth.radius is None else None,
        above=tuple(sorted(graph.above(first.component))),
    )


def _mean(values: Sequence[float]) -> Interval | None:
    return mean_interval(values) if values else None
