"""Incidents and their alerts on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.incidents.alerts import AlertStatus as AlertStatus
from api.incidents.alerts import Severity as Severity
from api.incidents.grouping import Outcome
from api.incidents.incidents import IncidentState as IncidentState
from api.incidents.incidents import Inquest as Inquest
from api.incidents.incidents import Moment as Moment
from api.investigation.verdicts import VerdictState
from api.schemas.answers import ErrorEvent
from api.schemas.investigation_runs import RunState
from api.schemas.investigations import Words
from api.schemas.places import Wire


class IncidentInquest(Wire):
    """The investigation of an incident: how far it is and, once it is done, what it settled for."""

    stage: Inquest
    id: str | None = None
    state: RunState | None = None
    verdict: VerdictState | None = None
    component: str | None = None
    problem: str = Field("", description="Why it was not started.")


class IncidentSummary(Wire):
    """An incident in a list. What alerts say in it was written by others."""

    id: str
    title: str
    state: IncidentState
    severity: Severity = Field(description="The worst of the alerts that fire; of a quiet incident, of the last.")
    service: str | None = Field(description="The service of its first alert that names one.")
    services: list[str]
    environment: str
    opened_at: datetime = Field(description="When its first alert came.")
    started_at: datetime = Field(description="When the trouble began, by its alerts.")
    firing: int = Field(description="Alerts that fire.")
    alerts: int
    messages: int = Field(description="Messages about its alerts; repeats count here only.")
    flaps: int = Field(description="How often alerts fired again after they were resolved.")
    reopened: int
    quiet_since: datetime | None = Field(None, description="Since when no alert fires.")
    resolved_at: datetime | None = None
    resolved_by: str = Field("", description="Who resolved it; empty where it became quiet by itself.")
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    investigation: IncidentInquest
    revision: int = Field(description="Grows with every change of any incident.")


class IncidentPage(Wire):
    """Incidents, the worst of those that go on first, then the newest."""

    incidents: list[IncidentSummary]
    total: int
    offset: int
    limit: int
    revision: int = Field(description="The newest of all; the events after it are what changes from here on.")


class IncidentAlert(Wire):
    """An alert of an incident, as its last message left it."""

    sender: str
    fingerprint: str
    name: str
    status: AlertStatus
    severity: Severity
    service: str | None
    summary: str
    description: str
    labels: dict[str, str]
    annotations: dict[str, str]
    link: str
    runbook: str
    started_at: datetime
    ended_at: datetime | None
    first_seen: datetime
    last_seen: datetime
    messages: int
    flaps: int


class IncidentEntry(Wire):
    """One thing that happened to an incident."""

    number: int
    at: datetime
    moment: Moment
    text: str
    who: str


class IncidentDetail(Wire):
    """One incident with its alerts, those that fire and the worst first, and its history."""

    incident: IncidentSummary
    alerts: list[IncidentAlert]
    alerts_left_out: int
    history: list[IncidentEntry]
    history_left_out: int


class IncidentAction(Wire):
    """Who acknowledges, resolves or opens an incident again, and why."""

    who: Words = Field("", max_length=200, description="Your name, for the others.")
    note: Words = Field("", max_length=2000)


class IncidentLink(Wire):
    """An investigation that is this incident's."""

    investigation_id: Words = Field(min_length=1, max_length=64)
    who: Words = Field("", max_length=200)


class Received(Wire):
    """What became of the alerts of a message; all that is counted here is in the database."""

    incidents: list[str] = Field(description="Ids of the incidents that they belong to.")
    counts: dict[Outcome, int]
    refused: list[str] = Field([], description="Alerts that could not be read, each with the field and what is wrong.")
    ignored: str = Field("", description="Why there was nothing to do.")


class IncidentEvent(Wire):
    """An incident that changed; the id of the event is its revision."""

    event: Literal["incident"] = "incident"
    incident: IncidentSummary


IncidentStreamEvent = Annotated[IncidentEvent | ErrorEvent, Field(discriminator="event")]
"""An event of the stream of changes."""
