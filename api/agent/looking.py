"""What the agent's queries read: metrics, spans and calls of one component, each made an observation."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from api.investigation.observations import Cell, Observation, Query, Rows, SourceClass, observe
from api.investigation.reports import Brief, Call
from api.investigation.telemetry import Series, Spans
from api.investigation.windows import Window

MOST_ROWS = 120
"""Rows that a query of the agent keeps."""

_PARTS = 12  # parts that the window is told in
_MOST_SERIES = 8
_MOST_NAMES = 60


def metric_names(brief: Brief, component: str) -> tuple[str, ...]:
    """Return the metrics that a component has in the window, by name."""
    found = {one.metric for one in _series(brief, brief.incident.window) if one.component == component}
    return tuple(sorted(found))[:_MOST_NAMES]


def look_at_metric(brief: Brief, component: str, metric: str) -> Observation | None:
    """Return the series of a component whose names hold all words of `metric`, in healthy time and part by part."""
    words = metric.casefold().replace("_", " ").replace(".", " ").split()
    window, before = brief.incident.window, brief.baseline(SourceClass.METRIC)

    def chosen(stretch: Window) -> list[Series]:
        every = (one for one in _series(brief, stretch) if one.component == component)
        return sorted((one for one in every if _has(one.metric, words)), key=lambda one: one.metric)

    inside = chosen(window)
    exact = [one for one in inside if one.metric == metric]
    kept = (exact or inside)[:_MOST_SERIES]
    if not kept:
        return None
    names = {one.metric for one in kept}
    healthy = [one for one in chosen(before) if one.metric in names] if before else []
    rows: list[tuple[Cell, ...]] = [(one.metric, one.unit, "baseline", *_measures(one)) for one in healthy]
    rows += [row for one in kept for row in _parts(one, window)]
    cut = f"{_MOST_SERIES} of {len(inside)} series are kept" if len(inside) > len(names) and not exact else ""
    columns = ("metric", "unit", "stretch", "points", "lowest", "median", "highest")
    return _observed(
        SourceClass.METRIC,
        kept[0].instance or "metrics",
        f"series of {component} whose name holds {words!r}: points, lowest, median and highest of finite values in "
        f"{before or 'no baseline'} and in {_PARTS} equal parts of the window",
        window,
        component,
        f"{len(kept)} series of {component}: {', '.join(one.metric for one in kept)[:200]}",
        columns,
        rows,
        cut,
    )


def look_at_traces(brief: Brief, component: str) -> Observation | None:
    """Return the operations of a component: calls, failures and durations, in healthy time and in the window."""
    window, before = brief.incident.window, brief.baseline(SourceClass.TRACE)
    now = _operations(brief, window, component)
    if not now:
        return None
    healthy = _operations(brief, before, component) if before else {}
    rows: list[tuple[Cell, ...]] = []
    for name in sorted(now.keys() | healthy.keys(), key=lambda one: (-len(now.get(one, ())), one)):
        rows.append((name, "baseline", *_durations(healthy.get(name, []))))
        rows.append((name, "window", *_durations(now.get(name, []))))
    return _observed(
        SourceClass.TRACE,
        "spans",
        f"spans of {component} by operation: count, failed, median and p90 of duration, in {before or 'no baseline'} "
        "and in the window",
        window,
        component,
        f"{sum(map(len, now.values()))} spans of {component} in {len(now)} operations",
        ("operation", "stretch", "spans", "failed", "median_ms", "p90_ms"),
        rows,
    )


def look_at_calls(brief: Brief, component: str, calls: Sequence[Call]) -> Observation | None:
    """Return who calls a component and whom it calls, from spans and from what the source states."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for edge in brief.telemetry.edges():
        counts[edge.caller, edge.callee] += 0
    for call in calls:
        counts[call.edge.caller, call.edge.callee] = max(counts[call.edge.caller, call.edge.callee], call.count)
    rows: list[tuple[Cell, ...]] = [(*pair, count) for pair, count in sorted(counts.items()) if component in pair]
    if not rows:
        return None
    return _observed(
        SourceClass.TRACE,
        "calls",
        f"calls from and to {component}, from spans and stated dependencies",
        brief.incident.window,
        component,
        f"{len(rows)} call edges of {component}",
        ("caller", "callee", "calls_in_window"),
        rows,
    )


def _series(brief: Brief, window: Window) -> Iterator[Series]:
    for one in brief.telemetry.series(window):
        if not brief.budget.allows(len(one.times)):
            return
        yield one


def _has(metric: str, words: Sequence[str]) -> bool:
    folded = metric.casefold()
    return all(word in folded for word in words)


def _measures(series: Series) -> tuple[int, float | None, float | None, float | None]:
    values = series.values[np.isfinite(series.values)]
    if not len(values):
        return 0, None, None, None
    return len(values), float(values.min()), float(np.median(values)), float(values.max())


def _parts(series: Series, window: Window) -> Iterator[tuple[Cell, ...]]:
    """Yield the parts of the window that hold points, each told by the seconds since its start."""
    edges = [window.start + (window.end - window.start) * part // _PARTS for part in range(_PARTS + 1)]
    for start, end in pairwise(edges):
        if start < end and (measures := _measures(series.within(Window(start, end))))[0]:
            stretch = f"{(start - window.start) / 1e6:.0f} to {(end - window.start) / 1e6:.0f} s"
            yield (series.metric, series.unit, stretch, *measures)


def _operations(brief: Brief, window: Window, component: str) -> dict[str, list[tuple[int, int]]]:
    """Return (duration, failed) of the spans of a component by operation."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for batch in brief.telemetry.spans(window):
        if not brief.budget.allows(len(batch)):
            break
        if component in batch.names:
            _gather(batch, batch.component == batch.names.index(component), found)
    return dict(found)


def _gather(batch: Spans, mine: NDArray[np.bool_], found: dict[str, list[tuple[int, int]]]) -> None:
    columns = (batch.operation[mine].tolist(), batch.duration[mine].tolist(), batch.failed[mine].tolist())
    for operation, duration, failed in zip(*columns, strict=True):
        found[batch.names[operation] if operation >= 0 else ""].append((duration, failed))


def _durations(spans: Sequence[tuple[int, int]]) -> tuple[Cell, ...]:
    if not spans:
        return 0, 0, None, None
    times = np.array([duration for duration, _ in spans], dtype=np.float64) / 1e3
    failed = sum(one == 1 for _, one in spans)
    return len(spans), failed, round(float(np.median(times)), 3), round(float(np.quantile(times, 0.9)), 3)


def _observed(
    source: SourceClass,
    instance: str,
    query: str,
    window: Window,
    component: str,
    summary: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Cell, ...]],
    cut: str = "",
) -> Observation:
    more = f"the first {MOST_ROWS} of {len(rows)} rows are kept" if len(rows) > MOST_ROWS else ""
    kept = Rows(columns, tuple(rows[:MOST_ROWS]), len(rows), "; ".join(one for one in (cut, more) if one))
    return observe(Query(source, instance, query, window), component, summary, kept)
