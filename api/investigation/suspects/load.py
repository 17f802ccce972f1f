"""Load from outside: more requests than before everywhere, or a neighbour on the same host that takes its resources."""

import re

from api.investigation.faults import FaultKind
from api.investigation.incidents import Incident
from api.investigation.observations import Cell, SourceClass
from api.investigation.series.naming import meaning_of
from api.investigation.signals import Signal
from api.investigation.suspects.outside_causes import Outside
from api.investigation.suspects.series_history import History
from api.investigation.suspects.trouble import Trouble
from api.investigation.telemetry import Series

_MORE = 1.5  # times the usual traffic that count as a surge
_MOST_OF = 2 / 3  # of the components whose traffic is known
_PER_REQUEST = re.compile(r"per_?req|per_?call|ratio|pct|percent", re.IGNORECASE)
_PRESSURE = re.compile(
    r"under\s?pressure|(?:memory|disk|cpu|node)\s?pressure|throttl|evict|cfs quota|steal|co-?tenant|noisy|contended",
    re.I,
)
_HOST_SIGNALS = frozenset({Signal.CPU, Signal.MEMORY, Signal.DISK, Signal.SATURATION})


def surge(incident: Incident, history: History, began: int) -> list[Outside]:
    """Return that more is asked for than before of most components whose traffic is known.

    One component that is asked more while others are not may be asked so by a change in its caller; and what rises only
    after the trouble began can be retries.
    """
    ratios: list[tuple[Series, float, float]] = []
    for series in history.every():
        if meaning_of(series.metric).signal is not Signal.TRAFFIC or _PER_REQUEST.search(series.metric):
            continue
        levels = history.levels(series, began)
        if levels is not None and levels[0] > 0 and _is_rate(series):
            ratios.append((series, *levels))
    components = {series.component for series, _, _ in ratios}
    risen = {
        series.component
        for series, before, now in ratios
        if now >= _MORE * before and (history.at(series, began) or 0.0) >= _MORE * before
    }
    if not risen or len(risen) < _MOST_OF * len(components):
        return []
    if len(components) == 1 and incident.symptom.component not in components:
        return []
    asked = sorted(
        (one for one in ratios if one[0].component in risen),
        key=lambda one: (one[0].component != incident.symptom.component, one[1] / one[2], one[0].component),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (series.component, series.metric, round(before, 3), round(now, 3), round(now / before, 2))
        for series, before, now in ratios
    )
    first, before, now = asked[0]
    times = f"{now / before:.1f} times what it was before ({before:.4g} to {now:.4g})"
    claim = f"{first.metric} of {first.component} is {times}"
    return [
        Outside(
            FaultKind.TRAFFIC_SURGE, Signal.TRAFFIC, SourceClass.METRIC, incident.symptom.component or first.component,
            first.metric, claim, "median of each rate of requests before the onset and since",
            ("component", "metric", "before", "since", "times"), rows, began,
        )
    ]  # fmt: skip


def _is_rate(series: Series) -> bool:
    """Tell whether a series is a rate and no counter that only grows."""
    return bool((series.values[1:] < series.values[:-1]).any())


def neighbours(incident: Incident, trouble: Trouble) -> list[Outside]:
    """Return that something else made the host of the symptom's component busy.

    Asked for are a metric of the host that went up, usage of another one that rose more, and lines that tell pressure.
    """
    hosts = [
        one for one in trouble.moves if one.meaning.host and one.meaning.signal in _HOST_SIGNALS and one.effect > 0
    ]
    if not hosts or trouble.began is None:
        return []
    host_names = {one.series.component for one in hosts}
    usage = [
        one
        for one in trouble.moves
        if not one.meaning.host and one.meaning.signal in {Signal.CPU, Signal.MEMORY} and one.effect > 0
        if one.series.component not in host_names
    ]
    own = {one.series.metric: one.effect for one in usage if one.series.component == incident.symptom.component}
    others = [
        one
        for one in usage
        if one.series.component != incident.symptom.component and one.effect > 2 * own.get(one.series.metric, 0.0)
    ]
    told = [one for one in trouble.lines if _PRESSURE.search(one.text)]
    if not others or not told:
        return []
    first, host = others[0], hosts[0]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (one.series.component, one.series.metric, round(one.before, 4), round(one.after, 4)) for one in (*hosts, *usage)
    )
    claim = (
        f"{host.series.metric} of the host {host.series.component} rose from {host.before:.3g} to {host.after:.3g} "
        f"while {first.series.metric} of {first.series.component} rose from {first.before:.3g} to {first.after:.3g}, "
        f"and {sum(one.count for one in told)} lines tell pressure"
    )
    return [
        Outside(
            FaultKind.NOISY_NEIGHBOUR, Signal.CPU, SourceClass.METRIC, incident.symptom.component,
            first.series.component, claim, "metrics of hosts and usage of others that rose in the window",
            ("component", "metric", "before", "after"), rows, host.onset,
        )
    ]  # fmt: skip
