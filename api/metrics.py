"""What the API counts about itself, in the text format that Prometheus reads."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from api.serving import ServingState

MEDIA_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counters in a registry of their own, so that two APIs in one process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "groundwatch_http_requests_total",
            "Requests by route, method and status.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "groundwatch_http_request_seconds",
            "Seconds from request to the end of its response, by route.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._answers = Counter(
            "groundwatch_answers_total", "Answers by outcome.", ["outcome"], registry=self._registry
        )
        self._generation = Gauge(
            "groundwatch_index_generation",
            "Index generation being served; 0 before the first.",
            registry=self._registry,
        )
        self._passages = Gauge("groundwatch_index_passages", "Passages being served.", registry=self._registry)

    def count_request(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count a finished request; `route` is its template, so that there are few of them."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_answer(self, outcome: str) -> None:
        """Count an answer."""
        self._answers.labels(outcome).inc()

    def expose(self, state: ServingState) -> bytes:
        """Return all metrics as text."""
        described = state.description
        self._generation.set(described.generation if described else 0)
        self._passages.set(described.passages if described else 0)
        return generate_latest(self._registry)
