"""Webhooks of PagerDuty: version 3 with its signatures, and version 2 before it.

https://developer.pagerduty.com/docs/webhooks-overview and .../verifying-webhook-signatures
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from api.errors import NotAllowed
from api.incidents.alerts import Alert, AlertStatus
from api.incidents.payloads.fields import Field, parsed
from api.incidents.payloads.reading import Reading, fingerprint_of, read_each, safe_link, started, told
from api.incidents.payloads.words import purpose_of, severity_of

SENDER = "pagerduty"
SIGNATURE_HEADER = "X-PagerDuty-Signature"

_STATES = {
    "triggered": AlertStatus.FIRING,
    "acknowledged": AlertStatus.FIRING,
    "resolved": AlertStatus.RESOLVED,
}
_URGENCIES = {"high": "error", "low": "warning"}


def check_signature(body: bytes, header: str, secrets: Sequence[str]) -> None:
    """Check that a message was signed with one of the secrets: while one is exchanged, there are several of both.

    Raises NotAllowed.
    """
    said = [part.strip()[3:].encode() for part in header.split(",") if part.strip().startswith("v1=")][:20]
    known = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode() for secret in secrets]
    # All are compared in full, so that the time taken tells nothing about them.
    matches = [hmac.compare_digest(one, right) for one in said for right in known]
    if not any(matches):
        raise NotAllowed(
            f"{SIGNATURE_HEADER} is missing or is not made with one of the secrets in GROUNDWATCH_PAGERDUTY_SECRETS"
        )


def read(body: bytes, *, now: datetime) -> Reading:
    """Return the incident of an event as an alert. Raises Refused that names the field."""
    message = parsed(body)
    if message.at("event").is_empty and not message.at("messages").is_empty:
        return read_each(
            message.at("messages").each(),
            lambda item: _alert(item.at("incident").required(), item.at("created_on").time(), now),
        )
    event = message.at("event").required()
    kind = event.at("event_type").required().text()
    if kind == "pagey.ping":
        return Reading(ignored="a ping")
    if not kind.startswith("incident.") or event.at("data", "type").text() not in ("", "incident"):
        return Reading(ignored=f"the event {kind[:80]!r} tells of no incident")  # notes, responders, services
    return Reading((_alert(event.at("data").required(), event.at("occurred_at").time(), now),))


def _alert(data: Field, occurred: datetime | None, now: datetime) -> Alert:
    state = data.at("status").required()
    status = _STATES.get(state.text())
    if status is None:
        raise state.refused("must be 'triggered', 'acknowledged' or 'resolved'")
    identity = data.at("id").required().text()
    title = data.first("title", "summary").text() or f"PagerDuty incident {identity}"
    begun = started(data.at("created_at").time(), now)
    urgency, priority = data.at("urgency").text(), data.at("priority", "summary").text()
    named = {"urgency": urgency, "priority": priority, "number": data.first("number", "incident_number").text()}
    return Alert(
        sender=SENDER,
        fingerprint=fingerprint_of((identity,)),
        name=title[:300],
        status=status,
        severity=severity_of(priority, _URGENCIES.get(urgency, "")),
        service=data.at("service").first("summary", "name").text() or None,
        summary=title,
        started_at=begun,
        ended_at=max(occurred or now, begun) if status is AlertStatus.RESOLVED else None,
        labels=tuple(sorted((key, value) for key, value in named.items() if value)),
        link=safe_link(data.at("html_url").text()),
        purpose=purpose_of(title, title),
        told_at=told(occurred, now),
    )
