"""Tests of log templates with their counts."""

from api.schemas.investigations import Cell, ObservationDetail
from tests.ui.canned_investigations import HOSTILE, WINDOW
from ui.components.log_templates import template_counts, templates_markup

COLUMNS = ["template", "severity", "healthy", "seen", "expected", "score", "first", "last"]


def rows(*given: list[Cell], columns: list[str] = COLUMNS) -> ObservationDetail:
    return ObservationDetail.model_validate(
        {
            "id": "o-1",
            "query": {"source": "log", "instance": "shop", "text": "lines", "window": WINDOW},
            "component": "cart",
            "summary": "lines of cart",
            "columns": columns,
            "rows": list(given),
            "total": len(given),
            "cut": "",
        }
    )


def test_the_most_unusual_come_first_and_counts_are_compared_in_words() -> None:
    found = template_counts(
        rows(
            ["calm", "info", 5, 5, 5.0, 0.1, None, None],
            ["boom", "error", 0, 56, 0.0, 4.2, "2026-09-22T11:05:54Z", "2026-09-22T11:26:54.5Z"],
            ["lost", "info", 9, 0, 9.0, -3.0, None, None],
        )
    )

    assert [(one.template, one.words) for one in found] == [("boom", "new"), ("lost", "gone"), ("calm", "1.0 times")]


def test_lines_are_shown_as_words_with_the_time_of_day() -> None:
    markup = templates_markup(rows([HOSTILE, "error", 0, 56, 0.0, 4.2, "2026-09-22T11:05:54Z", None]))

    assert "<img" not in markup
    assert "11:05:54" in markup
    assert "width:100.0%" in markup


def test_long_lists_are_cut_with_a_word_and_other_rows_are_no_templates() -> None:
    many = rows(*(["line", "info", 1, 1, 1.0, 0.0, None, None] for _ in range(30)))

    assert "22 more, less unusual" in templates_markup(many)
    assert template_counts(rows(["a", "b"], columns=["caller", "callee"])) == []
