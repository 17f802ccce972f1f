"""The senders of alerts, what reads the messages of each, and which of them a message is from."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Protocol

from api.incidents.payloads import alertmanager, datadog, generic, grafana, opsgenie, pagerduty
from api.incidents.payloads.fields import Field, parsed
from api.incidents.payloads.mapping import Mapping as FieldMapping
from api.incidents.payloads.reading import Reading

SENDERS = (
    alertmanager.SENDER, pagerduty.SENDER, grafana.SENDER, datadog.SENDER, opsgenie.SENDER, generic.SENDER,
)  # fmt: skip

_OF_GRAFANA = ("orgId", "ruleName", "appVersion")
_OF_DATADOG = ("alert_transition", "alert_cycle_key", "event_title", "alert_title", "aggreg_key")
_OF_ALERTMANAGER = ("groupKey", "groupLabels", "receiver", "version")


class Reader(Protocol):
    """Reads the messages of one sender."""

    def __call__(self, body: bytes, *, now: datetime) -> Reading:
        """Return the alerts in a body. Raises UsageError that names the field."""


def readers(mapping: FieldMapping | None = None) -> Mapping[str, Reader]:
    """Return what reads the messages of each sender; `mapping` is the site's own for those without a reader."""
    return {
        alertmanager.SENDER: alertmanager.read,
        pagerduty.SENDER: pagerduty.read,
        grafana.SENDER: grafana.read,
        datadog.SENDER: datadog.read,
        opsgenie.SENDER: opsgenie.read,
        generic.SENDER: partial(generic.read, mapping=mapping),
    }


def read_from_anybody(
    body: bytes, *, now: datetime, sender: str | None = None, mapping: FieldMapping | None = None
) -> Reading:
    """Return the alerts of a message whose door nobody knows any more; raises Refused that names the field.

    `sender` says who sent it, where that is known. An alert of Alertmanager or a list of them, as its API gives them,
    is read too.
    """
    whole = _whole(body)
    return readers(mapping)[sender or sender_of(parsed(whole))](whole, now=now)


def sender_of(message: Field) -> str:
    """Return who sends messages of this form; the generic sender where none of the others does."""
    if _holds(message, "event", "event_type") or isinstance(message.at("messages").value, list):
        return pagerduty.SENDER
    if not message.at("action").is_empty and isinstance(message.at("alert").value, dict):
        return opsgenie.SENDER
    if any(not message.at(name).is_empty for name in _OF_GRAFANA):
        return grafana.SENDER
    if any(not message.at(name).is_empty for name in _OF_DATADOG) or isinstance(message.at("alert").value, dict):
        return datadog.SENDER
    if isinstance(message.at("alerts").value, list) and any(not message.at(one).is_empty for one in _OF_ALERTMANAGER):
        return alertmanager.SENDER
    return generic.SENDER


def _holds(message: Field, name: str, inner: str) -> bool:
    found = message.at(name)
    return isinstance(found.value, dict) and not found.at(inner).is_empty


def _whole(body: bytes) -> bytes:
    """Return a message, put around what is only an alert of one, or a list of them."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body  # the reader says what is wrong
    if isinstance(value, dict) and "alerts" not in value and isinstance(value.get("labels"), dict):
        value = [value] if "startsAt" in value else value
    if not isinstance(value, list):
        return body
    return json.dumps({"version": "4", "alerts": value}).encode()
