"""Tests of points in time in words."""

from datetime import UTC, datetime, timedelta

import pytest

from ui.components.ages import age, age_markup, duration, until

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=20), "2 weeks ago"),
        (timedelta(days=400), "1 year ago"),
        (timedelta(days=-2), "in the future"),
    ],
)
def test_an_age_is_in_its_largest_whole_unit(before: timedelta, words: str) -> None:
    assert age(NOW - before, NOW) == words


def test_an_unknown_date_is_said_to_be_unknown() -> None:
    assert "no date" in age_markup(None)


def test_the_time_until_a_run_is_in_its_largest_whole_unit() -> None:
    assert until(NOW + timedelta(hours=5, minutes=3), NOW) == "in 5 hours"
    assert until(NOW + timedelta(seconds=20), NOW) == "in less than a minute"
    assert until(NOW - timedelta(hours=1), NOW) == "due now"


def test_a_length_of_time_is_as_exact_as_it_is_short() -> None:
    assert [duration(seconds) for seconds in (0.04, 59.9, 75, 3_725)] == ["0.0 s", "59.9 s", "1 min 15 s", "1 h 2 min"]
