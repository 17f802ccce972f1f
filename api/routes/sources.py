"""/v1/sources: the connected sources of telemetry and how they are; /webhooks/changes takes changes that are told."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Body

from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.sources import Kept, SourceList, ToldChange, ToldChanges


class SourceDesk(Protocol):
    """What has connected sources."""

    def healths(self) -> SourceList:
        """Ask all of them whether they can be used."""

    def tell(self, told: ToldChanges) -> Kept:
        """Keep changes; raises UsageError."""


def source_routes(desk: SourceDesk, workers: Workers) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["investigations"])

    @router.get("/v1/sources", operation_id="listSources", responses=problems(401, 503))
    async def list_sources() -> SourceList:
        """Ask every connected source whether it can be used; one that does not answer in seconds says so."""
        return await workers.run(desk.healths)

    @router.post(
        "/webhooks/changes", operation_id="tellChanges", status_code=202, responses=problems(400, 401, 413, 422, 503)
    )
    async def tell_changes(told: Annotated[ToldChange | ToldChanges, Body()]) -> Kept:
        """Tell of a feature flag, a setting or a deployment that changed: one, or several as `changes`.

        What is told again, with the same `ref` and `kind`, is kept once.
        """
        changes = told if isinstance(told, ToldChanges) else ToldChanges(changes=[told])
        return await workers.run(desk.tell, changes)

    return router
