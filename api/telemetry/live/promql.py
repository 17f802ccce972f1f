"""Which questions a Prometheus is asked: of all its metrics, those that tell rate, errors, duration and use."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from api.investigation.series.naming import meaning_of
from api.investigation.signals import Signal
from api.telemetry.live.labels import OF_CLUSTERS, plain_label
from api.telemetry.live.settings import PrometheusSettings

HOSTS = ("nodename", "node", "instance")
"""The labels that name a machine, for metrics that begin with node_."""

CODES: Mapping[str, str] = {
    "code": "5..|error|Unknown|Internal|Unavailable|DeadlineExceeded|DataLoss|ResourceExhausted|Aborted",
    "status": "5..|error|failed|failure|exception",
    "status_code": "5..|STATUS_CODE_ERROR",
    "http_status_code": "5..",
    "http_response_status_code": "5..",
    "response_code": "5..",
    "grpc_code": "Unknown|Internal|Unavailable|DeadlineExceeded|DataLoss|ResourceExhausted|Aborted",
    "rpc_grpc_status_code": "2|4|8|10|13|14|15",
    "outcome": "SERVER_ERROR|error|failure",
}
"""Labels of counted requests whose values tell failures of the server, and those values."""

# What exporters tell of themselves and of their runtimes: many series that say little of a service.
_OWN = re.compile(
    r"^(?:scrape_|prometheus_|promhttp_|net_conntrack_|go_(?!goroutines)|python_|otelcol_|alertmanager_|grafana_|"
    r"loki_|cortex_|thanos_|ALERTS|kube(?!_(?:deployment|statefulset|daemonset)_status_.*(?:available|ready)$"
    r"|_pod_container_status_restarts_total$)|node_(?!cpu_seconds_total$|load1$|disk_io_time_seconds_total$"
    r"|network_(?:receive|transmit)_(?:bytes|errs|drop)_total$)|apiserver_|etcd_|workqueue_|rest_client_)|_created$"
)
_ORDER = (
    Signal.LATENCY, Signal.ERRORS, Signal.AVAILABILITY, Signal.TRAFFIC, Signal.CPU, Signal.MEMORY, Signal.SATURATION,
    Signal.DISK, Signal.NETWORK, Signal.NETWORK_SENT,
)  # fmt: skip
_REQUESTS = re.compile(r"request|call|rpc|handled|response|query|queries|message", re.IGNORECASE)
_PLAIN = re.compile(r"^[A-Za-z_:][A-Za-z0-9_:]*$")

Merging = Literal["sum", "mean", "max"]


@dataclass(frozen=True, slots=True)
class Question:
    """One query, and what its answer is: `metric` in `unit`, of the component that the first label of `order` names.

    Where several series are of one component, `merging` says how they become one.
    """

    metric: str
    query: str
    unit: str
    order: tuple[str, ...]
    merging: Merging = "sum"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a Prometheus before it is asked: names of metrics, their types where told, names of labels."""

    names: tuple[str, ...]
    types: Mapping[str, str]
    labels: frozenset[str]


def questions(settings: PrometheusSettings, known: Known, restrict: str, rate_seconds: int) -> list[Question]:
    """Return what to ask, the most telling first: one's own queries, then durations, errors, rates, then use."""
    own = [Question(one.metric, one.query, one.unit, tuple(settings.labels), "mean") for one in settings.queries]
    matchers = ",".join(part for part in (inner(settings.select), restrict) if part)
    found: list[tuple[int, str, list[Question]]] = []
    for name in sorted(known.names):
        if _wanted(name, settings):
            signal = meaning_of(name).signal
            place = _ORDER.index(signal) if signal in _ORDER else len(_ORDER)
            found.append((place, name, _of_metric(name, settings, known, matchers, rate_seconds)))
    return [*own, *(one for _, _, told in sorted(found, key=lambda one: one[:2]) for one in told)]


def inner(select: str) -> str:
    """Return matchers without the braces around them."""
    return select.strip().removeprefix("{").removesuffix("}").strip().rstrip(",")


def quoted(value: str) -> str:
    """Return a string as PromQL and LogQL write it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def one_of(values: Sequence[str]) -> str:
    """Return a matcher's regular expression for any of some values; RE2 has no more signs with a meaning than these."""
    return quoted("|".join(re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", value) for value in values))


def _wanted(name: str, settings: PrometheusSettings) -> bool:
    if any(re.search(pattern, name) for pattern in settings.ignore):
        return False
    if settings.metrics:
        return any(re.search(pattern, name) for pattern in settings.metrics)
    return not _OWN.search(name) and meaning_of(name).signal is not Signal.OTHER


def _of_metric(
    name: str, settings: PrometheusSettings, known: Known, matchers: str, rate_seconds: int
) -> list[Question]:
    order = _order(name, settings)
    by = ", ".join(one for one in (plain_label(part) for part in order) if not known.labels or one in known.labels)
    kind = known.types.get(name) or _type_of(name, known)
    asked = _Wording(name, by, matchers, rate_seconds, order)
    if kind == "histogram" and name.endswith("_bucket"):
        return [asked.quantile(0.99), asked.quantile(0.5)]
    if kind == "summary" and not name.endswith(("_sum", "_count")):
        return [asked.of_summary()]
    if kind == "counter" or name.endswith(("_count", "_total")):
        codes = [label for label in CODES if label in known.labels] if _REQUESTS.search(name) else []
        errors = [asked.failures(codes)] if codes and meaning_of(name).signal is not Signal.ERRORS else []
        return [asked.rate(), *errors] if not name.endswith("_sum") else []
    return [] if name.endswith("_sum") else [asked.level()]


def _order(name: str, settings: PrometheusSettings) -> tuple[str, ...]:
    if name.startswith("node_"):
        return HOSTS
    if name.startswith(("kube_", "container_")):
        return OF_CLUSTERS
    return tuple(settings.labels)


def _type_of(name: str, known: Known) -> str:
    for suffix in ("_bucket", "_count", "_sum"):
        if name.endswith(suffix):
            base = known.types.get(name.removesuffix(suffix), "")
            if suffix == "_bucket":
                return "histogram"
            return "counter" if base in ("histogram", "summary") else ""
    return "counter" if name.endswith("_total") else ""


@dataclass(frozen=True, slots=True)
class _Wording:
    """The questions about one metric."""

    name: str
    by: str
    matchers: str
    seconds: int
    order: tuple[str, ...]

    def rate(self) -> Question:
        metric = self.name.removesuffix("_total")
        return Question(metric, self._rate(""), _unit(metric, "/s"), self.order)

    def failures(self, codes: Sequence[str]) -> Question:
        """Ask for failed requests, and for 0 where requests tell how they ended and none failed."""
        base = (
            self.name.removesuffix("_total").removesuffix("_count").removesuffix("_seconds").removesuffix("_duration")
        )
        failed = [self._rate(f"{code}=~{quoted(CODES[code])}") for code in codes]
        told = [f"0 * {self._rate(f'{code}!=' + quoted(''))}" for code in codes]
        return Question(f"{base}_errors", " or ".join([*failed, *told]), "1/s", self.order)

    def quantile(self, share: float) -> Question:
        metric = f"{self.name.removesuffix('_bucket')}_p{round(share * 100)}"
        by = f"le, {self.by}" if self.by else "le"
        query = f"histogram_quantile({share:g}, sum by ({by}) (rate({self._selector('')}[{self.seconds}s])))"
        return Question(metric, query, _unit(metric, ""), self.order, "max")

    def of_summary(self) -> Question:
        selector = self._selector('quantile="0.99"')
        return Question(f"{self.name}_p99", f"max by ({self.by}) ({selector})", _unit(self.name, ""), self.order, "max")

    def level(self) -> Question:
        query = f"avg by ({self.by}) ({self._selector('')})"
        return Question(self.name, query, _unit(self.name, ""), self.order, "mean")

    def _rate(self, matcher: str) -> str:
        return f"sum by ({self.by}) (rate({self._selector(matcher)}[{self.seconds}s]))"

    def _selector(self, matcher: str) -> str:
        busy = 'mode!~"idle|iowait"' if self.name == "node_cpu_seconds_total" else ""
        own = 'container!="POD"' if self.name.startswith("container_") else ""
        matchers = ",".join(part for part in (matcher, busy, own, self.matchers) if part)
        if _PLAIN.match(self.name):
            return f"{self.name}{{{matchers}}}" if matchers else self.name
        return f"{{{','.join(part for part in (f'__name__={quoted(self.name)}', matchers) if part)}}}"


def _unit(metric: str, per: str) -> str:
    words = metric.split("_")
    for word, unit in (("seconds", "s"), ("milliseconds", "ms"), ("bytes", "B"), ("ratio", "")):
        if word in words:
            return f"{unit}{per}"
    return f"1{per}" if per else ""
