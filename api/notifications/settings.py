"""The schema of the file of destinations, `GROUNDWATCH_NOTIFICATIONS_FILE`: who is told, of what, and how."""

import base64
import binascii
import ipaddress
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from api.incidents.alerts import Severity
from api.notifications.events import TOLD_UNASKED, EventKind

_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_LEAST_KEY = 24  # bytes, as Standard Webhooks asks for


def _checked_secret(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if not value.strip() or any(ord(sign) < 32 or ord(sign) > 126 for sign in value):
        raise ValueError("it is empty or holds a sign that a header can't")
    return secret


def _checked_key(secret: SecretStr) -> SecretStr:
    if len(signing_key(secret)) < _LEAST_KEY:
        raise ValueError(f"its key has less than {_LEAST_KEY} bytes; make one: openssl rand -base64 32")
    return secret


def signing_key(secret: SecretStr) -> bytes:
    """Return the key of a secret in the form `whsec_` and base64. Raises ValueError where it is none."""
    head, _, coded = secret.get_secret_value().partition("whsec_")
    try:
        if head:
            raise ValueError
        return base64.b64decode(coded, validate=True)
    except (ValueError, binascii.Error):
        raise ValueError("write it as whsec_ and the key in base64") from None


Secret = Annotated[SecretStr, AfterValidator(_checked_secret)]
SigningSecret = Annotated[SecretStr, AfterValidator(_checked_key)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DestinationSettings(_Strict):
    """What every kind of destination is told.

    `url` is a secret too: that of a webhook opens it. Without `allow_http`, only this machine is told without TLS.
    """

    name: str = Field(pattern=_NAME)
    url: Secret
    events: tuple[EventKind, ...] = Field(TOLD_UNASKED, min_length=1)
    from_severity: Severity = Severity.INFO
    allow_http: bool = False
    seconds: float = Field(10.0, gt=0, le=20)
    per_hour: int = Field(120, ge=1, le=10_000)

    @model_validator(mode="after")
    def _safe(self) -> "DestinationSettings":
        if EventKind.TEST in self.events:
            raise ValueError("events can't hold 'test', which is sent by hand only")
        parts = urlsplit(self.url.get_secret_value())  # raises ValueError itself for what is none
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment or parts.username is not None:
            raise ValueError("url must be https://host/…, without a user or a fragment")
        if parts.scheme == "http" and not self.allow_http and not _is_loopback(parts.hostname):
            raise ValueError("url is http, which anybody on the way can read; use https, or set allow_http: true")
        return self

    @property
    def address(self) -> str:
        """Where it is told."""
        return self.url.get_secret_value()

    def secrets(self) -> tuple[str, ...]:
        """Return all that must not be shown, the longest first."""
        values = (getattr(self, name) for name in type(self).model_fields)
        flat = (one for value in values for one in (value if isinstance(value, tuple) else (value,)))
        found = [one.get_secret_value() for one in flat if isinstance(one, SecretStr)]
        path = urlsplit(self.address)
        return tuple(sorted({*found, *(one for one in (path.path, path.query) if len(one) > 8)}, key=len, reverse=True))


class WebhookSettings(DestinationSettings):
    """JSON to a URL of one's own, signed with all `secrets`: two while one is exchanged for another."""

    kind: Literal["webhook"]
    secrets_to_sign: tuple[SigningSecret, ...] = Field(alias="secrets", min_length=1, max_length=5)


class SlackSettings(DestinationSettings):
    """A channel of Slack, by its incoming webhook."""

    kind: Literal["slack"]


class TeamsSettings(DestinationSettings):
    """A channel or chat of Microsoft Teams, by the webhook of a workflow."""

    kind: Literal["teams"]


class PagerDutySettings(DestinationSettings):
    """Notes on incidents of PagerDuty; `sender` is the e-mail address of a user there."""

    kind: Literal["pagerduty"]
    url: Secret = SecretStr("https://api.pagerduty.com")
    token: Secret
    sender: str = Field(alias="from", pattern=r"^[!-~]+@[!-~]+$", max_length=200)


class OpsgenieSettings(DestinationSettings):
    """Notes on alerts of Opsgenie."""

    kind: Literal["opsgenie"]
    url: Secret = SecretStr("https://api.opsgenie.com")
    key: Secret


class JiraSettings(DestinationSettings):
    """Comments on one issue of Jira, or a new issue in a project for each incident."""

    kind: Literal["jira"]
    user: Annotated[str, Field(pattern=r"^[!-~]+$", max_length=200)]
    token: Secret
    issue: str = Field("", pattern=r"^([A-Z][A-Z0-9_]{0,30}-[0-9]{1,10})?$")
    project: str = Field("", pattern=r"^([A-Z][A-Z0-9_]{0,30})?$")
    issue_type: str = Field("Task", min_length=1, max_length=60)

    @model_validator(mode="after")
    def _one(self) -> "JiraSettings":
        if bool(self.issue) == bool(self.project):
            raise ValueError("give issue, to comment on it, or project, to open issues in")
        return self


Destination = Annotated[
    WebhookSettings | SlackSettings | TeamsSettings | PagerDutySettings | OpsgenieSettings | JiraSettings,
    Field(discriminator="kind"),
]


class DestinationsFile(_Strict):
    """Who is told."""

    destinations: tuple[Destination, ...] = Field(min_length=1, max_length=50)

    @model_validator(mode="after")
    def _names(self) -> "DestinationsFile":
        names = [one.name for one in self.destinations]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the name {twice[0]!r} is there twice; give each destination its own")
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
