"""Durations and cron lines: what counts as one, and what is said of the rest."""

from datetime import timedelta

import pytest

from ingest.sources.schedules import check_cron, duration, words


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("30m", timedelta(minutes=30)),
        ("1h30m", timedelta(minutes=90)),
        ("1d 12h", timedelta(hours=36)),
        ("2W", timedelta(weeks=2)),
        ("90s", timedelta(seconds=90)),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, meant: timedelta) -> None:
    assert duration(text) == meant


@pytest.mark.parametrize(
    "text", ["", "30", "m30", "30m1h", "-5m", "1.5h", "5 minutes", "0m", "999999w", 30, None, "1s"]
)
def test_anything_else_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="write a"):
        duration(text)


def test_a_duration_is_written_as_it_is_read() -> None:
    assert [words(duration(text)) for text in ("90m", "2w", "3661s")] == ["1h30m", "14d", "1h1m1s"]


@pytest.mark.parametrize("line", ["* * * * *", "*/5 0-6 1,15 jan-mar mon", "59 23 31 12 7", "0 3/2 * * SUN"])
def test_a_cron_line_has_five_fields(line: str) -> None:
    check_cron(line)


@pytest.mark.parametrize(
    "line",
    ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * foo *", "*/0 * * * *", "@daily"],
)
def test_other_lines_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match="has "):
        check_cron(line)


def test_a_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="'6-2' as hour"):
        check_cron("0 6-2 * * *")
