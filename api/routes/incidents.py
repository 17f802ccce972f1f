"""/v1/incidents: incidents listed, opened, acknowledged, resolved and opened again."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Body, Query
from fastapi import Path as PathParameter

from api.incidents.alerts import Severity
from api.incidents.incidents import IncidentState
from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.incidents import IncidentAction, IncidentDetail, IncidentLink, IncidentPage, IncidentSummary

IncidentId = Annotated[str, PathParameter(description="Id of an incident, from the list.")]
_Action = Annotated[IncidentAction, Body()]
_SAID_NOTHING = IncidentAction()


class IncidentDesk(Protocol):
    """What knows incidents."""

    def find(
        self,
        *,
        state: IncidentState | None,
        service: str,
        severity: Severity | None,
        query: str,
        offset: int,
        limit: int,
    ) -> IncidentPage:
        """Return incidents."""

    def detail(self, incident_id: str) -> IncidentDetail:
        """Return one with its alerts; raises NotFound."""

    def acknowledge(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """Say that somebody is at it; raises NotFound, and UsageError for one that has ended."""

    def resolve(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """End one; raises NotFound."""

    def reopen(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """Open one again; raises NotFound."""

    def link(self, incident_id: str, investigation_id: str, who: str) -> IncidentSummary:
        """Say which investigation is its; raises NotFound."""


def incident_routes(desk: IncidentDesk, workers: Workers) -> APIRouter:
    """Return the routes; their events are in a module of their own, and are to be added before these."""
    router = APIRouter(tags=["incidents"])
    _add_reading(router, desk, workers)
    _add_actions(router, desk, workers)
    return router


def _add_reading(router: APIRouter, desk: IncidentDesk, workers: Workers) -> None:
    @router.get("/v1/incidents", operation_id="listIncidents", responses=problems(401, 422, 503))
    async def list_incidents(
        state: Annotated[IncidentState | None, Query(description="Only those in this state.")] = None,
        service: Annotated[str, Query(max_length=300, description="Only those with an alert of this service.")] = "",
        severity: Annotated[Severity | None, Query(description="Only those of this severity.")] = None,
        q: Annotated[str, Query(max_length=300, description="Text in the title or in the names of services.")] = "",
        offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> IncidentPage:
        """List incidents: those that go on first, the worst of them first, then the newest."""
        return await workers.run(
            desk.find, state=state, service=service, severity=severity, query=q, offset=offset, limit=limit
        )

    @router.get("/v1/incidents/{incident_id}", operation_id="getIncident", responses=problems(401, 404, 422, 503))
    async def get_incident(incident_id: IncidentId) -> IncidentDetail:
        """Return an incident with its alerts, its history and how far its investigation is."""
        return await workers.run(desk.detail, incident_id)


def _add_actions(router: APIRouter, desk: IncidentDesk, workers: Workers) -> None:
    said = problems(400, 401, 404, 422, 503)

    @router.post("/v1/incidents/{incident_id}/acknowledge", operation_id="acknowledgeIncident", responses=said)
    async def acknowledge(incident_id: IncidentId, action: _Action = _SAID_NOTHING) -> IncidentSummary:
        """Say that somebody is at it."""
        return await workers.run(desk.acknowledge, incident_id, action)

    @router.post("/v1/incidents/{incident_id}/resolve", operation_id="resolveIncident", responses=said)
    async def resolve(incident_id: IncidentId, action: _Action = _SAID_NOTHING) -> IncidentSummary:
        """End an incident; alerts that still fire open it again only once they fire anew."""
        return await workers.run(desk.resolve, incident_id, action)

    @router.post("/v1/incidents/{incident_id}/reopen", operation_id="reopenIncident", responses=said)
    async def reopen(incident_id: IncidentId, action: _Action = _SAID_NOTHING) -> IncidentSummary:
        """Open an incident again that has ended."""
        return await workers.run(desk.reopen, incident_id, action)

    @router.post("/v1/incidents/{incident_id}/investigation", operation_id="linkInvestigation", responses=said)
    async def link(incident_id: IncidentId, wanted: Annotated[IncidentLink, Body()]) -> IncidentSummary:
        """Say which investigation is this incident's, where a person began another one."""
        return await workers.run(desk.link, incident_id, wanted.investigation_id, wanted.who)
