"""Destinations as their file names them, each with the door of its kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from api.incidents.alerts import Severity
from api.notifications.events import Event, EventKind, is_this_bad
from api.notifications.jira import JiraDoor
from api.notifications.opsgenie import OpsgenieDoor
from api.notifications.pagerduty import PagerDutyDoor
from api.notifications.posting import Door
from api.notifications.settings import (
    Destination,
    DestinationsFile,
    JiraSettings,
    OpsgenieSettings,
    PagerDutySettings,
    SlackSettings,
    TeamsSettings,
    WebhookSettings,
    signing_key,
)
from api.notifications.slack import SlackDoor
from api.notifications.teams import TeamsDoor
from api.notifications.webhook import WebhookDoor
from api.yaml_settings import Purpose, read_settings

_PURPOSE = Purpose("file of destinations", "GROUNDWATCH_NOTIFICATIONS_FILE", "docs/notifications.md", "destinations")


@dataclass(frozen=True, slots=True)
class Opened:
    """A destination. `secrets` are what must not be shown; `thread_needed` says what a test has to name."""

    name: str
    kind: str
    door: Door
    events: frozenset[EventKind]
    from_severity: Severity
    seconds: float = 10.0
    per_hour: int = 120
    secrets: tuple[str, ...] = field(default=(), repr=False)
    thread_needed: str = ""

    def wants(self, event: Event) -> bool:
        """Tell whether it is to be told of an event."""
        return event.kind in self.events and is_this_bad(event.severity, self.from_severity)


def open_destinations(file: Path, environment: Mapping[str, str]) -> tuple[Opened, ...]:
    """Return the destinations of a file. Raises UsageError that names the line and the field, never a secret."""
    found = read_settings(file, environment, DestinationsFile, _PURPOSE)
    return tuple(opened(one) for one in found.destinations)


def opened(one: Destination) -> Opened:
    """Return a destination by its settings."""
    return Opened(
        one.name,
        one.kind,
        _door(one),
        frozenset(one.events),
        one.from_severity,
        one.seconds,
        one.per_hour,
        one.secrets(),
        _thread_needed(one),
    )


def _door(one: Destination) -> Door:
    match one:
        case WebhookSettings():
            return WebhookDoor(one.address, [signing_key(secret) for secret in one.secrets_to_sign])
        case SlackSettings():
            return SlackDoor(one.address)
        case TeamsSettings():
            return TeamsDoor(one.address)
        case PagerDutySettings():
            return PagerDutyDoor(one.address, one.token.get_secret_value(), one.sender)
        case OpsgenieSettings():
            return OpsgenieDoor(one.address, one.key.get_secret_value())
        case JiraSettings():
            token = one.token.get_secret_value()
            named = {"issue": one.issue, "project": one.project, "issue_type": one.issue_type}
            return JiraDoor(one.address, one.user, token, **named)


def _thread_needed(one: Destination) -> str:
    """Return what a message by hand has to be about, where the destination has no place of its own."""
    match one:
        case PagerDutySettings():
            return "the id of an incident in PagerDuty"
        case OpsgenieSettings():
            return "the id of an alert in Opsgenie"
        case JiraSettings(issue=""):
            return "the key of an issue in Jira"
        case _:
            return ""
