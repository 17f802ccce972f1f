"""What other systems are told of: an event with all that a message about it says."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.incidents.alerts import Severity


class EventKind(StrEnum):
    """What happened; TEST is sent by hand only."""

    INCIDENT_OPENED = "incident_opened"
    INVESTIGATION_CONCLUDED = "investigation_concluded"
    INVESTIGATION_FAILED = "investigation_failed"
    VERDICT_CHANGED = "verdict_changed"
    INCIDENT_RESOLVED = "incident_resolved"
    TEST = "test"


TOLD_UNASKED = tuple(kind for kind in EventKind if kind is not EventKind.TEST)
"""What a destination is told of unless its settings narrow it."""

_WORST_FIRST = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Part:
    """A titled part of a message; its lines may hold words that others wrote."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """An alert of the incident as its sender knows it: `identity` is the sender's own, `link` its page there."""

    sender: str
    identity: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    `key` is the same whenever the same thing is found again. `subject` is the incident, or the investigation where
    there is no incident: messages about one subject arrive in their order. `component` is the cause, "" unless it is
    confirmed or likely; `link` is "" where no public URL is set.
    """

    key: str
    kind: EventKind
    at: datetime
    subject: str
    title: str
    headline: str
    severity: Severity = Severity.UNKNOWN
    service: str = ""
    environment: str = ""
    verdict: str = ""
    component: str = ""
    incident_id: str = ""
    investigation_id: str = ""
    parts: tuple[Part, ...] = ()
    link: str = ""
    references: tuple[Reference, ...] = ()


def is_this_bad(severity: Severity, least: Severity) -> bool:
    """Tell whether a severity is at least as bad as another; one that says nothing understood is."""
    return severity is Severity.UNKNOWN or _WORST_FIRST.index(severity) <= _WORST_FIRST.index(least)


def message_id(key: str, destination: str) -> str:
    """Return the id of the message about an event to a destination: the same at each try."""
    digest = hashlib.sha256(b"\x00".join((destination.encode(), key.encode("utf-8", "replace"))))
    return f"msg_{digest.hexdigest()[:32]}"
