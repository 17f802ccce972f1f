"""When sources are due: intervals, cron lines, runs that take long, and a clock that is set."""

from datetime import UTC, datetime, timedelta

import pytest

from flows.timetable import Schedule, Timetable
from ingest.errors import UsageError

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_nothing_is_due_before_its_time_and_the_longest_waiting_comes_first() -> None:
    table = Timetable({"slow": every(30), "quick": every(10)}, NOON)

    assert table.due(after(9.9)) == []
    assert table.due(after(10)) == ["quick"]
    assert table.due(after(31)) == ["quick", "slow"]


def test_times_that_passed_during_a_run_are_not_made_up_for() -> None:
    table = Timetable({"wiki": every(10)}, NOON)

    table.ran("wiki", after(45))

    assert table.due(after(54)) == []
    assert table.due(after(55)) == ["wiki"]


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("0 6 * * *", datetime(2026, 3, 2, 6, 0, tzinfo=UTC)),
        ("*/15 * * * *", datetime(2026, 3, 1, 12, 15, tzinfo=UTC)),
        ("0 12 * * *", datetime(2026, 3, 2, 12, 0, tzinfo=UTC)),  # the very moment that is over is not meant
        ("0 3 29 2 *", datetime(2028, 2, 29, 3, 0, tzinfo=UTC)),
    ],
)
def test_a_cron_line_is_read_in_utc(line: str, due: datetime) -> None:
    assert Schedule(cron=line).next_after(NOON) == due


@pytest.mark.parametrize("line", ["", "every day", "61 * * * *", "0 0 30 2 *"])
def test_a_cron_line_that_never_comes_is_named(line: str) -> None:
    with pytest.raises(UsageError, match="cron line"):
        Schedule(cron=line).next_after(NOON)


def test_a_clock_that_is_set_back_delays_nothing_for_long() -> None:
    table = Timetable({"wiki": every(10)}, NOON)
    yesterday = NOON - timedelta(days=1)

    assert table.due(yesterday) == []
    assert table.due(yesterday + timedelta(minutes=10)) == ["wiki"]


def test_a_sleep_is_short_enough_to_notice_a_clock_that_was_set() -> None:
    table = Timetable({"wiki": every(10)}, NOON)

    assert table.pause(NOON) == 30
    assert table.pause(after(9.9)) == pytest.approx(6)
    assert table.pause(after(99)) == 0


def every(minutes: int) -> Schedule:
    return Schedule(every=timedelta(minutes=minutes))
