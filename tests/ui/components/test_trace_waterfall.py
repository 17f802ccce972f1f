"""Tests of the waterfall of one request."""

from api.schemas.investigations import Cell, ObservationDetail
from tests.ui.canned_investigations import HOSTILE, WINDOW
from ui.components.trace_waterfall import bars_of, time_words, waterfall_markup

COLUMNS = ["component", "operation", "depth", "begins_us", "takes_us", "failed"]


def rows(*given: list[Cell], columns: list[str] = COLUMNS, total: int = 0) -> ObservationDetail:
    return ObservationDetail.model_validate(
        {
            "id": "o-1",
            "query": {"source": "trace", "instance": "shop", "text": "spans", "window": WINDOW},
            "component": "cart",
            "summary": "one request",
            "columns": columns,
            "rows": list(given),
            "total": total or len(given),
            "cut": "",
        }
    )


def test_bars_stand_at_their_time_and_failures_are_told_in_words() -> None:
    markup = waterfall_markup(
        rows(["front", "GET /", 0, 0, 1_000, False], ["cart", HOSTILE, 1, 500, 250, True], total=7),
        {"cart": "#123456"},
    )

    assert "margin-left:50.00%;width:25.00%;background:#123456" in markup
    assert markup.count("failed") == 1
    assert "<img" not in markup
    assert "5 more spans are not kept." in markup


def test_a_clock_that_is_behind_and_spans_without_length_are_still_drawn() -> None:
    found = waterfall_markup(rows(["front", "a", 0, 0, 0, None], ["cart", "b", 99, -20, 0, None]), {})

    assert "margin-left:0.00%" in found
    assert "width:0.40%" in found


def test_rows_of_something_else_are_no_request() -> None:
    assert bars_of(rows(["a", "b"], columns=["caller", "callee"])) == []
    assert waterfall_markup(rows(["a", "b"], columns=["caller", "callee"]), {}) == ""


def test_times_have_the_unit_that_suits_them() -> None:
    assert [time_words(one) for one in (12, 1_500, 2_000_000)] == ["12 µs", "1.5 ms", "2.00 s"]
