"""Plots of scores hold every interval and bar, and give their rows as CSV that no spreadsheet executes."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from api.schemas.evaluations import Curve, CurvePoint, EvaluationSummary, Score
from ui.components.quality_plots import curve_chart, curves_csv, trend_chart, trend_words, trends_csv, trends_of


def night(number: int, value: float | None, group: str = "", **facts: object) -> EvaluationSummary:
    score = {"name": "MRR@10", "value": value, "n": 10, "group": group, "bar": 0.9, "low": 0.6, "high": 0.8, **facts}
    return EvaluationSummary(
        id=f"run {number}",
        started_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number),
        seconds=1,
        trigger="person",
        revision="",
        embedding_model="",
        passages=1,
        scores={"mine": [Score.model_validate(score)]},
    )


def test_a_trend_runs_from_the_oldest_to_the_newest() -> None:
    (trend,) = trends_of([night(2, 0.7), night(1, 0.75)], "mine")

    assert [moment.run for moment in trend.moments] == ["run 1", "run 2"]
    assert trend_words(trend) == "MRR@10: 0.700 in the newest of 2 runs; bar 0.900"


def test_a_run_without_a_value_leaves_no_dot() -> None:
    assert trends_of([night(1, None)], "mine") == []
    assert trends_of([night(1, 0.7)], "another") == []


def test_each_group_has_a_plot_of_its_own() -> None:
    titles = [trend.title for trend in trends_of([night(2, 0.7, "faq"), night(1, 0.7)], "mine")]

    assert titles == ["MRR@10", "MRR@10 (faq)"]


def test_the_axis_holds_the_bar_and_the_whole_interval() -> None:
    (trend,) = trends_of([night(1, 0.7)], "mine")
    chart = trend_chart(trend).to_dict()
    domain = chart["layer"][0]["encoding"]["y"]["scale"]["domain"]

    assert domain[0] < 0.6
    assert 0.9 < domain[1] <= 1
    assert len(chart["layer"]) == 4


@pytest.mark.parametrize(("last", "format_"), [(2, "%d %b %H:%M"), (9, "%d %b")])
def test_runs_of_few_days_are_told_apart_by_the_hour(last: int, format_: str) -> None:
    (trend,) = trends_of([night(last, 0.7), night(1, 0.75)], "mine")
    chart = trend_chart(trend).to_dict()

    assert chart["layer"][0]["encoding"]["x"]["axis"]["format"] == format_


def test_a_curve_is_drawn_over_what_it_should_be() -> None:
    points = [CurvePoint(x=0.5, y=0.4, n=10)]
    curve = Curve(name="Reliability", x_label="Shown", y_label="Right", points=points, ideal=points)

    assert len(curve_chart(curve).to_dict()["layer"]) == 3
    assert len(curve_chart(curve.model_copy(update={"ideal": []})).to_dict()["layer"]) == 2


def test_rows_are_given_as_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(trends_csv(trends_of([night(1, 0.7)], "mine")))))

    assert rows[0]["score"] == "MRR@10"
    assert (rows[0]["value"], rows[0]["bar"], rows[0]["n"]) == ("0.7", "0.9", "10")


def test_no_cell_is_a_formula() -> None:
    curve = Curve(name="=cmd|calc", x_label="", y_label="", points=[CurvePoint(x=1, y=1)])

    assert "\n'=cmd|calc," in curves_csv([curve]).replace("\r", "")
