"""Webhooks of Opsgenie.

https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/
"""

from datetime import datetime

from api.incidents.alerts import Alert, AlertStatus
from api.incidents.payloads.fields import Field, parsed
from api.incidents.payloads.reading import Reading, fingerprint_of, joined, safe_link, started, told
from api.incidents.payloads.services import service_of
from api.incidents.payloads.tags import tags_of
from api.incidents.payloads.words import purpose_of, severity_of

SENDER = "opsgenie"

_FIRING = frozenset({"create", "acknowledge", "unacknowledge", "escalate", "updatepriority", "escalatenext"})
_RESOLVED = frozenset({"close", "delete"})


def read(body: bytes, *, now: datetime) -> Reading:
    """Return the alert of an action. Raises Refused that names the field."""
    message = parsed(body)
    action = message.at("action").required().text()
    if action.casefold() not in _FIRING | _RESOLVED:
        return Reading(ignored=f"the action {action[:80]!r} changes nothing")
    status = AlertStatus.RESOLVED if action.casefold() in _RESOLVED else AlertStatus.FIRING
    return Reading((_alert(message.at("alert").required(), status, now),))


def _alert(alert: Field, status: AlertStatus, now: datetime) -> Alert:
    title = alert.at("message").text()
    identity = alert.first("alertId", "id").required().text()
    begun = started(alert.at("createdAt").time(), now)
    updated = alert.at("updatedAt").time()
    labels = joined(alert.at("details").pairs(), tags_of(alert.at("tags")))
    name = title or alert.at("alias").text() or identity
    return Alert(
        sender=SENDER,
        fingerprint=fingerprint_of((identity,)),
        name=name[:300],
        status=status,
        severity=severity_of(alert.at("priority").text(), dict(labels).get("severity", "")),
        service=service_of(dict(labels)) or alert.at("entity").text() or None,
        summary=name,
        started_at=begun,
        ended_at=max(updated or now, begun) if status is AlertStatus.RESOLVED else None,
        description=alert.at("description").text(long=True),
        labels=labels,
        link=safe_link(dict(labels).get("url", ""), alert.at("source").text()),
        runbook=safe_link(dict(labels).get("runbook_url", ""), dict(labels).get("runbook", "")),
        purpose=purpose_of(name, title),
        told_at=told(updated, now),
    )
