"""Investigations and incidents of this process, by the names that the API's client has for them."""

from typing import Protocol

from api.errors import NotFound
from api.incidents.alerts import Severity
from api.incidents.incidents import IncidentState
from api.investigation.investigations import Investigation
from api.schemas.incidents import IncidentDetail, IncidentPage
from api.schemas.investigation_runs import InvestigationDetail, InvestigationRequest, InvestigationSummary
from api.schemas.investigations import ObservationDetail


class InvestigationDesk(Protocol):
    """What investigates."""

    def start(self, request: InvestigationRequest, *, request_key: str | None = None) -> InvestigationSummary:
        """Ask for an investigation."""

    def detail(self, investigation_id: str) -> InvestigationDetail:
        """Return one with what came of it; raises NotFound."""

    def observation(self, investigation_id: str, observation_id: str) -> ObservationDetail:
        """Return one observation with its rows; raises NotFound."""

    def whole(self, investigation_id: str) -> Investigation:
        """Return one that is done with the rows of its observations; raises NotFound, and UsageError where it isn't."""


class IncidentDesk(Protocol):
    """What keeps incidents."""

    def find(
        self,
        *,
        state: IncidentState | None = None,
        service: str = "",
        severity: Severity | None = None,
        query: str = "",
        offset: int = 0,
        limit: int = 20,
    ) -> IncidentPage:
        """Return incidents."""

    def detail(self, incident_id: str) -> IncidentDetail:
        """Return one; raises NotFound."""


class Casework:
    """The desks of one process; where no incidents are kept there are none."""

    def __init__(self, investigations: InvestigationDesk, incidents: IncidentDesk | None) -> None:
        self._investigations, self._incidents = investigations, incidents

    def start_investigation(self, request: InvestigationRequest) -> InvestigationSummary:
        """Ask for an investigation. Raises UsageError, NotFound, StorageFailed."""
        return self._investigations.start(request)

    def investigation(self, investigation_id: str) -> InvestigationDetail:
        """Return one with what came of it; raises NotFound."""
        return self._investigations.detail(investigation_id)

    def observation(self, investigation_id: str, observation_id: str) -> ObservationDetail:
        """Return one observation with its rows; raises NotFound."""
        return self._investigations.observation(investigation_id, observation_id)

    def whole(self, investigation_id: str) -> Investigation:
        """Return one that is done with the rows of its observations; raises NotFound, and UsageError where it isn't."""
        return self._investigations.whole(investigation_id)

    def incidents(
        self,
        *,
        state: IncidentState | None = None,
        service: str = "",
        severity: Severity | None = None,
        query: str = "",
        offset: int = 0,
        limit: int = 20,
    ) -> IncidentPage:
        """Return incidents, those that go on and the worst of them first."""
        if self._incidents is None:
            return IncidentPage(incidents=[], total=0, offset=offset, limit=limit, revision=0)
        return self._incidents.find(
            state=state, service=service, severity=severity, query=query, offset=offset, limit=limit
        )

    def incident(self, incident_id: str) -> IncidentDetail:
        """Return one with its alerts and its history; raises NotFound."""
        if self._incidents is None:
            raise NotFound(f"there is no incident {incident_id[:80]!r}: incidents are not kept here")
        return self._incidents.detail(incident_id)
