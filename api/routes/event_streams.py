"""Server-sent events of what changes: at once where this process changed it, soon where another one did."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from fastapi.sse import format_sse_event

from api.errors import GroundwatchError, UsageError
from api.schemas.answers import ErrorEvent
from api.schemas.problems import problem_of


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between looks at what this process changed, at the database, and between signs of life."""

    tick: float = 0.1
    look: float = 1.0
    heartbeat: float = 15.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The events of one look; the last ones where it has `ended`, and there are more at once where there are `more`."""

    events: Sequence[bytes]
    ended: bool = False
    more: bool = False


async def followed(
    news: Callable[[], int], look: Callable[[], Awaitable[Seen]], pace: Pace, *, quiet: str
) -> AsyncIterator[bytes]:
    """Yield events as they come, and `quiet` as a comment where none does; what can't be read ends it as an error.

    `news` gives a number that changes when this process has changed something. The next look waits until a reader has
    taken the events of the last one, so that nothing is held for a slow one.
    """
    heard, read_at, said_at = -1, float("-inf"), time.monotonic()
    try:
        while True:
            newest, now = news(), time.monotonic()
            if newest != heard or now - read_at >= pace.look:
                heard, read_at = newest, now
                seen = await look()
                for event in seen.events:
                    said_at = now
                    yield event
                if seen.ended:
                    return
                if seen.more:
                    read_at = float("-inf")
                    continue
            if now - said_at >= pace.heartbeat:
                said_at = now
                yield format_sse_event(comment=quiet)
            await asyncio.sleep(pace.tick)
    except GroundwatchError as error:
        problem = problem_of(error)
        last = ErrorEvent(title=problem.title, detail=problem.detail)
        yield format_sse_event(event=last.event, data_str=last.model_dump_json())


def number_in(last_event_id: str, *, digits: int, what: str) -> int | None:
    """Return the number in a Last-Event-ID, None for none; raises UsageError for what is no number of a stream."""
    said = last_event_id.strip()
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= digits):
        raise UsageError(f"Last-Event-ID {said[:80]!r} is no {what}")
    return int(said)
