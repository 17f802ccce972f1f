"""Prometheus: which questions it is asked, what its answers become, and what is told where they don't come."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Edge
from api.investigation.windows import SECOND, Window
from api.telemetry.live.prometheus import PrometheusSource
from api.telemetry.live.promql import Known, questions
from api.telemetry.live.settings import Bounds, NamedQuery, PrometheusSettings
from api.telemetry.live.sources import Scope
from tests.api.telemetry.live import real_prometheus
from tests.api.telemetry.live.live_sources import WINDOW
from tests.api.telemetry.live.local_server import Asked, Reply, serving

_ALONE = Scope(WINDOW, None)

needs_prometheus = pytest.mark.skipif(
    not real_prometheus.is_installed(), reason="the Debian package prometheus is not installed"
)


def _settings(url: str = "http://prometheus", **given: object) -> PrometheusSettings:
    return PrometheusSettings.model_validate({"name": "prom", "kind": "prometheus", "url": url, **given})


def _known(*names: str, labels: frozenset[str] = frozenset({"service", "code"}), **types: str) -> Known:
    return Known(names, types, labels)


def _success(data: object) -> Reply:
    return Reply({"status": "success", "data": data})


def _shop(asked: Asked) -> Reply:
    """Answer as a Prometheus with one gauge of two services would."""
    if asked.path == "/api/v1/label/__name__/values":
        return _success(["queue_depth", "scrape_duration_seconds"])
    if asked.path == "/api/v1/labels":
        return _success(["service"])
    if asked.path == "/api/v1/query_range":
        if asked.query["query"].startswith("ALERTS"):
            return _success({"resultType": "matrix", "result": []})
        at = float(asked.query["start"])
        points = [[at, "1"], [at + 15, "NaN"], [at + 30, "+Inf"], [at + 45, "4"]]
        result = [{"metric": {"service": name}, "values": points} for name in ("cart", "front")]
        return _success({"resultType": "matrix", "result": result})
    return _success({"resultType": "vector", "result": []})


def test_counters_are_asked_as_rates_and_histograms_as_quantiles_durations_first() -> None:
    known = _known("http_requests_total", "http_request_duration_seconds_bucket", "process_resident_memory_bytes")

    asked = questions(_settings(select='{namespace="shop"}'), known, "", 60)

    assert [(one.metric, one.unit) for one in asked] == [
        ("http_request_duration_seconds_p99", "s"), ("http_request_duration_seconds_p50", "s"),
        ("http_requests", "1/s"), ("http_requests_errors", "1/s"), ("process_resident_memory_bytes", "B"),
    ]  # fmt: skip
    assert asked[0].query == (
        "histogram_quantile(0.99, sum by (le, service) "
        '(rate(http_request_duration_seconds_bucket{namespace="shop"}[60s])))'
    )
    assert asked[2].query == 'sum by (service) (rate(http_requests_total{namespace="shop"}[60s]))'
    assert 'code=~"5..' in asked[3].query
    assert asked[4].query == 'avg by (service) (process_resident_memory_bytes{namespace="shop"})'


def test_what_says_nothing_of_a_service_is_not_asked_and_ones_own_queries_go_first() -> None:
    known = _known("go_gc_duration_seconds", "scrape_duration_seconds", "my_total", "up", my_total="counter")
    own = NamedQuery(metric="orders", query="sum by (service) (rate(my_total[5m]))", unit="1/s")

    asked = questions(_settings(queries=[own.model_dump()], ignore=["^my_"]), known, "", 60)

    assert [one.metric for one in asked] == ["orders", "up"]


def test_what_exporters_tell_of_others_is_named_by_what_it_is_about() -> None:
    known = _known("container_cpu_usage_seconds_total", labels=frozenset({"service", "container", "pod"}))

    asked = questions(_settings(), known, "", 60)

    assert asked[0].query == 'sum by (container, pod) (rate(container_cpu_usage_seconds_total{container!="POD"}[60s]))'


def test_answers_become_series_with_the_step_in_their_instance() -> None:
    with serving(_shop) as server, closing(PrometheusSource(_settings(server.url)).telemetry(_ALONE)) as telemetry:
        found = list(telemetry.series(WINDOW))
        coverage = telemetry.coverage()

    assert [(one.component, one.metric) for one in found] == [("cart", "queue_depth"), ("front", "queue_depth")]
    assert found[0].instance == "prom, step 15 s"
    assert [(one.instance, one.missing, one.cut) for one in coverage] == [("prom, step 15 s", "", "")]


def test_a_value_that_is_not_finite_is_missing() -> None:
    scope = _ALONE
    with serving(_shop) as server, closing(PrometheusSource(_settings(server.url)).telemetry(scope)) as telemetry:
        values = next(telemetry.series(WINDOW)).values

    assert np.array_equal(values, [1, np.nan, np.nan, 4], equal_nan=True)


def test_components_that_are_told_restrict_what_is_asked() -> None:
    def answering(asked: Asked) -> Reply:
        return _success(["cart", "front"]) if asked.path == "/api/v1/label/service/values" else _shop(asked)

    scope = Scope(WINDOW, None, ("cart",))
    with serving(answering) as server, closing(PrometheusSource(_settings(server.url)).telemetry(scope)) as telemetry:
        found = list(telemetry.series(WINDOW))
        queries = [one.query.get("query", "") for one in server.asked]

    assert [one.component for one in found] == ["cart"]
    assert 'avg by (service) (queue_depth{service=~"cart"})' in queries


def test_what_is_beyond_the_limits_is_told() -> None:
    settings = {"most_series": 1, "limits": Bounds(rows=4).model_dump()}
    scope = _ALONE
    with (
        serving(_shop) as server,
        closing(PrometheusSource(_settings(server.url, **settings)).telemetry(scope)) as telemetry,
    ):
        found = list(telemetry.series(WINDOW))
        coverage = telemetry.coverage()

    assert len(found) == 1
    assert coverage[0].cut == "gave 1 of 2 series"


def test_one_query_that_fails_is_named_and_the_others_stay() -> None:
    def answering(asked: Asked) -> Reply:
        if asked.path == "/api/v1/label/__name__/values":
            return _success(["queue_depth", "pool_usage"])
        if "pool_usage" in asked.query.get("query", ""):
            return Reply({"status": "error", "error": "too many samples"}, 422)
        return _shop(asked)

    with serving(answering) as server, closing(PrometheusSource(_settings(server.url)).telemetry(_ALONE)) as telemetry:
        found = {one.metric for one in telemetry.series(WINDOW)}
        coverage = telemetry.coverage()

    assert found == {"queue_depth"}
    assert coverage[0].cut.startswith("1 of 2 metrics did not come: it answered /api/v1/query_range with HTTP 422")


def test_a_long_query_goes_into_a_form() -> None:
    own = NamedQuery(metric="own_latency", query="sum(x) or " * 300 + "sum(x)")
    with (
        serving(_shop) as server,
        closing(PrometheusSource(_settings(server.url, queries=[own.model_dump()])).telemetry(_ALONE)) as telemetry,
    ):
        metrics = {one.metric for one in telemetry.series(WINDOW)}

    assert "own_latency" in metrics
    assert {one.method for one in server.asked if one.query.get("query", "").startswith("sum(x)")} == {"POST"}


def test_a_long_window_has_a_longer_step() -> None:
    scope = Scope(Window(WINDOW.end - 86_400 * SECOND, WINDOW.end), None)

    telemetry = PrometheusSource(_settings()).telemetry(scope)

    assert telemetry.coverage()[0].instance == "prom, step 175 s"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    folder: Path = tmp_path_factory.mktemp("prometheus")
    end = int(time.time()) // 15 * 15 - 3_600
    with real_prometheus.running(folder, real_prometheus.shop_history(end)) as url:
        yield url, end


@pytest.mark.servers
@needs_prometheus
def test_a_real_prometheus_gives_rates_quantiles_errors_alerts_and_calls(shop: tuple[str, int]) -> None:
    url, end = shop
    window = Window((end - 1_800) * SECOND, end * SECOND)
    scope = Scope(window, window.before(5_400))

    source = PrometheusSource(_settings(url))
    with closing(source.telemetry(scope)) as telemetry:
        now = {(one.component, one.metric): one for one in telemetry.series(window)}
        before = {(one.component, one.metric): one for one in telemetry.series(window.before(5_400))}
        alerts = list(telemetry.happenings(window))
        edges = telemetry.edges()
        coverage = telemetry.coverage()

    def level(of: tuple[str, str]) -> tuple[float, float]:
        return round(float(np.nanmedian(before[of].values)), 2), round(float(np.nanmedian(now[of].values)), 2)

    assert source.health().problem == ""
    assert source.health().version.startswith("2.")
    assert level(("cart", "http_request_duration_seconds_p99")) == (0.46, 1.98)
    assert level(("cart", "http_requests_errors")) == (0.0, 2.0)
    assert level(("front", "http_requests_errors")) == (0.0, 0.0)
    assert level(("cart", "http_requests")) == (10.0, 12.0)
    assert level(("db", "process_cpu_seconds")) == (0.5, 0.5)  # both of its instances together
    assert [(one.source, one.title, one.component) for one in alerts] == [
        (SourceClass.METRIC, "CartErrorsHigh", "cart")
    ]
    assert edges == (Edge("front", "cart"),)
    assert [(one.missing, one.cut) for one in coverage] == [("", "")]


@pytest.mark.servers
@needs_prometheus
def test_a_query_that_a_real_prometheus_refuses_is_named(shop: tuple[str, int]) -> None:
    url, end = shop
    window = Window((end - 1_800) * SECOND, end * SECOND)
    own = {"metric": "broken_latency", "query": "sum by ("}

    with closing(PrometheusSource(_settings(url, queries=[own])).telemetry(Scope(window, None))) as telemetry:
        metrics = {one.metric for one in telemetry.series(window)}
        cut = telemetry.coverage()[0].cut

    assert "http_requests" in metrics
    assert cut.startswith("1 of 9 metrics did not come: it answered /api/v1/query_range with HTTP 400")
    assert "parse error" in cut
