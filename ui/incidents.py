"""What the Incidents page asks of the API."""

from typing import Protocol

from api.schemas.incidents import IncidentAction, IncidentDetail, IncidentPage, IncidentState, IncidentSummary, Severity
from ui.connection import assistant


class Incidents(Protocol):
    """The part of the API that knows incidents; every method raises errors of api.errors."""

    def incidents(
        self,
        *,
        state: IncidentState | None,
        service: str,
        severity: Severity | None,
        query: str,
        offset: int,
        limit: int,
    ) -> IncidentPage:
        """Return incidents, those that go on and the worst of them first."""

    def incident(self, incident_id: str) -> IncidentDetail:
        """Return one with its alerts and its history; raises NotFound."""

    def acknowledge_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """Say that somebody is at it."""

    def resolve_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """End one."""

    def reopen_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """Open one again."""


def incidents() -> Incidents:
    """Return what knows incidents."""
    return assistant()
