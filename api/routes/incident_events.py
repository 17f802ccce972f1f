"""GET /v1/incidents/events: incidents as they change, whoever changes them, to any number of readers."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, format_sse_event

from api.routes.event_streams import Pace, Seen, followed, number_in
from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.incidents import IncidentEvent, IncidentSummary

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


class Watched(Protocol):
    """What knows which incidents change."""

    def revision(self) -> int:
        """Return the newest revision."""

    def changes(self, after: int) -> list[IncidentSummary]:
        """Return incidents that changed after a revision, in the order of their last change."""

    def news(self) -> int:
        """Return a number that changes when this process has changed an incident."""


def incident_event_routes(desk: Watched, workers: Workers, pace: Pace | None = None) -> APIRouter:
    """Return the route; it is to be added before that of one incident, whose id it would be taken for."""
    router = APIRouter(tags=["incidents"])
    steady = pace or Pace()

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
        had = number_in(last_event_id or "", digits=15, what="revision; leave it out to follow from now on")
        begin = had if had is not None else after
        newest = await workers.run(desk.revision)  # what fails before the stream has a status of its own
        events = _events(desk, workers, newest if begin is None else begin, steady)
        return EventSourceResponse(events, headers={"X-Accel-Buffering": "no"})

    return router


def _events(desk: Watched, workers: Workers, after: int, pace: Pace) -> AsyncIterator[bytes]:
    async def look() -> Seen:
        nonlocal after
        found = await workers.run(desk.changes, after)
        after = found[-1].revision if found else after
        return Seen([_event(one) for one in found], more=len(found) >= _MOST)

    return followed(desk.news, look, pace, quiet="nothing new")


def _event(one: IncidentSummary) -> bytes:
    event = IncidentEvent(incident=one)
    return format_sse_event(event=event.event, data_str=event.model_dump_json(), id=str(one.revision))
