"""GET /v1/incidents/events: incidents as they change, whoever changes them, to any number of readers."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, format_sse_event

from api.errors import GroundwatchError, UsageError
from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.answers import ErrorEvent
from api.schemas.incidents import IncidentEvent, IncidentSummary
from api.schemas.problems import problem_of

_MOST = 200  # incidents in one look, as the desk gives them
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "An event `incident` for each incident that changes, its id the revision; `error` is the last.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'id: 17\nevent: incident\ndata: {"event":"incident","incident":{}}\n\n',
            }
        },
    }
}


@dataclass(frozen=True, slots=True)
class ListPace:
    """Seconds: between looks at what this process changed, at the database, and between signs of life."""

    tick: float = 0.1
    look: float = 1.0
    heartbeat: float = 15.0


class Watched(Protocol):
    """What knows which incidents change."""

    def revision(self) -> int:
        """Return the newest revision."""

    def changes(self, after: int) -> list[IncidentSummary]:
        """Return incidents that changed after a revision, in the order of their last change."""

    def news(self) -> int:
        """Return a number that changes when this process has changed an incident."""


def incident_event_routes(desk: Watched, workers: Workers, pace: ListPace | None = None) -> APIRouter:
    """Return the route; it is to be added before that of one incident, whose id it would be taken for."""
    router = APIRouter(tags=["incidents"])
    steady = pace or ListPace()

    @router.get(
        "/v1/incidents/events",
        operation_id="followIncidents",
        response_class=Response,
        responses={**_RESPONSES, **problems(401, 422, 503)},
    )
    async def follow(
        after: Annotated[
            int | None, Query(ge=0, le=2**53, description="The `revision` of the list; unset, from now on.")
        ] = None,
        last_event_id: Annotated[
            str | None,
            Header(alias="Last-Event-ID", description="The last event that was had; the stream goes on there."),
        ] = None,
    ) -> Response:
        """Follow the list of incidents. One that changed several times since comes once, as it stands."""
        had = _had(last_event_id)
        begin = had if had is not None else after
        newest = await workers.run(desk.revision)  # what fails before the stream has a status of its own
        events = _events(desk, workers, newest if begin is None else begin, steady)
        return EventSourceResponse(events, headers={"X-Accel-Buffering": "no"})

    return router


async def _events(desk: Watched, workers: Workers, after: int, pace: ListPace) -> AsyncIterator[bytes]:
    """Yield what is new whenever there is news here, and now and then in case another process changed something."""
    heard, read_at, said_at = -1, float("-inf"), time.monotonic()
    try:
        while True:
            news, now = desk.news(), time.monotonic()
            if news != heard or now - read_at >= pace.look:
                heard, read_at = news, now
                found = await workers.run(desk.changes, after)
                for one in found:
                    after, said_at = one.revision, now
                    yield _event(one)
                if len(found) >= _MOST:
                    read_at = float("-inf")
                    continue
            if now - said_at >= pace.heartbeat:
                said_at = now
                yield format_sse_event(comment="nothing new")
            await asyncio.sleep(pace.tick)
    except GroundwatchError as error:
        problem = problem_of(error)
        event = ErrorEvent(title=problem.title, detail=problem.detail)
        yield format_sse_event(event=event.event, data_str=event.model_dump_json())


def _event(one: IncidentSummary) -> bytes:
    event = IncidentEvent(incident=one)
    return format_sse_event(event=event.event, data_str=event.model_dump_json(), id=str(one.revision))


def _had(last_event_id: str | None) -> int | None:
    said = (last_event_id or "").strip()
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= 15):
        raise UsageError(f"Last-Event-ID {said[:80]!r} is no revision; leave it out to follow from now on")
    return int(said)
