"""Windows hold time on one clock, and say so where they don't."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import InvalidWindow
from api.investigation.windows import SECOND, Window, instant_of, instant_text, moment_of

NOON = instant_of(datetime(2026, 1, 1, 12, tzinfo=UTC))


def test_the_start_is_inside_and_the_end_is_not() -> None:
    window = Window(NOON, NOON + 60 * SECOND)

    assert (NOON in window, NOON + 60 * SECOND in window) == (True, False)
    assert window.seconds == 60


@pytest.mark.parametrize("end", [NOON, NOON - 1])
def test_a_window_without_time_is_refused_by_name(end: int) -> None:
    with pytest.raises(InvalidWindow, match=r"2026-01-01T12:00:00Z.*give an end after the start"):
        Window(NOON, end)


def test_two_windows_share_what_both_hold() -> None:
    first, second = Window(NOON, NOON + 10), Window(NOON + 4, NOON + 20)

    assert first.overlap(second) == Window(NOON + 4, NOON + 10)
    assert first.overlap(Window(NOON + 10, NOON + 20)) is None


def test_the_time_before_ends_where_the_window_starts() -> None:
    assert Window(NOON, NOON + 1).before(30) == Window(NOON - 30 * SECOND, NOON)


def test_a_time_of_another_zone_is_the_same_instant() -> None:
    assert instant_of(datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2)))) == NOON
    assert instant_of(datetime(2026, 1, 1, 12)) == NOON


@given(st.integers(min_value=-(10**15), max_value=10**17))
def test_an_instant_survives_the_way_to_a_date_and_back(instant: int) -> None:
    assert instant_of(moment_of(instant)) == instant


def test_an_instant_in_nanoseconds_is_told_as_such() -> None:
    with pytest.raises(InvalidWindow, match="nanoseconds"):
        moment_of(NOON * 1000)


def test_an_instant_is_written_in_utc() -> None:
    assert instant_text(NOON) == "2026-01-01T12:00:00Z"
    assert instant_text(NOON + 5) == "2026-01-01T12:00:00.000005Z"
    assert instant_text(10**20) == f"{10**20} µs"
