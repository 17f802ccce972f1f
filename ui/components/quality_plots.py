"""Plots of the evaluations: a score over time with its bar and interval, and the curves of a run; rows as CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from api.schemas.evaluations import Curve, CurvePoint, EvaluationSummary, Score
from api.schemas.score_words import formatted, named

if TYPE_CHECKING:
    import altair

ACCENT, BAR, IDEAL = "#4f7fe6", "#c2601d", "#8a929c"
"""Colours that can be told apart on both themes; line, dash and dot differ too."""

_HEIGHT = 190
_CURVE_HEIGHT = 260
_DOTTED_UP_TO = 20


@dataclass(frozen=True, slots=True)
class Moment:
    """A score of one run."""

    run: str
    at: datetime
    score: Score


@dataclass(frozen=True, slots=True)
class Trend:
    """One score over the runs that measured it, oldest first."""

    title: str
    moments: tuple[Moment, ...]

    @property
    def latest(self) -> Score:
        """The score of the newest run."""
        return self.moments[-1].score


def trends_of(runs: Sequence[EvaluationSummary], suite: str) -> list[Trend]:
    """Return the scores with a bar of a suite over time; `runs` come newest first."""
    by_name: dict[tuple[str, str], list[Moment]] = {}
    for run in reversed(runs):
        for score in run.scores.get(suite, ()):
            if score.value is not None:
                by_name.setdefault((score.name, score.group), []).append(Moment(run.id, run.started_at, score))
    return [Trend(named(moments[-1].score), tuple(moments)) for moments in by_name.values()]


def trend_chart(trend: Trend) -> "altair.LayerChart | altair.FacetChart":
    """Return a score over time: the line, its 95 % interval as a band, and the bar as a dashed line."""
    import altair as alt

    scale = alt.Scale(domain=list(_domain(trend)), nice=False)
    axis = alt.Axis(format="%" if trend.latest.unit == "share" else "", tickCount=4)
    days = (trend.moments[-1].at - trend.moments[0].at).total_seconds() / 86_400
    # Several runs of one day would all be told by the same date.
    across = alt.X(
        "at:T", title=None, axis=alt.Axis(format="%d %b" if days > 3 else "%d %b %H:%M", tickCount=4, labelOverlap=True)
    )
    tips = [
        alt.Tooltip("at:T", title="Run", format="%Y-%m-%d %H:%M UTC"),
        alt.Tooltip("shown:N", title="Value"),
        alt.Tooltip("interval:N", title="95 % interval"),
        alt.Tooltip("n:Q", title="Cases"),
    ]
    rows = alt.InlineData(values=[_row(moment) for moment in trend.moments])
    base = alt.Chart(rows).encode(x=across, y=alt.Y("value:Q", title=None, axis=axis, scale=scale))
    around = {"y": alt.Y("low:Q", title=None, axis=axis, scale=scale), "y2": "high:Q"}
    bar = alt.Chart(alt.InlineData(values=[{"bar": trend.latest.bar}]))
    # A band has no width over a single run.
    alone = len(trend.moments) == 1
    interval = base.mark_rule(color=ACCENT, size=2) if alone else base.mark_area(color=ACCENT, opacity=0.18)
    return alt.layer(
        interval.encode(**around),
        bar.mark_rule(color=BAR, strokeDash=[5, 4], size=1.5).encode(
            y=alt.Y("bar:Q", title=None, axis=axis, scale=scale)
        ),
        base.mark_line(color=ACCENT),
        base.mark_point(color=ACCENT, filled=True, size=45, opacity=1).encode(tooltip=tips),
    ).properties(height=_HEIGHT)


def curve_chart(curve: Curve) -> "altair.LayerChart | altair.FacetChart":
    """Return a curve over the line that it should be."""
    import altair as alt

    is_share = max(point.x for point in (*curve.points, *curve.ideal)) <= 1
    across = alt.X(
        "x:Q",
        title=curve.x_label,
        axis=alt.Axis(format="%" if is_share else "d", tickCount=5 if is_share else 10),
        scale=alt.Scale(domain=[0, 1]) if is_share else alt.Scale(nice=False),
    )
    up = alt.Y("y:Q", title=curve.y_label, axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(domain=[0, 1]))
    tips = [
        alt.Tooltip("x:Q", title=curve.x_label, format=".1%" if is_share else "d"),
        alt.Tooltip("y:Q", title=curve.y_label, format=".1%"),
        alt.Tooltip("n:Q", title="Cases"),
    ]
    measured = alt.Chart(alt.InlineData(values=[_point(point) for point in curve.points]))
    layers = [measured.mark_line(color=ACCENT).encode(x=across, y=up, order="x:Q")]
    # Many points stay invisible and still answer to the pointer.
    dots = measured.mark_point(color=ACCENT, filled=True, size=55, opacity=float(len(curve.points) <= _DOTTED_UP_TO))
    layers.append(dots.encode(x=across, y=up, tooltip=tips))
    if curve.ideal:
        ideal = alt.Chart(alt.InlineData(values=[_point(point) for point in curve.ideal]))
        layers.insert(0, ideal.mark_line(color=IDEAL, strokeDash=[5, 4]).encode(x=across, y=up, order="x:Q"))
    return alt.layer(*layers).properties(height=_CURVE_HEIGHT)


def trend_words(trend: Trend) -> str:
    """Return in words what a plot shows, for those who do not see it."""
    score = trend.latest
    bar = "" if score.bar is None else f"; bar {formatted(score.bar, score)}"
    return f"{trend.title}: {formatted(score.value, score)} in the newest of {len(trend.moments)} runs{bar}"


def trends_csv(trends: Sequence[Trend]) -> str:
    """Return the rows behind the plots over time."""
    header = ("run", "started_at", "score", "group", "value", "low", "high", "bar", "n")
    rows = (
        (moment.run, moment.at.isoformat(), it.name, it.group, it.value, it.low, it.high, it.bar, it.n)
        for trend in trends
        for moment in trend.moments
        for it in (moment.score,)
    )
    return _csv(header, rows)


def curves_csv(curves: Sequence[Curve]) -> str:
    """Return the points of curves."""
    rows = ((curve.name, point.x, point.y, point.n) for curve in curves for point in curve.points)
    return _csv(("curve", "x", "y", "n"), rows)


def _domain(trend: Trend) -> tuple[float, float]:
    """Return a range that holds every interval and the bar, a little wider; shares stay within 0..1."""
    scores = [moment.score for moment in trend.moments]
    values = [value for one in scores for value in (one.value, one.low, one.high, one.bar) if value is not None]
    low, high = min(values), max(values)
    slack = max((high - low) * 0.12, 0.01)
    bounded = all(0 <= value <= 1 for value in values)
    return (max(0.0, low - slack), min(1.0, high + slack)) if bounded else (low - slack, high + slack)


def _row(moment: Moment) -> dict[str, str | float | None]:
    score = moment.score
    return {
        "at": moment.at.isoformat(),
        "value": score.value,
        "low": score.value if score.low is None else score.low,
        "high": score.value if score.high is None else score.high,
        "bar": score.bar,
        "n": score.n,
        "shown": formatted(score.value, score),
        "interval": f"{formatted(score.low, score)} to {formatted(score.high, score)}",
    }


def _point(point: CurvePoint) -> dict[str, float]:
    return {"x": point.x, "y": point.y, "n": point.n}


def _csv(header: Sequence[str], rows: "Iterator[tuple[object, ...]]") -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
