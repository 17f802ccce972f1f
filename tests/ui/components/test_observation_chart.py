"""Tests of which rows are a line over time."""

import pytest

from api.schemas.investigations import Cell, ObservationDetail, Window
from tests.ui.canned_investigations import MINUTE, START
from ui.components.observation_chart import Healthy, Point, Series, baseline_of, legend, line_chart, series_of

TIMES = [START + minute * MINUTE for minute in range(4)]


def seen(columns: list[str], rows: list[list[Cell]]) -> ObservationDetail:
    query = {"source": "metric", "instance": "shop", "text": "p90", "window": {"start": START, "end": START + 1}}
    facts = {"id": "o", "query": query, "component": None, "summary": "p90", "total": len(rows), "cut": ""}
    return ObservationDetail.model_validate({**facts, "columns": columns, "rows": rows})


def test_an_instant_and_a_number_in_each_row_are_a_line_in_the_order_of_time() -> None:
    rows: list[list[Cell]] = [[at, 1.5] for at in reversed(TIMES)]

    assert series_of(seen(["time_us", "p90"], rows)) == Series("p90", tuple(Point(at, 1.5) for at in TIMES))


def test_a_value_that_is_missing_breaks_the_line_instead_of_being_bridged() -> None:
    values = [1, None, 3, 4]

    series = series_of(seen(["time_us", "p90"], [[at, value] for at, value in zip(TIMES, values, strict=True)]))

    assert series is not None
    assert [point.value for point in series.points] == [1.0, None, 3.0, 4.0]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (["caller", "callee"], [["front", "cart"]] * 4),
        (["time_us", "value"], [[at, 1.0] for at in TIMES[:2]]),
        (["time_us", "value"], [[TIMES[0], 1.0]] * 4),
        (["time_us", "a", "b"], [[at, 1.0, 2.0] for at in TIMES]),
        (["time_us", "value"], [[at, True] for at in TIMES]),
        (["count", "value"], [[count, 1.0] for count in range(4)]),
        (["time_us", "value"], [[at] for at in TIMES]),
        ([], []),
    ],
)
def test_other_rows_are_no_line(columns: list[str], rows: list[list[Cell]]) -> None:
    assert series_of(seen(columns, rows)) is None


def test_trouble_is_shaded_only_where_the_line_goes_beyond_it() -> None:
    series = Series("p90", tuple(Point(at, 1.0) for at in TIMES))
    within = Window(start=TIMES[1], end=TIMES[2])
    beyond = Window(start=START - MINUTE, end=START + 9 * MINUTE)

    marks = [
        [layer["mark"]["type"] for layer in line_chart(series, window, TIMES[1]).to_dict()["layer"]]
        for window in (within, beyond)
    ]

    assert marks == [["rect", "line", "point", "rule"], ["line", "point", "rule"]]


def test_healthy_points_give_the_band_and_the_mean_of_the_chart() -> None:
    series = Series("p90", tuple(Point(at, value) for at, value in zip(TIMES, (1.0, 2.0, 3.0, 9.0), strict=True)))
    trouble = Window(start=TIMES[3], end=TIMES[3] + MINUTE)

    healthy = baseline_of(series, Window(start=START, end=TIMES[3]), trouble)

    assert healthy == Healthy(mean=2.0, least=1.0, greatest=3.0, count=3)
    assert "of 3 healthy points" in legend(series, trouble, None, healthy)
    chart = line_chart(series, trouble, None, healthy).to_dict()
    assert any(layer["mark"].get("type") == "rect" and "y2" in layer["encoding"] for layer in chart["layer"])


def test_too_few_healthy_points_give_no_band() -> None:
    series = Series("p90", tuple(Point(at, 1.0) for at in TIMES))

    assert baseline_of(series, None, Window(start=START, end=TIMES[-1])) is None
    assert baseline_of(series, Window(start=START, end=TIMES[2]), Window(start=TIMES[2], end=TIMES[3])) is None


def test_points_of_days_before_are_left_out_where_enough_are_inside() -> None:
    series = Series("p90", (Point(TIMES[0] - 10**12, 1.0), *(Point(at, 2.0) for at in TIMES)))

    assert series.within(Window(start=TIMES[0], end=TIMES[-1] + 1)).points == series.points[1:]
    assert series.within(Window(start=TIMES[0], end=TIMES[1])) == series
