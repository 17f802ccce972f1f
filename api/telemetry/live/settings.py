"""The schema of the file of sources, `GROUNDWATCH_TELEMETRY_FILE`: which systems are asked, how, and within what."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from api.telemetry.live.asking import Connection
from api.telemetry.live.labels import DEFAULT_LABELS
from api.telemetry.live.sources import Limits

_NAME = r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$"


def _checked_url(url: str) -> str:
    parts = urlsplit(url)  # raises ValueError itself for what is none
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write it as http://host:port or https://host")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("it may hold no user, query or fragment; credentials go into auth")
    return url


def _checked_regex(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"it is no regular expression: {error}") from error
    return pattern


Url = Annotated[str, AfterValidator(_checked_url)]
Pattern = Annotated[str, AfterValidator(_checked_regex)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Basic(_Strict):
    """A user and a password."""

    user: str
    password: SecretStr


class Auth(_Strict):
    """How a source is told who asks: a bearer token, or a user and password; and headers beside, such as a tenant."""

    bearer: SecretStr | None = None
    basic: Basic | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one(self) -> "Auth":
        if self.bearer is not None and self.basic is not None:
            raise ValueError("give bearer or basic, not both")
        for name, value in (("bearer", self.bearer), *self.headers.items()):
            if value is not None and any(ord(sign) < 32 or ord(sign) > 126 for sign in value.get_secret_value()):
                raise ValueError(f"{name} holds a sign that a header can't, such as a line break")
        return self


class Tls(_Strict):
    """Which certificates are trusted."""

    ca: Path


class Bounds(_Strict):
    """What one investigation may ask of a source."""

    seconds: float = Field(20.0, gt=0, le=600)
    rows: int = Field(2_000_000, ge=1)
    bytes: int = Field(100_000_000, ge=1_000)
    at_once: int = Field(4, ge=1, le=64)

    def limits(self) -> Limits:
        """Return them as the sources take them."""
        return Limits(self.seconds, self.rows, self.bytes, self.at_once)


class SourceSettings(_Strict):
    """What every kind of source is told."""

    name: str = Field(pattern=_NAME)
    url: Url
    auth: Auth = Auth()
    tls: Tls | None = None
    limits: Bounds = Bounds()
    labels: tuple[str, ...] = Field(DEFAULT_LABELS, min_length=1)

    def connection(self) -> Connection:
        """Return how it is reached."""
        headers = [(name, value.get_secret_value()) for name, value in self.auth.headers.items()]
        if self.auth.bearer is not None:
            headers.append(("Authorization", f"Bearer {self.auth.bearer.get_secret_value()}"))
        basic = self.auth.basic
        return Connection(
            self.url,
            tuple(headers),
            (basic.user, basic.password.get_secret_value()) if basic else None,
            self.tls.ca if self.tls else None,
        )


class NamedQuery(_Strict):
    """A query of one's own, asked before all others: each series of its answer is `metric` of its component."""

    metric: str = Field(min_length=1)
    query: str = Field(min_length=1)
    unit: str = ""


class PrometheusSettings(SourceSettings):
    """Prometheus, Mimir, Thanos, or what speaks like them."""

    kind: Literal["prometheus"]
    select: str = ""
    metrics: tuple[Pattern, ...] = ()
    ignore: tuple[Pattern, ...] = ()
    queries: tuple[NamedQuery, ...] = ()
    step_seconds: float | None = Field(None, gt=0)
    most_metrics: int = Field(300, ge=1)
    most_series: int = Field(10_000, ge=1)


class LokiSettings(SourceSettings):
    """Grafana Loki; `select` is the selector of streams, `page` how many lines are asked for at once."""

    kind: Literal["loki"]
    select: str = ""
    page: int = Field(5_000, ge=10, le=100_000)


class TempoSettings(SourceSettings):
    """Grafana Tempo; `query` is TraceQL that restricts what is looked for."""

    kind: Literal["tempo"]
    query: str = ""
    traces: int = Field(200, ge=1, le=10_000)


class JaegerSettings(SourceSettings):
    """Jaeger's query service; `services` restricts it."""

    kind: Literal["jaeger"]
    services: tuple[str, ...] = ()
    traces: int = Field(100, ge=1, le=10_000)


class ElasticsearchSettings(SourceSettings):
    """Logs in Elasticsearch or OpenSearch; the fields are those of the index, `query` restricts it."""

    kind: Literal["elasticsearch", "opensearch"]
    index: str = Field("logs-*", min_length=1)
    query: str = ""
    page: int = Field(2_000, ge=10, le=10_000)
    time_field: str = "@timestamp"
    message_fields: tuple[str, ...] = ("message", "body", "log")
    component_fields: tuple[str, ...] = (
        "service.name", "kubernetes.labels.app_kubernetes_io/name", "kubernetes.labels.app",
        "kubernetes.container.name", "resource.service.name",
    )  # fmt: skip
    severity_fields: tuple[str, ...] = ("log.level", "level", "severity", "severity_text", "severityText")
    trace_fields: tuple[str, ...] = ("trace.id", "trace_id", "traceId")
    span_fields: tuple[str, ...] = ("span.id", "span_id", "spanId")


class KubernetesSettings(SourceSettings):
    """A cluster's API; without `namespaces`, all that may be read."""

    kind: Literal["kubernetes"]
    namespaces: tuple[str, ...] = ()


class ArgoCdSettings(SourceSettings):
    """Argo CD; `projects` restricts it."""

    kind: Literal["argocd"]
    projects: tuple[str, ...] = ()


class FluxSettings(SourceSettings):
    """Flux, by the API of the cluster that it runs in."""

    kind: Literal["flux"]
    namespaces: tuple[str, ...] = ()


class Repository(_Strict):
    """A repository or project, and the component that it holds; without one, that of its name."""

    path: str = Field(min_length=1)
    component: str | None = None
    branch: str = ""

    @property
    def about(self) -> str:
        """The component."""
        return self.component or self.path.rpartition("/")[2]


class GitHubSettings(SourceSettings):
    """Deployments and commits of repositories on GitHub; `url` is that of its API."""

    kind: Literal["github"]
    url: Url = "https://api.github.com"
    repositories: tuple[Repository, ...] = Field(min_length=1)


class GitLabSettings(SourceSettings):
    """Deployments and merged requests of projects on GitLab."""

    kind: Literal["gitlab"]
    url: Url = "https://gitlab.com"
    repositories: tuple[Repository, ...] = Field(min_length=1)


AnySource = Annotated[
    PrometheusSettings
    | LokiSettings
    | TempoSettings
    | JaegerSettings
    | ElasticsearchSettings
    | KubernetesSettings
    | ArgoCdSettings
    | FluxSettings
    | GitHubSettings
    | GitLabSettings,
    Field(discriminator="kind"),
]


class SourcesFile(_Strict):
    """The whole file."""

    sources: tuple[AnySource, ...]

    @model_validator(mode="after")
    def _names_once(self) -> "SourcesFile":
        names = [one.name for one in self.sources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the name {twice[0]!r} stands twice; give each source a name of its own")
        return self
