"""/v1/investigations/{id}/acts: what people do about an investigation, and what came of it."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Body, Header, Query
from fastapi.openapi.models import Example

from api.routes.investigation_paths import InvestigationId
from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.investigation_acts import ActRequest, Acts, ActView

_EXAMPLES: dict[str, Example] = {
    "reject a finding": {
        "value": {"kind": "reject_finding", "finding": "metrics-1", "text": "that sensor is broken", "who": "Ana"}
    },
    "a fact": {
        "value": {
            "kind": "fact",
            "component": "db",
            "text": "its disk is full, I looked",
            "fault": "disk",
            "who": "Ana",
        }
    },
    "one more query": {"value": {"kind": "query", "source": "log", "component": "cart", "text": "timeout"}},
    "another window": {"value": {"kind": "window", "window": {"start": "2026-09-22T09:30:00Z"}}},
}


class Steered(Protocol):
    """What takes acts."""

    def act(self, investigation_id: str, asked: ActRequest, *, request_key: str | None = None) -> ActView:
        """Keep an act and what comes of it; raises NotFound, UsageError."""

    def acts(self, investigation_id: str, *, after: int = 0) -> Acts:
        """Return the acts above a number; raises NotFound."""


def act_routes(desk: Steered, workers: Workers) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["investigations"])

    @router.post(
        "/v1/investigations/{investigation_id}/acts",
        operation_id="actOnInvestigation",
        status_code=201,
        responses=problems(400, 401, 404, 422, 503),
    )
    async def act(
        investigation_id: InvestigationId,
        asked: Annotated[ActRequest, Body(openapi_examples=_EXAMPLES)],
        key: Annotated[
            str | None,
            Header(alias="Idempotency-Key", description="A name of your own: sent again, nothing is done twice."),
        ] = None,
    ) -> ActView:
        """Add a fact, reject or confirm a finding or a cause, ask, look further; the verdict is drawn anew."""
        return await workers.run(desk.act, investigation_id, asked, request_key=key)

    @router.get(
        "/v1/investigations/{investigation_id}/acts",
        operation_id="listActs",
        responses=problems(401, 404, 422, 503),
    )
    async def acts(
        investigation_id: InvestigationId,
        after: Annotated[int, Query(ge=0, le=2**31, description="Only acts above this number.")] = 0,
    ) -> Acts:
        """List what people did, in order, with what came of each, and how the verdict stands now."""
        return await workers.run(desk.acts, investigation_id, after=after)

    return router
