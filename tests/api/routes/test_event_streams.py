"""Streams of events: nothing is read ahead of a slow reader, and an error is the last event."""

import asyncio

import pytest

from api.errors import UsageError
from api.routes.event_streams import Pace, Seen, followed, number_in
from ingest.errors import StorageFailed

FAST = Pace(tick=0.001, look=0.001, heartbeat=0.001)


def test_the_next_look_waits_until_a_slow_reader_has_taken_the_last_events() -> None:
    looks = 0

    async def look() -> Seen:
        nonlocal looks
        looks += 1
        return Seen([b"a", b"b"], more=True)

    async def read() -> list[bytes]:
        stream = followed(lambda: 0, look, FAST, quiet="nothing")
        found = [await anext(stream) for _ in range(3)]
        await asyncio.sleep(0.02)
        return found

    assert asyncio.run(read()) == [b"a", b"b", b"a"]
    assert looks == 2


def test_a_quiet_stream_shows_signs_of_life_and_ends_with_what_ends_it() -> None:
    seen = [Seen([]), Seen([]), Seen([]), Seen([b"end"], ended=True)]

    async def look() -> Seen:
        return seen.pop(0)

    async def read() -> list[bytes]:
        return [one async for one in followed(lambda: 0, look, FAST, quiet="nothing")]

    found = asyncio.run(read())

    assert found[-1] == b"end"
    assert b"nothing" in found[0]


def test_what_cannot_be_read_is_told_and_ends_the_stream() -> None:
    async def look() -> Seen:
        raise StorageFailed("the disk is full")

    async def read() -> list[bytes]:
        return [one async for one in followed(lambda: 0, look, FAST, quiet="nothing")]

    (told,) = asyncio.run(read())
    assert b"event: error" in told
    assert b"the disk is full" in told


@pytest.mark.parametrize("said", ["x", "-1", "1" * 10, "\u0661"])
def test_what_is_no_number_of_a_stream_is_named(said: str) -> None:
    with pytest.raises(UsageError, match="is no revision"):
        number_in(said, digits=9, what="revision")


def test_a_number_is_read_and_none_is_none() -> None:
    assert (number_in(" 17 ", digits=9, what="revision"), number_in("", digits=9, what="revision")) == (17, None)
