"""What the API counts about itself, in the text format that Prometheus reads."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from api.schemas.knowledge import KnowledgeStatus
from api.schemas.upkeep import RunPage
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
        self._documents = Gauge(
            "groundwatch_documents", "Documents by source and state.", ["source", "state"], registry=self._registry
        )
        self._read_at = Gauge(
            "groundwatch_source_last_run_timestamp_seconds",
            "Unix time at which the last run that read a source was promoted.",
            ["source"],
            registry=self._registry,
        )
        self._last_run = Gauge(
            "groundwatch_last_run", "1 for the outcome of the newest run.", ["outcome"], registry=self._registry
        )
        self._held = Gauge("groundwatch_runs_held", "1 while runs wait after a rollback.", registry=self._registry)

    def count_request(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count a finished request; `route` is its template, so that there are few of them."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_answer(self, outcome: str) -> None:
        """Count an answer."""
        self._answers.labels(outcome).inc()

    def note_upkeep(self, status: KnowledgeStatus, runs: RunPage) -> None:
        """Note how the knowledge base is kept; sources that are gone leave no numbers behind."""
        for gauge in (self._documents, self._read_at, self._last_run):
            gauge.clear()
        for one in status.sources:
            counts = {
                "indexed": one.indexed,
                "failed": one.failed,
                "ignored": one.ignored,
                "tombstoned": one.tombstoned,
            }
            for state, count in counts.items():
                self._documents.labels(one.source, state).set(count)
            if one.last_run is not None:
                self._read_at.labels(one.source).set(one.last_run.timestamp())
        for run in runs.runs[:1]:
            self._last_run.labels(run.outcome.value).set(1)
        self._held.set(1 if runs.held else 0)

    def forget_upkeep(self) -> None:
        """Drop what is known of the knowledge base, since it cannot be read now: old numbers would pass for new."""
        for gauge in (self._documents, self._read_at, self._last_run):
            gauge.clear()

    def expose(self, state: ServingState) -> bytes:
        """Return all metrics as text."""
        described = state.description
        self._generation.set(described.generation if described else 0)
        self._passages.set(described.passages if described else 0)
        return generate_latest(self._registry)
