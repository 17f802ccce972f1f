"""The specialist for metrics: which series of which component moved, and where the symptom's excess begins."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.call_graph import CallGraph
from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Gap, GapReason
from api.investigation.incidents import Incident
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget, Call, Report
from api.investigation.series.impact import Impact, Mass, impacts
from api.investigation.series.moves import Move, moves
from api.investigation.series.naming import meaning_of
from api.investigation.signals import Signal
from api.investigation.specialists.writing import Notebook, amount
from api.investigation.telemetry import Series
from api.investigation.windows import Window

_NOTABLE = 3.0
_TOLD = 1.0
_SHARED = 0.5  # what a move of a metric of the whole machine counts on a component
_SHOWN_POINTS = 120
_HEALTHY_POINTS = 80

_KINDS: Mapping[tuple[Signal, bool], tuple[FaultKind, ...]] = {
    (Signal.CPU, True): (FaultKind.CPU, FaultKind.TRAFFIC_SURGE, FaultKind.NOISY_NEIGHBOUR),
    (Signal.CPU, False): (FaultKind.CRASH, FaultKind.DEPENDENCY_DOWN),
    (Signal.MEMORY, True): (FaultKind.MEMORY,),
    (Signal.MEMORY, False): (FaultKind.CRASH, FaultKind.MEMORY),
    (Signal.DISK, True): (FaultKind.DISK,),
    (Signal.DISK, False): (FaultKind.CRASH, FaultKind.DISK),
    (Signal.NETWORK, True): (FaultKind.TRAFFIC_SURGE, FaultKind.NETWORK_LOSS),
    (Signal.NETWORK, False): (FaultKind.NETWORK_LOSS, FaultKind.NETWORK_DELAY, FaultKind.CRASH),
    (Signal.LATENCY, True): (FaultKind.DEPENDENCY_SLOW, FaultKind.NETWORK_DELAY, FaultKind.CPU, FaultKind.DATABASE),
    (Signal.LATENCY, False): (FaultKind.DEPENDENCY_DOWN, FaultKind.CODE_DEFECT),
    (Signal.ERRORS, True): (FaultKind.CODE_DEFECT, FaultKind.BAD_CHANGE, FaultKind.DEPENDENCY_DOWN),
    (Signal.AVAILABILITY, False): (FaultKind.CODE_DEFECT, FaultKind.DEPENDENCY_DOWN, FaultKind.CRASH),
    (Signal.TRAFFIC, True): (FaultKind.TRAFFIC_SURGE,),
    (Signal.TRAFFIC, False): (FaultKind.CRASH, FaultKind.DEPENDENCY_DOWN, FaultKind.NETWORK_PARTITION),
    (Signal.SATURATION, True): (FaultKind.DATABASE, FaultKind.QUEUE_LAG, FaultKind.QUOTA),
}


@dataclass(frozen=True, slots=True)
class MetricsSpecialist:
    """Look at each series in the window against healthy time, and at where the excess that a symptom shows begins."""

    name: str = "metrics"

    def investigate(self, brief: Brief) -> Report:
        """Look at the incident; see the protocol."""
        window = brief.incident.window
        notes = Notebook(self.name, SourceClass.METRIC, _instance(brief), window)
        inside = list(_within(brief.telemetry.series(window), brief.budget))
        if not inside and not _was_told_missing(brief):
            notes.gaps.append(_gap(GapReason.NO_DATA, "there are no metrics in the window", "check the scraping"))
        baseline = brief.baseline(SourceClass.METRIC)
        healthy = list(_within(brief.telemetry.series(baseline), brief.budget)) if baseline else []
        if inside and not healthy:
            detail = "there are no healthy metrics to compare with, so no series can be called unusual"
            notes.gaps.append(_gap(GapReason.NO_BASELINE, detail, "keep metrics of the days before"))
        if inside and healthy:
            found = moves(_paired(healthy, inside), window)
            _tell_impacts(notes, brief, healthy, inside)
            _tell_moves(notes, found, brief.incident)
            _tell_steady(notes, found)
        return notes.report(brief.budget)


def _within(series: Iterator[Series], budget: Budget) -> Iterator[Series]:
    for one in series:
        if not budget.allows(len(one.times)):
            return
        yield one


def _instance(brief: Brief) -> str:
    named = [one.instance for one in brief.telemetry.coverage() if one.source is SourceClass.METRIC]
    return named[0] if named else "metrics"


def _was_told_missing(brief: Brief) -> bool:
    return any(
        one.source is SourceClass.METRIC and one.missing and one.component is None for one in brief.telemetry.coverage()
    )


def _gap(reason: GapReason, detail: str, next_step: str) -> Gap:
    return Gap(SourceClass.METRIC, reason, detail, next_step)


def _paired(healthy: Sequence[Series], inside: Sequence[Series]) -> list[tuple[Series, Series]]:
    """Return the healthy and the present points of each series; one that ended has none now."""
    now = {(one.component, one.metric): one for one in inside}
    before = {(one.component, one.metric): one for one in healthy}
    empty_times, empty = np.empty(0, np.int64), np.empty(0)
    pairs: list[tuple[Series, Series]] = []
    for key in sorted({*now, *before}):
        component, metric = key
        nothing = Series(component, metric, empty_times, empty)
        pairs.append((before.get(key, nothing), now.get(key, nothing)))
    return pairs


def _tell_impacts(notes: Notebook, brief: Brief, healthy: Sequence[Series], inside: Sequence[Series]) -> None:
    """Write down where the excess begins that the symptom's component shows, of what the symptom is about."""
    symptom = brief.incident.symptom
    edges = brief.telemetry.edges()
    if symptom.component is None or not edges:
        return
    graph = CallGraph(Call(edge, "") for edge in edges)
    masses = _masses(symptom.metric)
    reach = graph.below(symptom.component) | {symptom.component}
    for mass in masses:
        found = [one for one in impacts(mass, healthy, inside, graph) if one.component in reach]
        for one in found:
            score = found[0].units * one.begins / found[0].begins
            if score >= _TOLD:
                _tell_impact(notes, one, symptom.component, score)


def _masses(metric: str | None) -> tuple[Mass, ...]:
    signal = meaning_of(metric).signal if metric else Signal.OTHER
    if signal is Signal.LATENCY:
        return (Mass.TIME,)
    return (Mass.FAILURES,) if signal in {Signal.AVAILABILITY, Signal.ERRORS} else (Mass.TIME, Mass.FAILURES)


def _tell_impact(notes: Notebook, one: Impact, symptom: str, score: float) -> None:
    what = "waiting time" if one.mass is Mass.TIME else "failed requests"
    seen = notes.observed(
        one.component,
        f"({one.level.metric} - its healthy median) x {one.rate.metric}, less that of the components it calls",
        f"excess {what} that begins at {one.component}: {amount(one.begins)} of {amount(one.total)}",
        ("component", "level", "before", "now", "excess", "begins_here", "at_us"),
        [
            (
                one.component, one.level.metric, round(one.before, 6), round(one.after, 6), round(one.total, 4),
                round(one.begins, 4), one.at,
            )
        ],
    )  # fmt: skip
    time = one.mass is Mass.TIME
    notes.found(
        one.component,
        Signal.EXCESS,
        f"{one.level.metric} x {one.rate.metric}",
        Direction.UP,
        f"{amount(one.begins)} of excess {what} that reach {symptom} begin at {one.component} "
        f"({one.level.metric} {amount(one.before)} to {amount(one.after)})",
        f"{one.units:.1f} times the spread of its healthy excess, after taking off that of what it calls; score "
        f"{score:.1f}, in proportion to the component at which most begins",
        [seen],
        score,
        kinds=(FaultKind.NETWORK_DELAY, FaultKind.CPU, FaultKind.DATABASE)
        if time
        else (FaultKind.CODE_DEFECT, FaultKind.BAD_CHANGE, FaultKind.DEPENDENCY_DOWN),
        onset=one.at,
    )


def _tell_moves(notes: Notebook, found: Sequence[Move], incident: Incident) -> None:
    """Write down the moves of each component and signal, the strongest of them as the finding."""
    groups: dict[tuple[str, Signal], list[Move]] = defaultdict(list)
    for one in found:
        if _counted(one) >= _TOLD:
            groups[one.series.component, one.meaning.signal].append(one)
    ordered = sorted(groups.items(), key=lambda item: (-max(map(_counted, item[1])), item[0]))
    for (component, signal), own in ordered:
        own.sort(key=lambda one: (-_counted(one), one.series.metric))
        _tell_move(notes, component, signal, own, incident.window)


def _counted(one: Move) -> float:
    """Return the size of a move that speaks for trouble; the better side counts half, a machine's metric half."""
    size = one.badness if one.badness else 0.5 * abs(one.score)
    return size * (_SHARED if one.meaning.host else 1.0)


def _tell_move(notes: Notebook, component: str, signal: Signal, own: Sequence[Move], window: Window) -> None:
    first = own[0]
    rising = first.score >= 0
    metric = first.series.metric
    seen = [
        notes.observed(
            component,
            f"{len(own)} metrics about {signal.value} of {component}, each against its healthy median",
            f"{metric} of {component}: {amount(first.before)} in healthy time, {amount(first.after)} in the window",
            ("metric", "before", "now", "score", "healthy_points"),
            [
                (one.series.metric, round(one.before, 6), _cell(one.after), round(one.score, 2), one.baseline_points)
                for one in own
            ],
        ),
        notes.observed(
            component,
            f"{metric} of {component}, with up to {_HEALTHY_POINTS} of its healthy points, evenly chosen",
            f"the points of {metric} in the window, and healthy ones",
            ("time_us", f"value ({first.series.unit})" if first.series.unit else "value"),
            _points(first, window),
        ),
    ]
    went = "ended" if first.gone else "rose" if rising else "fell"
    to = "" if first.gone else f" to {amount(first.after)}"
    notes.found(
        component,
        signal,
        metric,
        Direction.GONE if first.gone else Direction.UP if rising else Direction.DOWN,
        f"{metric} of {component} {went} from {amount(first.before)}{to}",
        f"robust score {first.score:+.1f} against {first.baseline_points} healthy points; {len(own)} such metrics",
        seen,
        _counted(first),
        kinds=(FaultKind.CRASH,) if first.gone else _KINDS.get((signal, rising), ()),
        onset=first.onset,
    )


def _cell(value: float) -> float | None:
    return round(value, 6) if np.isfinite(value) else None


def _points(one: Move, window: Window) -> list[tuple[int, float | None]]:
    """Return healthy points and those of the window in order of time, both thinned out evenly."""
    inside = one.series.within(window)
    outside = (one.healthy.times < window.start) | (one.healthy.times >= window.end)
    healthy = _thinned(one.healthy.times[outside], one.healthy.values[outside], _HEALTHY_POINTS)
    return sorted(healthy + _thinned(inside.times, inside.values, _SHOWN_POINTS), key=lambda point: point[0])


def _thinned(times: NDArray[np.int64], values: NDArray[np.float64], most: int) -> list[tuple[int, float | None]]:
    step = max(1, -(-len(times) // most))
    pairs = zip(times[::step].tolist(), values[::step].tolist(), strict=True)
    return [(at, _cell(value)) for at, value in pairs]


def _tell_steady(notes: Notebook, found: Sequence[Move]) -> None:
    """Say of each component whose metrics were compared, with nothing notable, that it was looked at."""
    loud = {one.component for one in notes.findings if one.score >= _NOTABLE}
    counts: dict[str, int] = defaultdict(int)
    for one in found:
        counts[one.series.component] += 1
    for component in sorted(counts.keys() - loud):
        largest = max((one for one in found if one.series.component == component), key=_counted)
        seen = notes.observed(
            component,
            f"all metrics of {component}, each against its healthy median",
            f"{counts[component]} metrics of {component} compared",
            ("metric", "before", "now", "score"),
            [
                (one.series.metric, round(one.before, 6), _cell(one.after), round(one.score, 2))
                for one in found
                if one.series.component == component
            ],
        )
        notes.found(
            component,
            Signal.OTHER,
            "metrics",
            Direction.STEADY,
            f"the {counts[component]} metrics of {component} are as in healthy time",
            f"the largest move is that of {largest.series.metric}, score {largest.score:+.1f}",
            [seen],
            0.0,
        )
