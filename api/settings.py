"""Settings of the API and of the commands that talk to it; environment prefix `GROUNDWATCH_`."""

import ipaddress
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator

from ingest.errors import UsageError
from ingest.settings import KnowledgeSettings

_SECRETS = frozenset({"api_key", "api_keys", "database_url", "qdrant_api_key", "webhook_tokens", "pagerduty_secrets"})


class ApiSettings(KnowledgeSettings):
    """Where the API listens, who may ask it, and where it keeps what people send."""

    host: str = Field("127.0.0.1", description="Address that the API listens on; beyond loopback it needs keys.")
    port: int = Field(8080, ge=0, le=65535, description="Port that the API listens on; 0 takes a free one.")
    url: str | None = Field(
        None, description="URL of a running API that commands and the app use; unset, the data directory tells."
    )
    api_keys: SecretStr = Field(SecretStr(""), description="Keys that callers of the API may present, comma-separated.")
    api_key: SecretStr | None = Field(None, description="The key that commands and the app present to the API.")
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL of the database for feedback; unset, a SQLite file in the data directory."
    )
    request_timeout: float = Field(60.0, gt=0, description="Seconds that commands and the app wait for the API.")
    worker_threads: int = Field(8, ge=1, le=256, description="Requests that the API works on at the same time.")
    refresh_seconds: float = Field(1.0, gt=0, description="Seconds between two looks for a new index generation.")
    access_labels: str = Field(
        "", description="Groups whose restricted documents this API may show, comma-separated; none of them by default."
    )
    conversation_days: int = Field(
        90, ge=0, description="Days that a conversation is kept after its last question; 0 keeps none."
    )
    calibration_file: Path | None = Field(
        None, description="A calibration of your own; unset, the one in the data directory, else the packaged one."
    )
    cost_wrong: float = Field(4.0, ge=0, description="Cost of a wrong answer that is said without a caveat.")
    cost_wrong_with_caveat: float = Field(2.5, ge=0, description="Cost of a wrong answer with a caveat.")
    cost_wrong_partial: float = Field(1.0, ge=0, description="Cost of a wrong answer that names what it lacks.")
    cost_caveat: float = Field(1.0, ge=0, description="Cost of a needless caveat.")
    cost_partial: float = Field(5.5, ge=0, description="Cost of calling a right answer partial.")
    cost_missed: float = Field(14.5, ge=0, description="Cost of keeping silent although the right document was found.")
    bundles_dir: Path | None = Field(
        None, description="Folder of recorded incidents that callers may name by path; unset, they send them."
    )
    otlp: bool = Field(True, description="Take telemetry by OTLP/HTTP at /otlp and keep it (docs/otlp.md).")
    otlp_megabytes: int = Field(
        2_000, ge=10, description="Megabytes of telemetry by OTLP that are kept; the oldest goes first."
    )
    otlp_hours: float = Field(48.0, gt=0, description="Hours that telemetry by OTLP is kept.")
    telemetry_file: Path | None = Field(
        None, description="File of the systems that hold telemetry (docs/telemetry.md); unset, there are bundles only."
    )
    reranker: str | None = Field(
        None, description="Folder or name of a cross-encoder that reads the best documents once more."
    )
    rewrite_questions: bool = Field(
        False, description="Let the language model give questions that name nothing other words to search with."
    )
    investigation_agent: bool = Field(
        False, description="Let the language model look further into investigations; needs GROUNDWATCH_LLM_PROVIDER."
    )
    investigation_fitted_here: bool = Field(
        False,
        description="The models of investigations were fitted on incidents of yours: confirm causes, tell numbers.",
    )
    investigations_at_once: int = Field(
        2, ge=1, le=64, description="Investigations that the API works on at the same time."
    )
    upload_megabytes: int = Field(
        200,
        ge=1,
        le=100_000,
        description="Megabytes of the largest recorded incident that may be sent, packed; unpacked ten times as many.",
    )
    webhook_tokens: SecretStr = Field(
        SecretStr(""), description="Tokens of senders of alerts, as SENDER=TOKEN, comma-separated (docs/alerts.md)."
    )
    pagerduty_secrets: SecretStr = Field(
        SecretStr(""), description="Secrets with which PagerDuty signs its webhooks, comma-separated."
    )
    webhook_mapping_file: Path | None = Field(
        None, description="YAML file that says where /webhooks/generic finds its fields; unset, the packaged one."
    )
    incident_join_minutes: float = Field(
        60.0, gt=0, description="Minutes within which an alert of the same service belongs to an incident that goes on."
    )
    incident_neighbour_minutes: float = Field(
        10.0, ge=0, description="Minutes within which an alert of a service nearby belongs to an incident."
    )
    incident_hops: int = Field(
        2, ge=0, le=5, description="Calls between two services that count as nearby; 0 keeps services apart."
    )
    incident_reopen_minutes: float = Field(
        60.0, ge=0, description="Minutes after its end in which an alert opens its incident again."
    )
    incident_quiet_minutes: float = Field(
        5.0, ge=0, description="Minutes without a firing alert after which an incident is resolved."
    )
    investigate_alerts: bool = Field(True, description="Begin an investigation for each incident that alerts open.")
    investigate_alerts_from: Literal["critical", "error", "warning", "info"] = Field(
        "warning", description="Least severity of an incident that is investigated unasked."
    )
    alert_investigations_at_once: int = Field(
        4, ge=1, le=100, description="Investigations begun by alerts that may wait or run at the same time."
    )
    alert_investigations_per_hour: int = Field(
        20, ge=1, le=10_000, description="Investigations that alerts may begin within an hour."
    )
    notifications_file: Path | None = Field(
        None, description="File of the systems that are told of incidents (docs/notifications.md); unset, none is."
    )
    public_url: str = Field(
        "", description="URL of the app as people reach it, for links in messages; unset, messages have no link."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe line to log.")

    @field_validator("public_url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]_-]+(/[A-Za-z0-9._~/-]*)?", url):
            raise ValueError("write it as https://groundwatch.example, without a query")
        return url

    @property
    def accepted_keys(self) -> tuple[str, ...]:
        """The keys that open the API; empty where it asks for none."""
        return tuple(key for part in self.api_keys.get_secret_value().split(",") if (key := part.strip()))

    @property
    def pagerduty_signing_secrets(self) -> tuple[str, ...]:
        """The secrets with which PagerDuty may sign; empty where it need not."""
        return tuple(one for part in self.pagerduty_secrets.get_secret_value().split(",") if (one := part.strip()))

    @property
    def held_labels(self) -> frozenset[str]:
        """The groups whose restricted documents may be shown."""
        return frozenset(label for part in self.access_labels.split(",") if (label := part.strip()))

    @property
    def presented_key(self) -> str | None:
        """The key that this side presents: its own, else the first of those that the API accepts."""
        if self.api_key is not None and self.api_key.get_secret_value():
            return self.api_key.get_secret_value()
        return next(iter(self.accepted_keys), None)

    @property
    def feedback_url(self) -> str:
        """SQLAlchemy URL of the database for feedback; it may hold a password."""
        if self.database_url is not None and self.database_url.get_secret_value():
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'groundwatch.sqlite'}"

    @property
    def own_calibration_file(self) -> Path:
        """The file of the site's own calibration, there or not."""
        return self.calibration_file or self.data_dir / "calibration.json"

    @property
    def evaluations_dir(self) -> Path:
        """Folder of the runs of the evaluations."""
        return self.data_dir / "evals" / "history"

    @property
    def uploads_dir(self) -> Path:
        """Folder of the recorded incidents that were sent."""
        return self.data_dir / "uploads"

    @property
    def otlp_dir(self) -> Path:
        """The folder of telemetry that was sent by OTLP."""
        return self.data_dir / "otlp"

    @property
    def changes_file(self) -> Path:
        """The file of the changes that were told by webhook."""
        return self.data_dir / "changes.sqlite"

    @property
    def running_file(self) -> Path:
        """The file by which a running API is found."""
        return self.data_dir / "serve.json"

    @property
    def listens_on_loopback(self) -> bool:
        """Whether only this machine can reach the API."""
        return is_loopback(self.host)


def load_settings(**given: Any) -> ApiSettings:
    """Read the settings from the environment, values of options going first; None counts as not given.

    Raises UsageError that names the variable and the value.
    """
    try:
        return ApiSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise UsageError("; ".join(_complaint(one) for one in error.errors())) from error


def check_exposure(settings: ApiSettings) -> None:
    """Raise UsageError where others could reach the API and it would ask them for no key."""
    if not settings.listens_on_loopback and not settings.accepted_keys:
        raise UsageError(
            f"host {settings.host!r} can be reached from other machines and GROUNDWATCH_API_KEYS is not set; set it "
            "to one key or more (for example from: openssl rand -hex 32), or listen on 127.0.0.1"
        )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _complaint(error: Any) -> str:
    name = str(error["loc"][0]) if error["loc"] else "settings"
    variable = f"GROUNDWATCH_{name.upper()}"
    hidden = name in _SECRETS
    value = "" if hidden else f"={error['input']!r}"
    message = str(error["msg"])
    return f"{variable}{value}: {message[:1].lower()}{message[1:]}; correct it or unset it"
