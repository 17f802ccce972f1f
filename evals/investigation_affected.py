"""Whom a fault affected, told from telemetry by a criterion that the engine does not use: for cases without a label.

A component counts as affected where it calls the one at fault, over observed calls and affected callers, and its own
telemetry moved. Spans: far more of its spans are slower than the healthy 95th percentile of their operation, or fail,
than by chance. Metrics: the metric that the symptom is about, on it, is worse than in all but 1 % of healthy stretches.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from api.investigation.call_graph import CallGraph
from api.investigation.incidents import Incident
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget
from api.investigation.series.naming import Worse, meaning_of
from api.investigation.series.tripping import tripped
from api.investigation.telemetry import Series, Telemetry
from api.investigation.tracing.groups import grouped
from api.investigation.tracing.spans import SpanTable, span_table

_SLOW = 0.95  # quantile of healthy durations
_FEWEST = 20  # spans of a component, and healthy ones of an operation
_ERRORS = 4.0  # standard errors by which there are more than by chance
_LEAST = 0.15  # share of slow or failed spans, of which 5 % are usual
_CHANCE = 0.01

_SECONDS, _ROWS = 120.0, 50_000_000


def affected(cause: str, graph: CallGraph, incident: Incident, telemetry: Telemetry) -> tuple[str, ...] | None:
    """Return whom the fault of `cause` affected, by name; None where neither spans nor metrics can tell."""
    moved = moved_components(incident, telemetry)
    if moved is None:
        return None
    reached: set[str] = set()
    waiting = [cause]
    while waiting:
        for caller in graph.callers(waiting.pop()):
            if caller in moved and caller not in reached and caller != cause:
                reached.add(caller)
                waiting.append(caller)
    return tuple(sorted(reached))


def moved_components(incident: Incident, telemetry: Telemetry) -> frozenset[str] | None:
    """Return the components whose own telemetry moved; None where there is nothing to compare."""
    brief = Brief(incident, telemetry, Budget(_SECONDS, _ROWS))
    spans, metrics = brief.baseline(SourceClass.TRACE), brief.baseline(SourceClass.METRIC)
    if spans is not None:
        healthy, now = span_table(telemetry.spans(spans)), span_table(telemetry.spans(incident.window))
        if len(healthy) and len(now):
            return _slower(healthy, now)
    if metrics is not None and incident.symptom.metric:
        before = {(one.component, one.metric): one for one in telemetry.series(metrics)}
        return _worse(incident.symptom.metric, before, list(telemetry.series(incident.window)))
    return None


def _slower(healthy: SpanTable, now: SpanTable) -> frozenset[str]:
    limits = _by_operation(healthy, lambda values: float(np.quantile(values, _SLOW)))
    seen: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    for (a, b), values in grouped((now.component, now.operation), now.duration).items():
        limit = limits.get((now.name(a), now.name(b)))
        if limit is not None:
            seen[now.name(a)] += len(values)
            bad[now.name(a)] += int((values > limit).sum())
    failed = Counter(now.name(code) for code in now.component[now.failed == 1].tolist())
    usual = Counter(healthy.name(code) for code in healthy.component[healthy.failed == 1].tolist())
    before = Counter(healthy.name(code) for code in healthy.component.tolist())
    slower = {name for name, of in seen.items() if _more(bad[name], of, 1 - _SLOW)}
    failing = {name for name, count in failed.items() if _more(count, seen[name], usual[name] / max(1, before[name]))}
    return frozenset(slower | failing)


def _by_operation(table: SpanTable, of: Callable[..., float]) -> Mapping[tuple[str, str], float]:
    parts = grouped((table.component, table.operation), table.duration)
    return {(table.name(a), table.name(b)): of(part) for (a, b), part in parts.items() if len(part) >= _FEWEST}


def _more(count: int, of: int, usual: float) -> bool:
    """Tell whether a share is surely above the usual one, which counts as 1 % at least."""
    usual = max(usual, 0.01)
    if of < _FEWEST or count / of < _LEAST:
        return False
    return (count - usual * of) / math.sqrt(usual * (1 - usual) * of) >= _ERRORS


def _worse(metric: str, before: Mapping[tuple[str, str], Series], inside: list[Series]) -> frozenset[str]:
    found: set[str] = set()
    for now in inside:
        usual = before.get((now.component, now.metric))
        if usual is None or not now.metric.startswith(metric):
            continue
        told = tripped(usual, now, rising=meaning_of(now.metric).worse is not Worse.DOWN)
        if told is not None and told.chance <= _CHANCE:
            found.add(now.component)
    return frozenset(found)
