"""A line over time, for rows that are one: an instant and a number in each."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

from api.schemas.investigations import Cell, ObservationDetail, Window
from ui.components.quality_plots import ACCENT, BAR, IDEAL

if TYPE_CHECKING:
    import altair

_EARLIEST, _LATEST = 10**14, 10**17  # microseconds: 1973 to 5138, so that no count is taken for an instant
_LEAST_POINTS = 3
_HEIGHT = 200


@dataclass(frozen=True, slots=True)
class Point:
    """A number at an instant in microseconds; None where there is none, so that the line breaks there."""

    at: int
    value: float | None


@dataclass(frozen=True, slots=True)
class Series:
    """What was measured, and its points in the order of time."""

    name: str
    points: tuple[Point, ...]

    def within(self, window: Window) -> "Series":
        """Return the points inside `window`: healthy ones of days before would squeeze them; all, where too few are."""
        inside = tuple(one for one in self.points if window.start <= one.at < window.end)
        return Series(self.name, inside) if len(inside) >= _LEAST_POINTS else self


def is_instant(cell: Cell) -> bool:
    """Tell whether a cell can be a point in time in microseconds."""
    return isinstance(cell, int) and not isinstance(cell, bool) and _EARLIEST <= cell < _LATEST


def series_of(seen: ObservationDetail) -> Series | None:
    """Return the line that the rows are, None where they are none: one instant a row, in no two rows the same."""
    times = [index for index in range(len(seen.columns)) if _all_instants(seen, index)]
    if len(times) != 1 or len(seen.rows) < _LEAST_POINTS:
        return None
    numbers = [index for index in range(len(seen.columns)) if index != times[0] and _all_numbers(seen, index)]
    at = [row[times[0]] for row in seen.rows]
    if len(numbers) != 1 or len(set(at)) != len(at):
        return None
    found = (Point(int(row[times[0]] or 0), _number(row[numbers[0]])) for row in seen.rows)
    return Series(seen.columns[numbers[0]], tuple(sorted(found, key=lambda point: point.at)))


@dataclass(frozen=True, slots=True)
class Healthy:
    """How it was in healthy time: the mean, and the least and greatest of `count` points."""

    mean: float
    least: float
    greatest: float
    count: int


def baseline_of(series: Series, baseline: Window | None, trouble: Window) -> Healthy | None:
    """Return how the points were in healthy time before the trouble; None where too few are among the rows."""
    if baseline is None:
        return None
    end = min(baseline.end, trouble.start) if baseline.start < trouble.start else baseline.end
    values = [one.value for one in series.points if one.value is not None and baseline.start <= one.at < end]
    if len(values) < _LEAST_POINTS:
        return None
    return Healthy(math.fsum(values) / len(values), min(values), max(values), len(values))


def legend(series: Series, trouble: Window, onset: int | None, healthy: Healthy | None) -> str:
    """Return in words what the chart marks."""
    first, last = series.points[0].at, series.points[-1].at
    said = []
    if healthy is not None:
        said.append(
            f"Level band: between the least and greatest of {healthy.count} healthy points, the line in it their mean "
            f"({healthy.mean:.4g})."
        )
    if _shows_trouble(first, last, trouble):
        said.append("Shaded upright: the time of trouble.")
    if onset is not None and first <= onset <= last:
        said.append("Dashed: where it was first seen.")
    return " ".join(said)


def line_chart(
    series: Series, trouble: Window, onset: int | None, healthy: Healthy | None = None
) -> "altair.LayerChart | altair.FacetChart":
    """Return the line over how it was in healthy time, with the time of trouble as a band and the onset dashed.

    The time of trouble is shaded where that says more than the line.
    """
    import altair as alt

    # Altair takes a pandas that another reader's page has only half imported; importing it waits for the whole.
    import_module("pandas")
    first, last = series.points[0].at, series.points[-1].at
    span = "%H:%M" if last - first < 86_400_000_000 else "%d %b %H:%M"
    across = alt.X(
        "at:T",
        title="UTC",
        axis=alt.Axis(format=span, tickCount=5, labelOverlap=True),
        scale=alt.Scale(type="utc", domain=[_iso(first), _iso(last)]),
    )
    up = alt.Y("value:Q", title=series.name, axis=alt.Axis(tickCount=4), scale=alt.Scale(zero=False))
    tips = [alt.Tooltip("shown:N", title="UTC"), alt.Tooltip("value:Q", title=series.name, format=".6g")]
    rows = [
        {"at": _iso(one.at), "shown": _iso(one.at)[:19].replace("T", " "), "value": one.value} for one in series.points
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=across, y=up, tooltip=tips)
    layers: list[alt.Chart] = []
    if _shows_trouble(first, last, trouble):
        start, end = max(first, trouble.start), min(last, trouble.end)
        band = alt.InlineData(values=[{"at": _iso(start), "until": _iso(end)}])
        layers.append(alt.Chart(band).mark_rect(color=IDEAL, opacity=0.18).encode(x=across, x2="until:T"))
    layers += _healthy_layers(healthy, series.name) if healthy is not None else []
    layers += [base.mark_line(color=ACCENT), base.mark_point(color=ACCENT, filled=True, size=28, opacity=1)]
    if onset is not None and first <= onset <= last:
        mark = alt.Chart(alt.InlineData(values=[{"at": _iso(onset), "what": f"first seen {_iso(onset)[11:19]} UTC"}]))
        layers.append(
            mark.mark_rule(color=BAR, strokeDash=[5, 4], size=1.5).encode(
                x=across, tooltip=alt.Tooltip("what:N", title="Onset")
            )
        )
    return alt.layer(*layers).properties(height=_HEIGHT)


def _healthy_layers(healthy: Healthy, name: str) -> "list[altair.Chart]":
    """Return the band and the mean of healthy time, level over the whole chart."""
    import altair as alt

    row = {"least": healthy.least, "greatest": healthy.greatest, "mean": healthy.mean, "n": healthy.count}
    base = alt.Chart(alt.InlineData(values=[row]))
    tips = [
        alt.Tooltip("mean:Q", title="Healthy mean", format=".6g"),
        alt.Tooltip("least:Q", title="Least", format=".6g"),
        alt.Tooltip("greatest:Q", title="Greatest", format=".6g"),
        alt.Tooltip("n:Q", title="Points"),
    ]
    return [
        base.mark_rect(color=ACCENT, opacity=0.14).encode(
            y=alt.Y("least:Q", title=name), y2="greatest:Q", tooltip=tips
        ),
        base.mark_rule(color=ACCENT, opacity=0.6).encode(y=alt.Y("mean:Q", title=name), tooltip=tips),
    ]


def _shows_trouble(first: int, last: int, trouble: Window) -> bool:
    """Tell whether the time of trouble is a part of the line, and not all of it."""
    start, end = max(first, trouble.start), min(last, trouble.end)
    return start < end and (start > first or end < last)


def _all_instants(seen: ObservationDetail, index: int) -> bool:
    return bool(seen.rows) and all(index < len(row) and is_instant(row[index]) for row in seen.rows)


def _all_numbers(seen: ObservationDetail, index: int) -> bool:
    cells = [row[index] if index < len(row) else "" for row in seen.rows]
    known = [cell for cell in cells if cell is not None]
    return len(known) >= _LEAST_POINTS and all(
        isinstance(cell, int | float) and not isinstance(cell, bool) for cell in known
    )


def _number(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def _iso(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat()
