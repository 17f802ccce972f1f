"""Incidents and alerts as rows of their tables, and back."""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from api.incidents.alerts import Alert, Severity
from api.incidents.incidents import SEVERITIES, Incident, IncidentState, Inquest, KeptAlert, key_of
from api.investigation.verdicts import VerdictState
from api.schemas.incidents import IncidentAlert, IncidentInquest, IncidentSummary
from api.schemas.investigation_runs import RunState
from api.storage.investigations import plain, utc

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Row


def incident_values(one: Incident) -> dict[str, Any]:
    """Return the columns that grouping decides."""
    return {
        "title": plain(one.title)[:600],
        "state": one.state.value,
        "severity": one.severity.value,
        "service": plain(one.service) if one.service is not None else None,
        "environment": plain(one.environment)[:100],
        "opened_at": one.opened_at,
        "first_started": one.first_started,
        "last_started": one.last_started,
        "services": _listed(one.services),
        "names": _listed(one.names),
        "unplaced": _listed(one.unplaced),
        "firing": ",".join(map(str, one.firing)),
        "alerts": one.alerts,
        "messages": one.messages,
        "flaps": one.flaps,
        "reopened": one.reopened,
        "quiet_since": one.quiet_since,
        "resolved_at": one.resolved_at,
        "resolved_by": one.resolved_by,
        "acknowledged_at": one.acknowledged_at,
        "acknowledged_by": one.acknowledged_by,
        "inquest": one.inquest.value,
    }


def incident_of(row: "Row[Any]") -> Incident:
    """Return an incident as grouping knows it."""
    return Incident(
        id=row.id,
        title=row.title,
        service=row.service,
        severity=Severity(row.severity),
        opened_at=utc(row.opened_at),
        first_started=utc(row.first_started),
        last_started=utc(row.last_started),
        state=IncidentState(row.state),
        environment=row.environment,
        services=tuple(json.loads(row.services)),
        names=tuple(json.loads(row.names)),
        unplaced=tuple(json.loads(row.unplaced)),
        firing=tuple(int(count) for count in row.firing.split(",")),
        alerts=row.alerts,
        messages=row.messages,
        flaps=row.flaps,
        reopened=row.reopened,
        quiet_since=_moment(row.quiet_since),
        resolved_at=_moment(row.resolved_at),
        resolved_by=row.resolved_by,
        acknowledged_at=_moment(row.acknowledged_at),
        acknowledged_by=row.acknowledged_by,
        inquest=Inquest(row.inquest),
    )


def alert_values(kept: KeptAlert) -> dict[str, Any]:
    """Return all columns of an alert but those of its key."""
    return {
        "status": kept.alert.status.value,
        "severity_rank": SEVERITIES.index(kept.alert.severity),
        "service": plain(kept.alert.service) if kept.alert.service is not None else None,
        "started_at": kept.alert.started_at,
        "first_seen": kept.first_seen,
        "last_seen": kept.last_seen,
        "messages": kept.messages,
        "flaps": kept.flaps,
        "detail": _alerts().dump_json(kept.alert).decode(),
    }


def alert_key(kept: KeptAlert) -> tuple[str, str]:
    """Return the primary key of an alert."""
    return kept.incident_id, key_of(kept.alert)


def kept_of(row: "Row[Any]") -> KeptAlert:
    """Return an alert as grouping knows it."""
    return KeptAlert(
        incident_id=row.incident_id,
        alert=_alerts().validate_json(row.detail),
        first_seen=utc(row.first_seen),
        last_seen=utc(row.last_seen),
        messages=row.messages,
        flaps=row.flaps,
    )


def alert_view(row: "Row[Any]") -> IncidentAlert:
    """Return an alert as it goes on the wire."""
    kept = kept_of(row)
    alert = kept.alert
    return IncidentAlert(
        sender=alert.sender,
        fingerprint=alert.fingerprint,
        name=alert.name,
        status=alert.status,
        severity=alert.severity,
        service=alert.service,
        summary=alert.summary,
        description=alert.description,
        labels=dict(alert.labels),
        annotations=dict(alert.annotations),
        link=alert.link,
        runbook=alert.runbook,
        started_at=alert.started_at,
        ended_at=alert.ended_at,
        first_seen=kept.first_seen,
        last_seen=kept.last_seen,
        messages=kept.messages,
        flaps=kept.flaps,
    )


def summary_of(row: "Row[Any]") -> IncidentSummary:
    """Return an incident as it goes on the wire; the row has its investigation's state, verdict and component too."""
    one = incident_of(row)
    inquest = IncidentInquest(
        stage=one.inquest,
        id=row.investigation_id,
        state=RunState(row.run_state) if row.run_state is not None else None,
        verdict=VerdictState(row.run_verdict) if row.run_verdict is not None else None,
        component=row.run_component,
        problem=row.inquest_problem,
    )
    return IncidentSummary(
        id=one.id,
        title=one.title,
        state=one.state,
        severity=one.severity,
        service=one.service,
        services=list(one.services),
        environment=one.environment,
        opened_at=one.opened_at,
        started_at=one.first_started,
        firing=one.firing_alerts,
        alerts=one.alerts,
        messages=one.messages,
        flaps=one.flaps,
        reopened=one.reopened,
        quiet_since=one.quiet_since,
        resolved_at=one.resolved_at,
        resolved_by=one.resolved_by,
        acknowledged_at=one.acknowledged_at,
        acknowledged_by=one.acknowledged_by,
        investigation=inquest,
        revision=row.revision,
    )


@cache
def _alerts() -> "TypeAdapter[Alert]":
    return TypeAdapter(Alert)


def _moment(moment: "datetime | None") -> "datetime | None":
    return None if moment is None else utc(moment)


def _listed(names: "Iterable[str]") -> str:
    return json.dumps([plain(name) for name in names], ensure_ascii=False)
