"""Incidents as the API tells of them: one that goes on with an investigation that is done, and one that has ended."""

from datetime import UTC, datetime

from api.errors import GroundwatchError, NotFound
from api.schemas.incidents import (
    AlertStatus,
    IncidentAction,
    IncidentAlert,
    IncidentDetail,
    IncidentEntry,
    IncidentInquest,
    IncidentPage,
    IncidentState,
    IncidentSummary,
    Inquest,
    Moment,
    Severity,
)
from api.schemas.investigation_runs import RunState
from tests.ui.canned_investigations import HOSTILE, FakeInvestigations

AT = datetime(2026, 1, 2, 3, tzinfo=UTC)


def incident(**changes: object) -> IncidentSummary:
    """Return an incident as it stands in a list."""
    facts: dict[str, object] = {
        "id": "inc-1", "title": "HighErrorRate at cart", "state": IncidentState.OPEN, "severity": Severity.CRITICAL,
        "service": "cart", "services": ["cart"], "environment": "prod", "opened_at": AT, "started_at": AT, "firing": 1,
        "alerts": 2, "messages": 5, "flaps": 0, "reopened": 0, "revision": 4,
        "investigation": IncidentInquest(stage=Inquest.ENDED, id="run-1", state=RunState.DONE),
    }  # fmt: skip
    return IncidentSummary.model_validate(facts | changes)


def alert(**changes: object) -> IncidentAlert:
    """Return an alert of it."""
    facts: dict[str, object] = {
        "sender": "alertmanager", "fingerprint": "f", "name": "HighErrorRate", "status": AlertStatus.FIRING,
        "severity": Severity.CRITICAL, "service": "cart", "summary": HOSTILE, "description": "", "labels": {},
        "annotations": {}, "link": "javascript:alert(1)", "runbook": "https://runbooks.example/cart", "started_at": AT,
        "ended_at": None, "first_seen": AT, "last_seen": AT, "messages": 3, "flaps": 0,
    }  # fmt: skip
    return IncidentAlert.model_validate(facts | changes)


class FakeIncidents(FakeInvestigations):
    """Knows the incidents that it is given; `acted` holds what was done, `down` what every call raises."""

    known: list[IncidentSummary]
    acted: list[tuple[str, str, str]]
    down: GroundwatchError | None

    def __init__(self, *known: IncidentSummary) -> None:
        super().__init__()
        self.known, self.acted, self.down = list(known), [], None
        self.wanted: list[tuple[IncidentState | None, Severity | None, str]] = []

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
        if self.down is not None:
            raise self.down
        self.wanted.append((state, severity, query))
        found = [one for one in self.known if query in one.title and (state is None or one.state is state)]
        return IncidentPage(
            incidents=found[offset : offset + limit], total=len(found), offset=offset, limit=limit, revision=1
        )

    def incident(self, incident_id: str) -> IncidentDetail:
        found = next((one for one in self.known if one.id == incident_id), None)
        if found is None:
            raise NotFound(f"there is no incident {incident_id!r}; see the list")
        entry = IncidentEntry(number=1, at=AT, moment=Moment.OPENED, text="by HighErrorRate", who="")
        return IncidentDetail(incident=found, alerts=[alert()], alerts_left_out=0, history=[entry], history_left_out=2)

    def acknowledge_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        return self._act("acknowledge", incident_id, action)

    def resolve_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        return self._act("resolve", incident_id, action)

    def reopen_incident(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        return self._act("reopen", incident_id, action)

    def _act(self, what: str, incident_id: str, action: IncidentAction) -> IncidentSummary:
        self.acted.append((what, incident_id, action.who))
        return self.incident(incident_id).incident
