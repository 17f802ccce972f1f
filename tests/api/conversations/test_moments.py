"""Times as people write them."""

from datetime import UTC, datetime, timedelta

import pytest

from api.conversations.moments import moment_of_words, span_of, stretch_in
from api.errors import UsageError

NOW = datetime(2026, 9, 22, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "minutes"), [("30m", 30), ("2h", 120), ("1.5 hours", 90), ("90 sec", 1.5), ("1d", 1_440), ("10 MIN", 10)]
)
def test_a_span_is_read(text: str, minutes: float) -> None:
    assert span_of(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "0m", "30", "m", "-5m", "30 parsecs", "9999999999999h"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no span of time"):
        span_of(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("02:30", datetime(2026, 9, 22, 2, 30, tzinfo=UTC)),
        ("23:30 UTC", datetime(2026, 9, 21, 23, 30, tzinfo=UTC)),
        ("2026-09-20", datetime(2026, 9, 20, tzinfo=UTC)),
        ("2026-09-20 10:00", datetime(2026, 9, 20, 10, tzinfo=UTC)),
        ("2026-09-20T10:00:00+02:00", datetime(2026, 9, 20, 8, tzinfo=UTC)),
        ("2026-09-20T10:00:00Z", datetime(2026, 9, 20, 10, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_utc(text: str, expected: datetime) -> None:
    assert moment_of_words(text, NOW) == expected


@pytest.mark.parametrize("text", ["yesterday", "25:00", "2026-13-01", "10", "99999-01-01T00:00:00Z"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no time"):
        moment_of_words(text, NOW)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("investigate cart since 02:00", NOW - timedelta(hours=1), None),
        ("what is wrong with cart from 23:30 to 01:00?", NOW - timedelta(minutes=210), NOW - timedelta(hours=2)),
        ("look into cart over the last 45 minutes", NOW - timedelta(minutes=45), None),
        ("diagnose cart, past hour", NOW - timedelta(hours=1), None),
        ("investigate cart since 20 minutes ago", NOW - timedelta(minutes=20), None),
        (
            "investigate cart between 2026-09-22T01:00:00Z and 2026-09-22T02:00:00Z",
            NOW - timedelta(hours=2), NOW - timedelta(hours=1),
        ),
    ],
)  # fmt: skip
def test_a_stretch_is_found_in_a_sentence(text: str, start: datetime, end: datetime | None) -> None:
    found = stretch_in(text, NOW)

    assert found is not None
    assert (found.start, found.end) == (start, end)


def test_a_sentence_without_a_time_has_none() -> None:
    assert stretch_in("what do I do since the disk is full?", NOW) is None


def test_a_stretch_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(UsageError, match="ends before it starts"):
        stretch_in("from 2026-09-22T02:00:00Z to 2026-09-22T01:00:00Z", NOW)
