"""Incidents: one for each failure, with the alerts that tell of it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from api.incidents.alerts import Alert, AlertStatus, Severity

SEVERITIES = tuple(Severity)
"""Worst first, the order of `firing` in an incident."""

_NO_ALERTS = (0,) * len(SEVERITIES)


class IncidentState(StrEnum):
    """Where an incident stands; both others than RESOLVED go on."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Inquest(StrEnum):
    """How far the investigation of an incident is: NOT_ASKED where none is due, REFUSED where it can't be started."""

    NOT_ASKED = "not_asked"
    WANTED = "wanted"
    ASKING = "asking"
    STARTED = "started"
    ENDED = "ended"
    REFUSED = "refused"


class Moment(StrEnum):
    """What happened to an incident."""

    OPENED = "opened"
    JOINED = "joined"
    FIRED_AGAIN = "fired_again"
    QUIET = "quiet"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATION = "investigation"


@dataclass(frozen=True, slots=True)
class Rules:
    """When alerts are one incident.

    Alerts of one service are, where one starts within `same_service` of the others of an incident that goes on, and
    those of services within `hops` calls of each other within `neighbours`. An alert that fires again, or one of the
    same name at the same service, opens an incident again within `reopen` of its end. An incident ends by itself once
    no alert of it has fired for `quiet`. An alert that began after nothing was heard of it for `silence` is a new one.
    """

    same_service: timedelta = timedelta(minutes=60)
    neighbours: timedelta = timedelta(minutes=10)
    hops: int = 2
    reopen: timedelta = timedelta(minutes=60)
    quiet: timedelta = timedelta(minutes=5)
    silence: timedelta = timedelta(hours=24)
    investigate_from: Severity = Severity.WARNING

    @property
    def longest(self) -> timedelta:
        """How far back an incident may have been active that an alert can still belong to."""
        return max(self.same_service, self.neighbours)

    def wants_investigation(self, severity: Severity) -> bool:
        """Tell whether an incident this bad is investigated unasked; one that says nothing understood is."""
        return severity is Severity.UNKNOWN or SEVERITIES.index(severity) <= SEVERITIES.index(self.investigate_from)


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as it stands.

    `firing` counts alerts that fire by severity, `SEVERITIES` giving the order. `first_started` and `last_started`
    are the ends of the span in which its alerts began; `quiet_since` is set while none fires.
    """

    id: str
    title: str
    service: str | None
    severity: Severity
    opened_at: datetime
    first_started: datetime
    last_started: datetime
    state: IncidentState = IncidentState.OPEN
    environment: str = ""
    services: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    unplaced: tuple[str, ...] = ()
    firing: tuple[int, ...] = _NO_ALERTS
    alerts: int = 0
    messages: int = 0
    flaps: int = 0
    reopened: int = 0
    quiet_since: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    inquest: Inquest = Inquest.NOT_ASKED

    @property
    def firing_alerts(self) -> int:
        """How many alerts fire."""
        return sum(self.firing)


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert in an incident as its last message left it; `messages` counts all of them, `flaps` new starts."""

    incident_id: str
    alert: Alert
    first_seen: datetime
    last_seen: datetime
    messages: int = 1
    flaps: int = 0

    @property
    def fires(self) -> bool:
        """Whether its trouble goes on."""
        return self.alert.status is AlertStatus.FIRING


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the history of an incident."""

    incident_id: str
    at: datetime
    moment: Moment
    text: str
    who: str = ""


def key_of(alert: Alert) -> str:
    """Return what all messages about one trouble of one sender have in common."""
    return hashlib.sha256(f"{alert.sender}\x00{alert.fingerprint}".encode("utf-8", "replace")).hexdigest()[:40]
