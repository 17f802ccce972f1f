"""The calls of the API's client that are about incidents."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from api.schemas.incidents import (
    IncidentAction,
    IncidentDetail,
    IncidentPage,
    IncidentState,
    IncidentSummary,
    Severity,
)

Model = TypeVar("Model", bound=BaseModel)


class IncidentCalls:
    """Mixed into the client, which brings `_get` and `_post`."""

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
        wanted = {
            "state": state.value if state else "",
            "service": service,
            "severity": severity.value if severity else "",
            "q": query,
        }
        narrowed: dict[str, str | int] = {name: value for name, value in wanted.items() if value}
        return self._get("/v1/incidents", narrowed | {"offset": offset, "limit": limit}, IncidentPage)

    def incident(self, incident_id: str) -> IncidentDetail:
        """Return one with its alerts and its history; raises NotFound."""
        return self._get(_path(incident_id), {}, IncidentDetail)

    def acknowledge_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """Say that somebody is at it; raises NotFound, and UsageError for one that has ended."""
        return self._post(f"{_path(incident_id)}/acknowledge", action, IncidentSummary)

    def resolve_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """End one; raises NotFound."""
        return self._post(f"{_path(incident_id)}/resolve", action, IncidentSummary)

    def reopen_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """Open one again; raises NotFound."""
        return self._post(f"{_path(incident_id)}/reopen", action, IncidentSummary)

    def _get(self, path: str, parameters: Mapping[str, str | int], returns: type[Model]) -> Model:
        raise NotImplementedError

    def _post(self, path: str, body: BaseModel, returns: type[Model]) -> Model:
        raise NotImplementedError


def _path(incident_id: str) -> str:
    return f"/v1/incidents/{quote(incident_id, safe='')}"
