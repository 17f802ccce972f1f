"""Tests of rows as a table and as CSV."""

from api.schemas.observation_csv import rows_csv
from tests.ui.canned_investigations import LOGS, FakeInvestigations
from ui.components.observation_rows import rows_markup

SEEN = FakeInvestigations().observation("run-1", LOGS)


def test_no_cell_of_the_csv_is_a_formula() -> None:
    lines = rows_csv(SEEN).splitlines()

    assert lines[0] == "template,count,seen"
    assert lines[2] == "'=1+1,2,"


def test_cells_are_text_with_words_for_what_is_missing() -> None:
    markup = rows_markup(SEEN)

    assert "&lt;img" in markup
    assert "<img" not in markup
    assert '<span class="gw-muted">none</span>' in markup
    assert "<td>yes</td>" in markup


def test_a_very_long_cell_is_cut_and_says_so() -> None:
    long = SEEN.model_copy(update={"rows": [["x" * 5_000, 1, True]]})

    assert "and 3,000 more characters; the CSV has all" in rows_markup(long)
    assert "x" * 5_000 in rows_csv(long)


def test_no_rows_are_told() -> None:
    assert "The query gave no rows. 0 of 0 rows." in rows_markup(
        SEEN.model_copy(update={"rows": [], "total": 0, "cut": ""})
    )


def test_an_instant_is_a_time_and_a_number_that_is_none_stays_a_number() -> None:
    timed = SEEN.model_copy(update={"columns": ["at_us"], "rows": [[1_700_000_000_000_000], [12]]})

    markup = rows_markup(timed)

    assert "2023-11-14 22:13:20" in markup
    assert ">12<" in markup


def test_microseconds_are_named_as_instants_or_as_lengths_of_time() -> None:
    timed = SEEN.model_copy(update={"columns": ["at_us", "before_us"], "rows": [[1_700_000_000_000_000, 1_250]]})

    markup = rows_markup(timed)

    assert "at (UTC)" in markup
    assert "before (µs)" in markup
