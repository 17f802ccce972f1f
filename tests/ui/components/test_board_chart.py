"""Tests of the plots of the evidence board: all over the same time, with marks and the band of healthy points."""

import json

from tests.ui.canned_investigations import MINUTE, START, result
from ui.components.board_chart import Upright, line_panel, moments_panel, uprights_of, usual_range
from ui.components.board_choice import drawn_window, log_choice, series_choice, trace_choice
from ui.components.investigation_moments import Moment, MomentKind, moments_of
from ui.components.observation_chart import Point, Series

DRAWN = drawn_window(result().incident)
SERIES = Series("p90", tuple(Point(START + minute * MINUTE, float(minute % 7)) for minute in range(-30, 30)))


def change(at: int) -> Moment:
    return Moment(at, MomentKind.CHANGE, "cart", "deploy", "change")


def test_the_healthy_time_is_drawn_where_it_lies_right_before_and_not_where_it_is_days_away() -> None:
    far = {"start": START - 9_000 * MINUTE, "end": START - 8_000 * MINUTE}
    incident = result().incident.model_dump(mode="json") | {"baseline": far}

    assert DRAWN.start == START - 60 * MINUTE
    assert drawn_window(result(incident=incident).incident).start == START


def test_marks_are_those_inside_the_drawn_time_each_instant_once() -> None:
    moments = [change(START - 500 * MINUTE), change(START), change(START), *moments_of(result())]

    marks = uprights_of(moments, DRAWN, START + 3 * MINUTE)

    assert [(mark.at, mark.label) for mark in marks] == [
        (START, "trouble begins"),
        (START + 3 * MINUTE, "cause seen"),
    ]


def test_the_usual_range_leaves_out_the_trouble_and_needs_some_points() -> None:
    incident = result().incident

    usual = usual_range(SERIES, incident.baseline, incident.window)

    assert usual is not None
    assert (usual.count, usual.mean) == (30, 3.0)
    assert usual_range(Series("p90", SERIES.points[:4]), incident.baseline, incident.window) is None
    assert usual_range(SERIES, None, incident.window) is None


def test_every_panel_shows_the_same_time_with_labels_of_the_same_width() -> None:
    marks = [Upright(START, "trouble begins"), Upright(START - MINUTE, "change", changed=True)]
    lanes = moments_panel(moments_of(result()), DRAWN, {"cart": "#123456"}, marks)
    line = line_panel(SERIES, DRAWN, "#123456", marks, healthy=None, onset=START + MINUTE)

    assert lanes is not None
    drawings = [json.dumps(panel.to_dict()) for panel in (lanes, line)]
    for drawing in drawings:
        assert '"2023-11-14T21:13:20+00:00", "2023-11-14T22:43:20+00:00"' in drawing
        assert '"minExtent": 72' in drawing
        assert "trouble begins 22:13:20 UTC" in drawing
        assert "#123456" in drawing


def test_without_onsets_there_are_no_lanes() -> None:
    assert moments_panel(moments_of(result(findings=[])), DRAWN, {}, []) is None


def test_the_board_draws_what_the_cause_rests_on_and_nothing_where_nothing_is_kept() -> None:
    assert [(finding.id, rows.id) for finding, rows in series_choice(result())] == [("metrics-1", "o-points")]
    assert log_choice(result()) == []
    assert trace_choice(result()) is None
    assert series_choice(result(findings=[], observations=[])) == []


def test_a_rejected_finding_is_not_drawn() -> None:
    assert "metrics-1" not in [finding.id for finding, _ in series_choice(result(rejected=["metrics-1"]))]
