"""The symptom itself, measured: the metric that tripped, where it tripped, against its healthy time.

What is told of it is about no candidate (its component is NOWHERE, its peer the component of the symptom): that the
symptom is there blames nobody. It is what a causal chain ends with.
"""

from collections.abc import Iterable, Iterator

from api.investigation.findings import NOWHERE, Direction
from api.investigation.incidents import Symptom
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget
from api.investigation.series.naming import Worse, meaning_of
from api.investigation.series.tripping import CHANCE, Tripped, tripped
from api.investigation.specialists.writing import Notebook, amount
from api.investigation.telemetry import Series

SHOWN = 3.0
"""Score of a symptom that shows: what counts as unusual; it orders nothing."""

_SHOWN_POINTS = 120


def tell_symptom(notes: Notebook, brief: Brief) -> None:
    """Write down the metric of the symptom in the window, and whether healthy stretches look like it."""
    symptom = brief.incident.symptom
    baseline = brief.baseline(SourceClass.METRIC)
    if symptom.component is None or not symptom.metric or baseline is None:
        return
    inside = _of_symptom(brief.telemetry.series(brief.incident.window), symptom, brief.budget)
    healthy = {one.metric: one for one in _of_symptom(brief.telemetry.series(baseline), symptom, brief.budget)}
    found = [
        one
        for now in inside
        if now.metric in healthy
        for one in [tripped(healthy[now.metric], now, rising=_rises(symptom, now.metric))]
        if one is not None
    ]
    if found:
        _tell(notes, min(found, key=lambda one: (one.chance, one.series.metric)), len(found), symptom.component)


def _of_symptom(series: Iterable[Series], symptom: Symptom, budget: Budget) -> list[Series]:
    """Return the series that the symptom is about: of that name, or of that name and a word of its text."""
    metric = symptom.metric or ""
    own = [one for one in _allowed(series, budget) if one.component == symptom.component]
    exact = [one for one in own if one.metric == metric]
    longer = [one for one in own if one.metric.startswith(metric) and one.metric != metric]
    words = set(symptom.text.casefold().split())
    named = [one for one in longer if one.metric.removeprefix(metric).strip("_.-/ ").casefold() in words]
    return sorted(exact or named or longer, key=lambda one: one.metric)


def _allowed(series: Iterable[Series], budget: Budget) -> Iterator[Series]:
    for one in series:
        if not budget.allows(len(one.times)):
            return
        yield one


def _rises(symptom: Symptom, metric: str) -> bool:
    return symptom.rising if symptom.rising is not None else meaning_of(metric).worse is not Worse.DOWN


def _tell(notes: Notebook, one: Tripped, tried: int, component: str) -> None:
    metric = one.series.metric
    chance = min(1.0, one.chance * tried)
    shows = chance <= CHANCE
    seen = notes.observed(
        component,
        f"{metric} of {component}, "
        + (
            "how many points of the window are worse than all healthy ones"
            if one.by_order
            else f"its mean and worst point in the window against those of each healthy stretch of {one.points} points"
        ),
        f"{metric} of {component}: {amount(one.usual)} is usual, {amount(one.mean)} on average in the window, "
        f"{amount(one.worst)} at worst",
        ("metric", "usual", "mean_now", "worst_now", "worst_at_us", "points_now", "healthy_points", "chance"),
        [
            (
                metric, round(one.usual, 6), round(one.mean, 6), round(one.worst, 6), one.worst_at, one.points,
                one.healthy, round(chance, 6),
            )
        ],
        source=SourceClass.METRIC,
    )  # fmt: skip
    points = notes.observed(
        component,
        f"{metric} of {component}",
        f"the points of {metric} in the window, where the symptom shows",
        ("time_us", "value"),
        _points(one.series),
        source=SourceClass.METRIC,
    )
    way = Direction.UP if one.rising else Direction.DOWN
    told = "as the symptom says" if shows else "which healthy stretches show as well"
    notes.found(
        NOWHERE,
        meaning_of(metric).signal,
        metric,
        way if shows else Direction.STEADY,
        f"{metric} of {component} is {amount(one.mean)} on average in the window and {amount(one.worst)} at worst, "
        f"{amount(one.usual)} being usual, {told}",
        (
            f"by chance alone points would stand in this order in {chance:.2g} of cases"
            if one.by_order
            else f"{chance:.1%} of healthy stretches of {one.points} points are as bad"
        )
        + (f", {tried} metrics being tried" if tried > 1 else ""),
        [seen, points],
        SHOWN if shows else 0.0,
        peer=component,
        source=SourceClass.METRIC,
    )


def _points(series: Series) -> list[tuple[int, float | None]]:
    step = max(1, -(-len(series.times) // _SHOWN_POINTS))
    pairs = zip(series.times[::step].tolist(), series.values[::step].tolist(), strict=True)
    return [(at, round(value, 6) if value == value else None) for at, value in pairs]
