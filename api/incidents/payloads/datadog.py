"""Webhooks of Datadog: its default payload, one made of its variables, and an alert with its monitors beside it.

https://docs.datadoghq.com/integrations/webhooks/
"""

import re
from dataclasses import replace
from datetime import datetime

from api.incidents.alerts import Alert, AlertStatus
from api.incidents.payloads.fields import Field, parsed
from api.incidents.payloads.labelled import Shared, read_labelled
from api.incidents.payloads.reading import Reading, fingerprint_of, joined, read_each, safe_link, started
from api.incidents.payloads.services import service_of
from api.incidents.payloads.tags import tags_of
from api.incidents.payloads.words import purpose_of, severity_of, status_of

SENDER = "datadog"

_TITLE = re.compile(r"\s*(?:\[P(?P<priority>[1-5])\]\s*)?\[(?P<said>[^\]]{1,200})\]\s*(?P<name>.*)", re.DOTALL)
_TRANSITION = re.compile(
    r"(?P<recovered>recovered)|(?P<warn>(?:re-)?warn)|(?P<no_data>(?:re-)?no data)|"
    r"(?P<triggered>(?:re-)?triggered|alert)",
    re.IGNORECASE,
)
_SEVERITY_OF = {"warn": "warning", "no_data": "warning", "triggered": "error"}


def read(body: bytes, *, now: datetime) -> Reading:
    """Return the alert of a monitor. Raises Refused that names the field."""
    message = parsed(body)
    if not message.at("alert").is_empty:
        return _with_evidence(message, now)
    return Reading((_of_variables(message, now),))


def _of_variables(message: Field, now: datetime) -> Alert:
    title = message.first("title", "event_title", "alert_title").required().text()
    found = _TITLE.match(title)
    said = message.first("alert_transition", "transition").text() or (found["said"] if found else "")
    turn = _TRANSITION.match(said)
    kind = turn.lastgroup if turn else None
    status = AlertStatus.RESOLVED if kind == "recovered" else AlertStatus.FIRING if kind else None
    alert_type = message.first("alert_type", "event_type").text()
    status = status or status_of({"error": "alert", "success": "ok"}.get(alert_type, alert_type))
    if status is None:
        raise message.at("alert_transition").refused(
            "must be a transition such as 'Triggered' or 'Recovered', where the title holds none"
        )
    name = message.first("alert_title").text() or (found["name"].strip() if found and turn else title) or title
    tags = tags_of(message.at("tags"))
    begun = started(message.first("alert_cycle_start", "date", "last_updated").time(), now)
    identity = message.first("alert_cycle_key", "aggreg_key", "alert_id", "monitor_id").text()
    priority = message.first("alert_priority", "priority").text() or (f"P{found['priority']}" if found else "")
    scope = message.first("alert_scope", "hostname").text() or said.partition(" on ")[2]
    return Alert(
        sender=SENDER,
        fingerprint=fingerprint_of((f"{identity} {scope}".strip() if identity else "",), name, tags, scope),
        name=name[:300],
        status=status,
        severity=severity_of(priority if priority != "normal" else "", _SEVERITY_OF.get(kind or "", ""), alert_type),
        service=service_of(dict(tags)),
        summary=title,
        started_at=begun,
        ended_at=max(now, begun) if status is AlertStatus.RESOLVED else None,
        description=message.first("body", "text_only_msg", "event_msg", "message").text(long=True),
        labels=tags,
        link=safe_link(message.first("link", "url", "alert_url").text()),
        purpose=purpose_of(name, title),
    )


def _with_evidence(message: Field, now: datetime) -> Reading:
    """Read an alert in Alertmanager's words with the monitors of Datadog beside it."""
    alert = message.at("alert")
    monitors = message.at("evidence", "datadog_monitors")
    tags: tuple[tuple[str, str], ...] = ()
    for monitor in monitors.each() if not monitors.is_empty else ():
        tags = joined(tags, tags_of(monitor.at("tags")))
    shared = Shared(
        SENDER,
        now,
        status=alert.first("status", "state").text(),
        labels=alert.at("commonLabels").pairs(),
        annotations=alert.at("commonAnnotations").pairs(),
        identity=alert.at("alert_id").text(),
        title=alert.at("title").text(),
        tags=tags,
        at=message.at("_meta", "captured_at").time(),
    )
    if alert.at("alerts").is_empty:
        found = read_labelled(Field({}, alert.path), shared)
        return Reading((replace(found, description=alert.at("message").text(long=True) or found.description),))
    return read_each(alert.at("alerts").each(), lambda item: read_labelled(item, shared))
