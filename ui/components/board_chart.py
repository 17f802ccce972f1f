"""The plots of the evidence board: each by itself, all over the same time and equally wide, so that they line up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from statistics import median, quantiles
from typing import TYPE_CHECKING

from api.schemas.investigations import Window
from ui.components.investigation_moments import Moment, MomentKind
from ui.components.observation_chart import Healthy, Series
from ui.components.quality_plots import BAR, IDEAL

if TYPE_CHECKING:
    import altair

_LABELS = 72  # pixels beside the plot, the same in all, so that one instant stands at one place
_HEIGHT, _LANE = 124, 26  # with the axis below
_LANES = ("change", "event", "metric", "log", "trace", "human")
_LONGEST_TIP = 200
_OTHER = IDEAL
_FEWEST = 5  # healthy points that a range can be told of


@dataclass(frozen=True, slots=True)
class Upright:
    """A line at an instant in all plots, with its label."""

    at: int
    label: str
    changed: bool = False


def uprights_of(moments: Sequence[Moment], drawn: Window, onset: int | None) -> list[Upright]:
    """Return the instants that are marked in all plots: the start of trouble, the cause's onset, and changes."""
    begin = next((one.at for one in moments if one.kind is MomentKind.BEGIN), None)
    marks = [Upright(onset, "cause seen")] if onset is not None else []
    if begin is not None and begin > drawn.start and begin != onset:
        marks.append(Upright(begin, "trouble begins"))
    changes = [one for one in moments if one.changed]
    marks += [Upright(one.at, one.kind.value, changed=True) for one in changes]
    unique = {one.at: one for one in reversed(marks)}
    return sorted((one for one in unique.values() if drawn.start <= one.at < drawn.end), key=lambda one: one.at)


def usual_range(series: Series, baseline: Window | None, trouble: Window) -> Healthy | None:
    """Return the median and the middle 90 % of the healthy points among the rows; None where these are too few."""
    if baseline is None:
        return None
    values = [
        one.value
        for one in series.points
        if one.value is not None
        and baseline.start <= one.at < baseline.end
        and not trouble.start <= one.at < trouble.end
    ]
    if len(values) < _FEWEST:
        return None
    cuts = quantiles(values, n=20, method="inclusive")
    return Healthy(median(values), cuts[0], cuts[-1], len(values))


def line_panel(
    series: Series,
    drawn: Window,
    colour: str,
    marks: Sequence[Upright] = (),
    *,
    healthy: Healthy | None = None,
    onset: int | None = None,
) -> "altair.LayerChart | altair.FacetChart":
    """Return one series in the colour of its component, over the band of its healthy points, with all marks."""
    import altair as alt

    import_module("pandas")  # altair takes a pandas that another reader's page has only half imported
    across = _across(drawn)
    up = alt.Y("value:Q", title=None, axis=_labels(tickCount=3), scale=alt.Scale(zero=False))
    rows = [
        {"at": _iso(one.at), "shown": _iso(one.at)[:19].replace("T", " "), "value": one.value}
        for one in series.points
        if drawn.start <= one.at < drawn.end
    ]
    tips = [alt.Tooltip("shown:N", title="UTC"), alt.Tooltip("value:Q", title=series.name, format=".6g")]
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=across, y=up, tooltip=tips)
    layers: list[alt.Chart] = []
    if healthy is not None:
        told = alt.InlineData(values=[{"low": healthy.least, "high": healthy.greatest, "mean": healthy.mean}])
        layers.append(
            alt.Chart(told).mark_rect(color=colour, opacity=0.13).encode(y=alt.Y("low:Q", axis=_labels()), y2="high:Q")
        )
        layers.append(alt.Chart(told).mark_rule(color=colour, opacity=0.5).encode(y=alt.Y("mean:Q", axis=_labels())))
    layers += [base.mark_line(color=colour), base.mark_point(color=colour, filled=True, size=16, opacity=1)]
    layers += _uprights(marks, drawn)
    if onset is not None and drawn.start <= onset < drawn.end:
        own = alt.Chart(alt.InlineData(values=[{"at": _iso(onset), "what": f"onset {_iso(onset)[11:19]} UTC"}]))
        layers.append(
            own.mark_rule(color=colour, strokeDash=[5, 3], size=2).encode(
                x=across, tooltip=alt.Tooltip("what:N", title="Here")
            )
        )
    return alt.layer(*layers).properties(height=_HEIGHT)


def moments_panel(
    moments: Sequence[Moment], drawn: Window, colours: Mapping[str, str], marks: Sequence[Upright]
) -> "altair.LayerChart | altair.FacetChart | None":
    """Return what was first seen when, a lane for each kind of source; None where nothing is in the drawn time."""
    import altair as alt

    import_module("pandas")
    inside = [one for one in moments if one.source and drawn.start <= one.at < drawn.end]
    if not inside:
        return None
    lanes = [lane for lane in _LANES if any(one.source == lane for one in inside)]
    rows = [
        {
            "at": _iso(one.at),
            "lane": one.source,
            "shown": _iso(one.at)[:19].replace("T", " "),
            "component": one.component or "no component",
            "words": one.words[:_LONGEST_TIP],
            "colour": colours.get(one.component, _OTHER),
            "shape": "diamond" if one.changed else "circle",
            "size": 130 if one.kind is MomentKind.CAUSE or one.changed else 60,
        }
        for one in inside
    ]
    up = alt.Y("lane:N", title=None, sort=lanes, scale=alt.Scale(domain=lanes), axis=_labels(ticks=False))
    tips = [alt.Tooltip(f"{name}:N", title=title) for name, title in _TIPS]
    dots = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_point(filled=True, opacity=0.85)
        .encode(
            x=_across(drawn),
            y=up,
            color=alt.Color("colour:N", scale=None, legend=None),
            shape=alt.Shape("shape:N", scale=None, legend=None),
            size=alt.Size("size:Q", scale=None, legend=None),
            tooltip=tips,
        )
    )
    return alt.layer(*_uprights(marks, drawn), dots, *_labels_of(marks, drawn)).properties(
        height=_LANE * len(lanes) + 54
    )


_TIPS = (("shown", "UTC"), ("component", "Component"), ("words", "What"))


def _uprights(marks: Sequence[Upright], drawn: Window) -> "list[altair.Chart]":
    import altair as alt

    layers = []
    for changed, dash in ((False, [1, 0]), (True, [2, 3])):
        rows = [{"at": _iso(one.at), "what": f"{one.label} {_iso(one.at)[11:19]} UTC"} for one in marks
                if one.changed is changed]  # fmt: skip
        if rows:
            rule = alt.Chart(alt.InlineData(values=rows)).mark_rule(color=BAR, strokeDash=dash, size=1.4, opacity=0.8)
            layers.append(rule.encode(x=_across(drawn), tooltip=alt.Tooltip("what:N", title="Mark")))
    return layers


def _labels_of(marks: Sequence[Upright], drawn: Window) -> "list[altair.Chart]":
    """Return the words of the marks above the plot; where they stand close, those of the trouble."""
    import altair as alt

    room = (drawn.end - drawn.start) / 6
    placed: list[Upright] = []
    for one in sorted(marks, key=lambda mark: (mark.changed, mark.at)):
        if all(abs(one.at - other.at) >= room for other in placed):
            placed.append(one)
    rows = [
        {"at": _iso(one.at), "label": one.label, "align": "right" if one.at > drawn.end - room else "left"}
        for one in placed
    ]
    layers = []
    for align, shift in (("left", 3), ("right", -3)):
        own = [row for row in rows if row["align"] == align]
        if own:
            words = alt.Chart(alt.InlineData(values=own)).mark_text(
                align="left" if align == "left" else "right", dx=shift, color=BAR, fontSize=11, baseline="bottom"
            )
            layers.append(words.encode(x=_across(drawn), y=alt.value(-3), text="label:N"))
    return layers


def _across(drawn: Window) -> "altair.X":
    import altair as alt

    length = drawn.end - drawn.start
    span = "%H:%M:%S" if length < 600_000_000 else "%H:%M" if length < 86_400_000_000 else "%d %b %H:%M"
    return alt.X(
        "at:T",
        title=None,
        axis=alt.Axis(format=span, tickCount=5, labelOverlap=True),
        scale=alt.Scale(type="utc", domain=[_iso(drawn.start), _iso(drawn.end)], nice=False),
    )


def _labels(**settings: object) -> "altair.Axis":
    import altair as alt

    return alt.Axis(minExtent=_LABELS, maxExtent=_LABELS, labelLimit=_LABELS - 8, **settings)  # type: ignore[arg-type]  # altair types each keyword by itself


def _iso(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat()
