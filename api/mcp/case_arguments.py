"""What the tools about incidents take; the descriptions are read by language models."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from api.schemas.incidents import IncidentState, Severity
from api.schemas.places import Wire

MAX_ROWS = 200

_Wait = Annotated[
    float,
    Field(ge=0, le=110, description="Seconds to wait for the verdict; what takes longer goes on and can be read."),
]
_Id = Annotated[str, Field(min_length=1, max_length=64)]


class Investigate(Wire):
    """Arguments of investigate: one of bundle, alert, since_minutes or start."""

    bundle: str = Field("", max_length=1_000, description="A recorded bundle, by its path in the API's bundles folder.")
    alert: dict[str, Any] | list[Any] | None = Field(
        None, description="An alert as its sender's webhook writes it (Alertmanager, PagerDuty, Grafana, Datadog, …)."
    )
    sender: Literal["alertmanager", "pagerduty", "grafana", "datadog", "opsgenie", "generic"] | None = Field(
        None, description="Who sent the alert, where its form does not tell."
    )
    since_minutes: float | None = Field(None, gt=0, le=10_080, description="The last so many minutes until now.")
    start: AwareDatetime | None = Field(None, description="Start of the trouble, with its zone.")
    end: AwareDatetime | None = Field(None, description="End of the trouble; left out, now.")
    component: str = Field("", max_length=300, description="Where trouble was noticed, as telemetry calls it.")
    symptom: str = Field("", max_length=2_000, description="What was noticed.")
    sources: list[str] = Field([], max_length=100, description="Ask only these sources; left out, all.")
    wait_seconds: _Wait = 45.0


class OneInvestigation(Wire):
    """Arguments of get_investigation."""

    investigation_id: _Id = Field(description="Id of an investigation.")
    wait_seconds: _Wait = 0.0


class OneObservation(Wire):
    """Arguments of get_observation."""

    investigation_id: _Id = Field(description="Id of the investigation that it belongs to.")
    observation_id: _Id = Field(description="Id of an observation, as evidence names it.")
    first_row: int = Field(1, ge=1, description="First row, from 1.")
    rows: int = Field(50, ge=1, le=MAX_ROWS, description="How many rows.")


class ListedIncidents(Wire):
    """Arguments of list_incidents."""

    state: IncidentState | None = Field(None, description="Only those in this state.")
    severity: Severity | None = Field(None, description="Only those of this severity.")
    service: str = Field("", max_length=200, description="Only those with an alert of this service.")
    query: str = Field("", max_length=200, description="Only those whose title or services hold this.")
    offset: int = Field(0, ge=0, description="How many to leave out at the start.")
    limit: int = Field(20, ge=1, le=100, description="How many incidents.")


class OneIncident(Wire):
    """Arguments of get_incident."""

    incident_id: _Id = Field(description="Id of an incident, from list_incidents.")
