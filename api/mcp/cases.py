"""What the tools about incidents need: investigations begun and read, incidents read."""

from typing import Protocol

from api.schemas.incidents import IncidentDetail, IncidentPage, IncidentState, Severity
from api.schemas.investigation_runs import InvestigationDetail, InvestigationRequest, InvestigationSummary
from api.schemas.investigations import ObservationDetail


class Cases(Protocol):
    """The part of the API's client that is about incidents and investigations."""

    def start_investigation(self, request: InvestigationRequest) -> InvestigationSummary:
        """Ask for an investigation."""

    def investigation(self, investigation_id: str) -> InvestigationDetail:
        """Return one with what came of it, once it is done; raises NotFound."""

    def observation(self, investigation_id: str, observation_id: str) -> ObservationDetail:
        """Return one observation with its rows; raises NotFound."""

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

    def incident(self, incident_id: str) -> IncidentDetail:
        """Return one with its alerts and its history; raises NotFound."""
