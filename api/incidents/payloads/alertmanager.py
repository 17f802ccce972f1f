"""Webhooks of Prometheus' Alertmanager, version 4 of the format, and version 3 before it.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from datetime import datetime

from api.incidents.payloads.fields import parsed
from api.incidents.payloads.labelled import Shared, read_labelled
from api.incidents.payloads.reading import Reading, read_each

SENDER = "alertmanager"


def read(body: bytes, *, now: datetime) -> Reading:
    """Return the alerts of a group. Raises Refused that names the field."""
    message = parsed(body)
    shared = Shared(
        SENDER,
        now,
        status=message.at("status").text(),
        labels=message.at("commonLabels").pairs(),
        annotations=message.at("commonAnnotations").pairs(),
    )
    return read_each(message.at("alerts").each(), lambda item: read_labelled(item, shared))
