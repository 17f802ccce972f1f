"""Requests to investigate what alerts tell of, from a message as its sender writes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from api.errors import UsageError
from api.incidents.alerts import Alert, AlertStatus
from api.incidents.facts import IncidentFacts
from api.incidents.grouping import Grouping
from api.incidents.incidents import SEVERITIES, Incident, Rules
from api.incidents.payloads.mapping import Mapping
from api.incidents.payloads.senders import read_from_anybody
from api.incidents.service_graph import ServiceGraph
from api.responding.desk_starter import LEAD, LONGEST, request_for
from api.schemas.investigation_runs import AskedWindow, InvestigationRequest

MAX_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class AlertRequest:
    """What to investigate, and in words what of the message it leaves out."""

    request: InvestigationRequest
    notes: tuple[str, ...] = ()


def request_of_message(
    body: bytes, *, now: datetime, sender: str | None = None, mapping: Mapping | None = None
) -> AlertRequest:
    """Return what a message of any sender of alerts asks to investigate.

    Alerts of one failure are one incident, by the rules of /webhooks; of several incidents it is the worst that goes
    on. The window begins ten minutes before the first alert and ends with the last, or now. Raises UsageError that
    names what is wrong with the message, or says that there is nothing to do.
    """
    if len(body) > MAX_BYTES:
        raise UsageError(f"the message has {len(body):,} bytes; give at most {MAX_BYTES:,}")
    reading = read_from_anybody(body, now=now, sender=sender, mapping=mapping)
    if not reading.alerts:
        raise UsageError(
            f"the message holds no alert to investigate{f': {reading.ignored}' if reading.ignored else ''}"
        )
    grouped = _grouped(reading.alerts, now)
    if not grouped:
        raise UsageError(f"{reading.alerts[0].name!r} is a test or a sign of life; there is nothing to investigate")
    worst = min(grouped, key=lambda one: _urgency(one, now))
    notes = [f"left out: {one}" for one in reading.refused[:5]]
    if len(grouped) > 1:
        others = ", ".join(repr(one.facts(now).title) for one in grouped if one is not worst)
        notes.append(f"the alerts tell of {len(grouped)} incidents; this is the worst, the others are {others[:500]}")
    request, began = worst.request(now), worst.facts(now).started_at
    if request.window is not None and request.window.start > began:
        notes.append(
            f"it began {began:%Y-%m-%d %H:%M} UTC, and is looked at from {request.window.start:%Y-%m-%d %H:%M} on"
        )
    return AlertRequest(request, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Group:
    """An incident with its alerts as the message tells them."""

    incident: Incident
    alerts: Sequence[Alert]

    @property
    def fires(self) -> bool:
        return any(one.status is AlertStatus.FIRING for one in self.alerts)

    def facts(self, now: datetime) -> IncidentFacts:
        worst = min(
            self.alerts,
            key=lambda one: (one.status is not AlertStatus.FIRING, SEVERITIES.index(one.severity), one.started_at),
        )
        return IncidentFacts(
            id=self.incident.id,
            title=self.incident.title,
            severity=worst.severity,
            service=worst.service or self.incident.service,
            services=self.incident.services,
            alert=worst.name,
            summary=worst.summary,
            labels=worst.labels,
            started_at=min(min(one.started_at for one in self.alerts), now),
        )

    def request(self, now: datetime) -> InvestigationRequest:
        facts = self.facts(now)
        if self.fires:
            return request_for(facts, now)
        end = min(max(one.ended_at or now for one in self.alerts), now)
        start = max(facts.started_at - LEAD, end - LONGEST)
        return request_for(facts, now).model_copy(update={"window": AskedWindow(start=start, end=end)})


def _grouped(alerts: Sequence[Alert], now: datetime) -> list[_Group]:
    """Return the incidents that alerts tell of; those that were resolved already count as they were when they fired."""
    grouping = Grouping((), (), ServiceGraph(()), Rules())
    by_incident: dict[str, list[Alert]] = {}
    for alert in alerts:
        _, incident = grouping.take(replace(alert, status=AlertStatus.FIRING, ended_at=None), now)
        if incident is not None:
            by_incident.setdefault(incident, []).append(alert)
    return [_Group(grouping.incidents[name], kept) for name, kept in by_incident.items()]


def _urgency(group: _Group, now: datetime) -> tuple[bool, int, datetime]:
    facts = group.facts(now)
    return (not group.fires, SEVERITIES.index(facts.severity), facts.started_at)
