"""Points of metrics as series of a component: streams of attributes made one, growing sums made rates.

A gauge is the mean over its streams, a sum that goes both ways the total over them. A monotonic sum becomes a rate a
second. A histogram becomes the rate of its count, its mean and three quantiles, by linear interpolation inside a bucket
as Prometheus does (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile). Streams whose
attributes tell of failures (error.type, a status of 500 or more) make a rate of failures of their own.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.investigation.telemetry import Series
from api.investigation.windows import SECOND, Window

PARTS = 240
"""Points of a series, at most: a window is told in so many parts."""

_SHORTEST = 10  # seconds of a part
_QUANTILES = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))

Numbers = NDArray[np.float64]


@dataclass(slots=True)
class _Kept:
    """The points of one metric of one component by stream, each (time, value, count, bounds, buckets, failed)."""

    kind: str
    unit: str
    streams: dict[int, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))


def series_of(rows: Any, window: Window, instance: str) -> Iterator[Series]:
    """Give the series that an Arrow table of points makes in a window; its values are finite or missing."""
    step = max(_SHORTEST * SECOND, -(-(window.end - window.start) // PARTS))
    for (component, metric), kept in sorted(_sorted(rows).items()):
        for name, unit, values in _measures(metric, kept, window, step):
            there = np.isfinite(values)
            if there.any():
                times = window.start + step * np.arange(len(values), dtype=np.int64)
                yield Series(component, name, times[there], values[there], unit, instance)


def _sorted(rows: Any) -> dict[tuple[str, str], _Kept]:
    found: dict[tuple[str, str], _Kept] = {}
    names = (
        "component", "metric", "kind", "unit", "stream", "time", "value", "count", "bounds", "buckets", "failed",
    )  # fmt: skip
    columns = [rows.column(name).to_pylist() for name in names]
    for component, metric, kind, unit, stream, *point in zip(*columns, strict=True):
        kept = found.setdefault((component, metric), _Kept(kind, unit or ""))
        if kept.kind == kind:
            kept.streams[stream].append(tuple(point))
    return found


def _measures(metric: str, kept: _Kept, window: Window, step: int) -> Iterator[tuple[str, str, Numbers]]:
    size, kind = -(-(window.end - window.start) // step), kept.kind.removesuffix("+")
    grows = kept.kind.endswith("+")
    if kind == "gauge":
        yield metric, kept.unit, _mean(kept, window, step, size)
    elif kind == "sum":
        yield metric, kept.unit, _total(kept, window, step, size, grows=grows)
    elif kind == "summary":
        yield from _summary(metric, kept, window, step, size)
    else:
        growth = _growth(kept, window, step, size, grows=grows)
        per = f"{kept.unit}/s" if kind == "rate" else "1/s"
        yield (metric if kind == "rate" else f"{metric}.count"), per, growth.count / (step / SECOND)
        if growth.any_failed:
            yield f"{metric}.failed", per, np.where(growth.there, growth.failed / (step / SECOND), np.nan)
        if kind == "histogram":
            with np.errstate(invalid="ignore", divide="ignore"):
                yield f"{metric}.mean", kept.unit, growth.total / growth.count
            for share, name in _QUANTILES:
                yield f"{metric}.{name}", kept.unit, growth.quantile(share)


@dataclass(slots=True)
class _Growth:
    """How much a metric grew in each part, over all its streams; NaN where no point tells."""

    count: Numbers
    total: Numbers
    failed: Numbers
    there: NDArray[np.bool_]
    buckets: dict[tuple[float, ...], Numbers]
    any_failed: bool = False

    def quantile(self, share: float) -> Numbers:
        """Return a quantile in each part, by the bounds that most points have."""
        if not self.buckets:
            return np.full(len(self.count), np.nan)
        bounds, counts = max(self.buckets.items(), key=lambda pair: float(pair[1].sum()))
        return np.array([_quantile(share, bounds, row) for row in counts])


def _growth(kept: _Kept, window: Window, step: int, size: int, *, grows: bool) -> _Growth:
    found = _Growth(np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size, dtype=bool), {})
    for points in kept.streams.values():
        points.sort(key=lambda one: one[0])
        before: tuple[Any, ...] | None = None
        for point in points:
            at, value, count, bounds, buckets, failed = point
            place = (at - window.start) // step
            if grows and before is None:
                before = point  # what it grew by until then is not known
                continue
            amount = count if count is not None else value
            more, total, parts = amount, value, buckets
            if grows and before is not None:
                since = before[2] if before[2] is not None else before[1]
                if amount >= since:  # else it began anew, and all of it is new
                    more, total = amount - since, value - before[1]
                    if buckets and before[4] and len(before[4]) == len(buckets):
                        parts = [now - then for now, then in zip(buckets, before[4], strict=True)]
            before = point
            found.there[place] = True
            found.count[place] += more
            found.total[place] += total
            if failed:
                found.failed[place] += more
                found.any_failed = True
            if parts and bounds is not None and len(parts) == len(bounds) + 1:
                held = found.buckets.setdefault(tuple(bounds), np.zeros((size, len(parts))))
                held[place] += parts
    found.count[~found.there] = np.nan
    found.total[~found.there] = np.nan
    return found


def _mean(kept: _Kept, window: Window, step: int, size: int) -> Numbers:
    total, count = np.zeros(size), np.zeros(size)
    for points in kept.streams.values():
        for at, value, *_ in points:
            if value is not None and np.isfinite(value):
                total[(at - window.start) // step] += value
                count[(at - window.start) // step] += 1
    with np.errstate(invalid="ignore"):
        return total / count


def _total(kept: _Kept, window: Window, step: int, size: int, *, grows: bool) -> Numbers:
    """Return the total over streams: of the last value of each where it is told as it stands, else of all changes."""
    total, there = np.zeros(size), np.zeros(size, dtype=bool)
    for points in kept.streams.values():
        own: dict[int, float] = defaultdict(float)
        for at, value, *_ in sorted(points, key=lambda one: one[0]):
            if value is not None and np.isfinite(value):
                place = (at - window.start) // step
                own[place] = value if grows else own[place] + value
        for place, value in own.items():
            total[place] += value
            there[place] = True
    return np.where(there, total, np.nan)


def _summary(metric: str, kept: _Kept, window: Window, step: int, size: int) -> Iterator[tuple[str, str, Numbers]]:
    growth = _growth(_without_buckets(kept), window, step, size, grows=True)
    yield f"{metric}.count", "1/s", growth.count / (step / SECOND)
    with np.errstate(invalid="ignore", divide="ignore"):
        yield f"{metric}.mean", kept.unit, growth.total / growth.count


def _without_buckets(kept: _Kept) -> _Kept:
    streams = {name: [(*one[:3], None, None, one[5]) for one in points] for name, points in kept.streams.items()}
    return _Kept(kept.kind, kept.unit, defaultdict(list, streams))


def _quantile(share: float, bounds: Sequence[float], counts: Numbers) -> float:
    """Return a quantile of counts by bucket; one that lies in the last bucket is its lower bound."""
    total = float(counts.sum())
    if total <= 0 or not bounds:
        return float("nan")
    rank, seen = share * total, 0.0
    for place, count in enumerate(counts.tolist()):
        if seen + count >= rank and count > 0:
            if place >= len(bounds):
                return float(bounds[-1])
            low = bounds[place - 1] if place else min(0.0, bounds[0])
            return float(low + (bounds[place] - low) * (rank - seen) / count)
        seen += count
    return float(bounds[-1])
