"""Webhooks of Grafana: unified alerting, and the alerts of dashboards before it.

https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
"""

from dataclasses import replace
from datetime import datetime

from api.incidents.alerts import Alert, AlertStatus, Purpose
from api.incidents.payloads.fields import Field, parsed
from api.incidents.payloads.labelled import Shared, read_labelled
from api.incidents.payloads.reading import Reading, fingerprint_of, read_each, safe_link
from api.incidents.payloads.services import service_of
from api.incidents.payloads.words import purpose_of, severity_of, status_of

SENDER = "grafana"
_SILENT = frozenset({"paused", "pending"})


def read(body: bytes, *, now: datetime) -> Reading:
    """Return the alerts of a notification. Raises Refused that names the field."""
    message = parsed(body)
    if message.at("alerts").is_empty and not message.at("ruleName").is_empty:
        return _of_dashboard(message, now)
    shared = Shared(
        SENDER,
        now,
        status=message.at("status").text(),
        labels=message.at("commonLabels").pairs(),
        annotations=message.at("commonAnnotations").pairs(),
    )
    return read_each(message.at("alerts").each(), lambda item: _alert(item, shared))


def _alert(item: Field, shared: Shared) -> Alert:
    alert = read_labelled(item, shared)
    # The button that tests a contact point sends an alert of this name and this instance.
    is_test = alert.label("instance") == "Grafana" and alert.name == "TestAlert"
    values = item.at("valueString").text()
    said = f"{alert.description}\n{values}".strip() if values else alert.description
    return replace(alert, description=said, purpose=Purpose.TEST if is_test else alert.purpose)


def _of_dashboard(message: Field, now: datetime) -> Reading:
    state = message.at("state").text().casefold()
    if state in _SILENT:
        return Reading(ignored=f"the rule is {state}")
    status = AlertStatus.FIRING if state == "no_data" else status_of(state)
    if status is None:
        raise message.at("state").required().refused("must be 'alerting', 'ok', 'no_data', 'paused' or 'pending'")
    name, tags = message.at("ruleName").text(), message.at("tags").pairs()
    rule = (message.at("orgId").text(), message.at("dashboardId").text(), message.at("ruleId").text())
    alert = Alert(
        sender=SENDER,
        fingerprint=fingerprint_of((), *rule, name),
        name=name[:300],
        status=status,
        severity=severity_of(dict(tags).get("severity", "")),
        service=service_of(dict(tags)),
        summary=message.at("title").text() or name,
        started_at=now,
        ended_at=now if status is AlertStatus.RESOLVED else None,
        description=message.at("message").text(long=True),
        labels=tags,
        link=safe_link(message.at("ruleUrl").text()),
        purpose=purpose_of(name, message.at("title").text()) if message.at("ruleId").text() != "0" else Purpose.TEST,
    )
    return Reading((alert,))
