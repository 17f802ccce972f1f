"""Drawings of a run: reliability diagram, risk over coverage, recall by rank; as SVG, for light and dark pages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.schemas.evaluations import Curve, CurvePoint, EvaluationReport, SuiteReport

_ACCENT, _IDEAL, _TEXT = "#3f74e0", "#8a929c", "#6b7480"  # readable on white and on near-black
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_DOTTED_UP_TO = 20


@dataclass(frozen=True, slots=True)
class Plot:
    """A curve of a suite with the name of its file."""

    title: str
    file: str
    curve: Curve


def plot_names(suite: SuiteReport) -> list[Plot]:
    """Return the drawings of a suite; no two curves share a file, and one without points has none."""
    plots: list[Plot] = []
    for number, curve in enumerate(suite.curves, start=1):
        words = re.sub(r"[^a-z0-9]+", "-", f"{suite.name} {curve.name}".lower()).strip("-")
        if curve.points:
            plots.append(Plot(curve.name, f"{words[:80]}-{number}.svg", curve))
    return plots


def plots_of(report: EvaluationReport) -> Mapping[str, str]:
    """Return the SVG of every curve by file name; none where the drawing library is not installed."""
    drawn = {plot.file: svg_of(plot.curve) for suite in report.suites for plot in plot_names(suite)}
    return {file: svg for file, svg in drawn.items() if svg is not None}


def svg_of(curve: Curve) -> str | None:
    """Return a curve as SVG; None where the drawing library is not installed."""
    try:
        import vl_convert
    except ModuleNotFoundError:
        return None
    return str(vl_convert.vegalite_to_svg(drawing(curve), allowed_base_urls=[]))


def drawing(curve: Curve) -> dict[str, Any]:
    """Return a curve in the grammar of Vega-Lite, over the line that it should be."""
    faint = {"labelColor": _TEXT, "titleColor": _TEXT, "gridColor": _IDEAL, "gridOpacity": 0.3, "domainColor": _IDEAL}
    ideal = [_line(curve, curve.ideal, {"color": _IDEAL, "strokeDash": [5, 4]})] if curve.ideal else []
    mark = {"color": _ACCENT, "point": {"color": _ACCENT} if len(curve.points) <= _DOTTED_UP_TO else False}
    return {
        "$schema": _SCHEMA,
        "title": {"text": curve.name, "color": _TEXT, "anchor": "start"},
        "width": 420,
        "height": 300,
        "background": "transparent",
        "layer": [*ideal, _line(curve, curve.points, mark)],
        "config": {"font": "sans-serif", "axis": faint, "view": {"strokeOpacity": 0}},
    }


def _line(curve: Curve, points: list[CurvePoint], mark: Mapping[str, Any]) -> dict[str, Any]:
    is_share = max(point.x for point in (*curve.points, *curve.ideal)) <= 1
    across = {"domain": [0, 1]} if is_share else {"nice": True}
    return {
        "data": {"values": [{"x": point.x, "y": point.y} for point in points]},
        "mark": {"type": "line", **mark},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "title": curve.x_label, "scale": across},
            "y": {"field": "y", "type": "quantitative", "title": curve.y_label, "scale": {"domain": [0, 1]}},
            "order": {"field": "x", "type": "quantitative"},
        },
    }
