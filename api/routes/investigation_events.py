"""GET /v1/investigations/{id}/events: the steps of an investigation as they come, to any number of readers."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Header
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, format_sse_event

from api.routes.event_streams import Pace, Seen, followed, number_in
from api.routes.investigation_paths import InvestigationId
from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.investigation_runs import EndEvent, InvestigationSummary, StepEvent
from api.schemas.investigations import StepView

_END = "end"
_EXAMPLE = (
    'id: 1\nevent: step\ndata: {"event":"step","step":{"number":1,"stage":"plan","specialist":"","text":"…","ref":""}}'
    '\n\nid: end\nevent: end\ndata: {"event":"end","investigation":{}}\n\n'
)
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The events step, one for each step in order, and end (or error) last.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    },
    204: {"description": "The reader has had the end already; a browser then stops asking."},
}


class Followed(Protocol):
    """What knows the steps of investigations."""

    def summary(self, investigation_id: str) -> InvestigationSummary:
        """Return how far one is; raises NotFound."""

    def steps(self, investigation_id: str, *, after: int) -> list[StepView]:
        """Return the steps above a number, in order."""

    def news(self, investigation_id: str) -> int:
        """Return a number that changes when this process has added to an investigation."""


def event_routes(desk: Followed, workers: Workers, pace: Pace | None = None) -> APIRouter:
    """Return the route to the events."""
    router = APIRouter(tags=["investigations"])
    steady = pace or Pace()

    @router.get(
        "/v1/investigations/{investigation_id}/events",
        operation_id="followInvestigation",
        response_class=Response,
        responses={**_RESPONSES, **problems(401, 404, 422, 503)},
    )
    async def follow(
        investigation_id: InvestigationId,
        last_event_id: Annotated[
            str | None,
            Header(alias="Last-Event-ID", description="The last event that was had; the stream goes on there."),
        ] = None,
    ) -> Response:
        """Follow an investigation from its first step, or from where a reader left off, until it ends."""
        after = _after(last_event_id)
        await workers.run(desk.summary, investigation_id)  # what fails before the stream has a status of its own
        if after is None:
            return Response(status_code=204)
        events = _events(desk, workers, investigation_id, after, steady)
        return EventSourceResponse(events, headers={"X-Accel-Buffering": "no"})  # a proxy must not hold them back

    return router


def _events(desk: Followed, workers: Workers, name: str, after: int, pace: Pace) -> AsyncIterator[bytes]:
    async def look() -> Seen:
        nonlocal after
        # Read before the steps: where it has ended by then, no step comes after those that are read next.
        summary = await workers.run(desk.summary, name)
        steps = await workers.run(desk.steps, name, after=after)
        after = steps[-1].number if steps else after
        told = [_step(one) for one in steps]
        return Seen([*told, _end(summary)], ended=True) if summary.state.ended else Seen(told)

    return followed(lambda: desk.news(name), look, pace, quiet="still at it")


def _step(step: StepView) -> bytes:
    event = StepEvent(step=step)
    return format_sse_event(event=event.event, data_str=event.model_dump_json(), id=str(step.number))


def _end(summary: InvestigationSummary) -> bytes:
    event = EndEvent(investigation=summary)
    return format_sse_event(event=event.event, data_str=event.model_dump_json(), id=_END)


def _after(last_event_id: str | None) -> int | None:
    """Return the number of the last step that a reader had, or None after the end."""
    said = (last_event_id or "").strip()
    if said == _END:
        return None
    return number_in(said, digits=9, what="number of a step; leave it out to follow from the start") or 0
