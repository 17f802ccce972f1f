"""/v1/services and /v1/alerts: what the documents state as structure, each fact with its place."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Path, Query

from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.structure import AlertPage, ServiceDetail, ServicePage

_Wanted = Annotated[str, Query(max_length=200, description="Part of a name.")]
_Offset = Annotated[int, Query(ge=0)]
_Limit = Annotated[int, Query(ge=1, le=500)]


class StructureDesk(Protocol):
    """What knows services and alerts."""

    def services(self, *, query: str, offset: int, limit: int) -> ServicePage:
        """Return services by name."""

    def service(self, name: str) -> ServiceDetail:
        """Return one service; raises NotFound."""

    def alerts(self, *, query: str, without_runbook: bool, offset: int, limit: int) -> AlertPage:
        """Return alerts by name."""


def structure_routes(desk: StructureDesk, workers: Workers) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["structure"])

    @router.get("/services", operation_id="listServices", responses=problems(401, 422, 503))
    async def services(query: _Wanted = "", offset: _Offset = 0, limit: _Limit = 100) -> ServicePage:
        """Services and other components, with what they depend on and what depends on them."""
        return await workers.run(lambda: desk.services(query=query, offset=offset, limit=limit))

    @router.get("/services/{name}", operation_id="getService", responses=problems(401, 404, 422, 503))
    async def service(name: Annotated[str, Path(max_length=200, description="Name or alias.")]) -> ServiceDetail:
        """All that documents state of a service, each statement with its place."""
        return await workers.run(lambda: desk.service(name))

    @router.get("/alerts", operation_id="listAlerts", responses=problems(401, 422, 503))
    async def alerts(
        query: _Wanted = "", without_runbook: bool = False, offset: _Offset = 0, limit: _Limit = 100
    ) -> AlertPage:
        """Alerts that rule files define or documents are about, with the runbook that each means."""
        return await workers.run(
            lambda: desk.alerts(query=query, without_runbook=without_runbook, offset=offset, limit=limit)
        )

    return router
