"""Answers of Prometheus as columns: points of series, several series made one, runs of points."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.investigation.telemetry import Series
from api.investigation.windows import SECOND
from api.telemetry.live.asking import Unanswered
from api.telemetry.live.promql import Merging, Question


def labels_of(one: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels of one result."""
    told = one.get("metric")
    return {str(key): str(value) for key, value in told.items()} if isinstance(told, dict) else {}


def points_of(one: Mapping[str, Any]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return times in microseconds and values of one result, both of shape (n,); what is not finite is NaN."""
    try:
        told = [(float(point[0]), float(point[1])) for point in one.get("values") or ()]
    except (TypeError, ValueError, IndexError) as error:
        raise Unanswered("its answer holds a point that is none") from error
    pairs = np.array(told, dtype=np.float64).reshape(-1, 2)
    values = np.where(np.isfinite(pairs[:, 1]), pairs[:, 1], np.nan)
    return np.round(pairs[:, 0] * SECOND).astype(np.int64), values


def merged(component: str, question: Question, parts: Sequence[Any], instance: str) -> Series:
    """Return several series of one component as one, at every time that one of them has."""
    times = parts[0][0] if len(parts) == 1 else np.unique(np.concatenate([one[0] for one in parts]))
    values = parts[0][1] if len(parts) == 1 else _at(times, parts, question.merging)
    return Series(component, question.metric, times, values, question.unit, instance)


def _at(times: NDArray[np.int64], parts: Sequence[Any], merging: Merging) -> NDArray[np.float64]:
    total, count = np.zeros(len(times)), np.zeros(len(times))
    highest = np.full(len(times), -np.inf)
    for own, values in parts:
        there = ~np.isnan(values)
        at = np.searchsorted(times, own[there])
        total[at] += values[there]
        count[at] += 1
        highest[at] = np.maximum(highest[at], values[there])
    found = {"sum": total, "mean": total / np.maximum(count, 1), "max": highest}[merging]
    return np.where(count > 0, found, np.nan)


def stretches(times: NDArray[np.int64], gap: int) -> Iterator[tuple[int, int]]:
    """Give the first and last place of each run of times that are not further apart than `gap`."""
    if len(times):
        breaks = np.flatnonzero(np.diff(times) > gap)
        yield from zip([0, *(breaks + 1).tolist()], [*breaks.tolist(), len(times) - 1], strict=True)
