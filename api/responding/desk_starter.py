"""Investigations of incidents asked for at the desk, over the sources that are connected."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from api.incidents.facts import IncidentFacts
from api.schemas.investigation_runs import AskedWindow, InvestigationRequest, InvestigationSummary

LEAD = timedelta(minutes=10)
"""Before the first alert: a rule fires only after its condition has held for a while."""

LONGEST = timedelta(hours=6)
"""How far back at most: an alert that has fired for days would have its baseline lie before what sources keep."""

_LABELS = 100


def _now() -> datetime:
    return datetime.now(UTC)


class Desk(Protocol):
    """What takes requests for investigations."""

    def start(self, request: InvestigationRequest, *, request_key: str | None = None) -> InvestigationSummary:
        """Ask for one; the same key gives the one that it was first asked for. Raises UsageError."""


class DeskStarter:
    """Ask a desk, with a key of the incident's own, so that asking twice for the same starts one investigation."""

    def __init__(self, desk: Desk, *, now: Callable[[], datetime] = _now) -> None:
        self._desk, self._now = desk, now

    def start(self, facts: IncidentFacts) -> str:
        """Ask for the investigation of an incident and return its id; raises UsageError that says why not."""
        request = request_for(facts, self._now())
        # A process that ended before it kept the id asks again, perhaps knowing more: that is another request.
        digest = hashlib.sha256(f"{facts.started_at} {facts.title} {facts.alert}".encode()).hexdigest()[:16]
        return self._desk.start(request, request_key=f"incident-{facts.id}-{digest}").id


def request_for(facts: IncidentFacts, now: datetime) -> InvestigationRequest:
    """Return what to ask for: from some time before the first alert until now."""
    start = max(min(facts.started_at, now) - LEAD, now - LONGEST)
    return InvestigationRequest(
        title=facts.title[:300],
        window=AskedWindow(start=start),
        symptom=facts.summary[:2000],
        component=(facts.service or "")[:300],
        alert=facts.alert[:300],
        severity=facts.severity.value,
        labels=dict(facts.labels[:_LABELS]),
    )
