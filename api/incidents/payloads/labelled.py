"""Alerts with labels and annotations, as Prometheus' Alertmanager made common."""

from dataclasses import dataclass
from datetime import datetime

from api.incidents.alerts import Alert, AlertStatus, Severity
from api.incidents.payloads.fields import Field
from api.incidents.payloads.reading import fingerprint_of, joined, picked, safe_link, started
from api.incidents.payloads.services import service_of
from api.incidents.payloads.words import purpose_of, severity_of, status_of

_SEVERITY_LABELS = ("severity", "level", "sev", "criticality", "priority")
_RUNBOOKS = ("runbook_url", "runbook", "runbook_link", "runbookURL")


@dataclass(frozen=True, slots=True)
class Shared:
    """What a message says once for all of its alerts."""

    sender: str
    now: datetime
    status: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    identity: str = ""
    title: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    at: datetime | None = None


def read_labelled(item: Field, shared: Shared) -> Alert:
    """Return one alert. Raises Refused that names the field."""
    labels = joined(item.at("labels").pairs(), shared.labels)
    annotations = joined(item.at("annotations").pairs(), shared.annotations)
    name = picked(labels, "alertname", "rulename") or shared.title
    if not name:
        item.at("labels", "alertname").required()
    status = status_in(item, shared)
    begun = started(item.at("startsAt").time() or shared.at, shared.now)
    ended = item.at("endsAt").time()
    return Alert(
        sender=shared.sender,
        fingerprint=fingerprint_of((item.at("fingerprint").text(), shared.identity), labels),
        name=name[:300],
        status=status,
        severity=_severity(labels),
        service=service_of(dict(joined(labels, shared.tags))),
        summary=picked(annotations, "summary", "title", "message") or shared.title or name,
        started_at=begun,
        ended_at=max(ended or shared.now, begun) if status is AlertStatus.RESOLVED else None,
        description=picked(annotations, "description", "message"),
        labels=labels,
        annotations=annotations,
        link=safe_link(
            item.at("panelURL").text(), item.at("dashboardURL").text(), item.at("generatorURL").text(),
            picked(annotations, "dashboard", "dashboard_url"),
        ),
        runbook=safe_link(picked(annotations, *_RUNBOOKS)),
        purpose=purpose_of(name),
    )  # fmt: skip


def status_in(item: Field, shared: Shared) -> AlertStatus:
    """Return the state of an alert, its own or else the message's. Raises Refused for none that is known."""
    field = item.at("status")
    if isinstance(field.value, dict):  # as Alertmanager's API lists them
        field = field.at("state")
    status = status_of(field.text() or shared.status)
    if status is None:
        raise field.required().refused("must be 'firing' or 'resolved'")
    return status


def _severity(labels: tuple[tuple[str, str], ...]) -> Severity:
    known = dict(labels)
    return severity_of(*(known.get(name, "") for name in _SEVERITY_LABELS))
