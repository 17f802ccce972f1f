"""Payloads of real systems, where they lie beside the repository: each to its service, severity, time and state."""

from datetime import UTC, datetime

import pytest

from api.incidents.alerts import Purpose
from api.incidents.payloads import alertmanager, datadog, generic, pagerduty
from api.incidents.payloads.reading import Reading
from api.incidents.payloads.senders import Reader
from tests.conftest import SHARED

PAYLOADS = SHARED / "payloads"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
READERS: dict[str, Reader] = {
    "alertmanager": alertmanager.read,
    "datadog": datadog.read,
    "pagerduty": pagerduty.read,
    "generic": generic.read,
    "holmes": generic.read,
}
# Each alert as service, severity, start, state.
EXPECTED: dict[str, list[tuple[str | None, str, str, str]]] = {
    "alertmanager/firing.json": [("web", "critical", "2026-06-27T10:00:00", "firing")],
    "alertmanager/resolved.json": [(None, "critical", "2026-06-27T10:00:00", "resolved")],
    "alertmanager/node_exporter.json": [("checkout-api", "critical", "2024-01-15T10:25:00", "firing")],
    "alertmanager/mixed.json": [
        (None, "critical", "2026-06-20T03:14:00", "firing"),
        (None, "critical", "2026-06-20T03:14:00", "firing"),
        (None, "warning", "2026-06-20T03:14:00", "firing"),
        (None, "critical", "2026-06-20T03:14:00", "firing"),
        (None, "critical", "2026-06-20T03:14:00", "firing"),
        (None, "critical", "2026-06-20T03:14:00", "resolved"),
    ],
    "datadog/k8s.json": [("tracer-k8s-test", "critical", "2026-02-19T00:00:00", "firing")],
    "datadog/pipeline_error.json": [("tracer-test", "critical", "2026-03-03T10:00:34", "firing")],
    "generic/airflow_task_failure_alert.json": [("airflow", "critical", "2026-11-01T00:00:00", "firing")],
    "generic/gitlab_high_error_rate_alert.json": [("api_service", "critical", "2026-04-05T10:00:00", "firing")],
    "generic/mongodb_alert.json": [("prod-mongo-cluster", "warning", "2024-01-15T10:25:00", "firing")],
    "generic/mysql_alert.json": [("prod-mysql-cluster", "warning", "2024-01-15T10:25:00", "firing")],
    "generic/postgresql_alert.json": [("prod-pg-cluster", "warning", "2024-01-15T10:25:00", "firing")],
    "holmes/04_image_pull_backoff.json": [
        ("customer-relations-webapp", "info", "2024-11-18T08:21:31.842217", "firing")
    ],
    "holmes/06_job_failure.json": [("java-api-checker", "critical", "2025-05-29T10:44:14", "firing")],
    "holmes/09_high_latency.json": [("customer-orders", "info", "2025-01-27T09:11:23.635001", "firing")],
    "holmes/10_KubeDeploymentReplicasMismatch.json": [
        ("user-profile-resources", "warning", "2025-01-27T06:06:27.153000", "firing")
    ],
    "holmes/11_KubePodCrashLooping.json": [
        ("payment-processing-worker", "warning", "2024-11-29T08:40:57.669000", "firing")
    ],
    "holmes/12_KubePodNotReady.json": [("user-profile-resources", "warning", "2024-11-29T08:40:27.669000", "firing")],
    "holmes/13_Watchdog.json": [(None, "info", "2024-11-29T06:15:32.570000", "firing")],
    "holmes/14_tempo.json": [(None, "warning", "2025-03-17T12:36:49.299000", "firing")],
    "holmes/15_dns_resolution.json": [("client", "critical", "2025-06-18T07:21:00.299000", "firing")],
    "holmes/16_dns_resolution_no_tool.json": [("client", "critical", "2025-06-18T07:21:00.299000", "firing")],
    "holmes/17_investigate_correct_date.json": [(None, "warning", "2025-08-25T05:50:00", "firing")],
    "pagerduty/incident_triggered.json": [("API Service", "critical", "2020-10-02T18:45:22", "firing")],
    "pagerduty/incident_resolved.json": [("API Service", "critical", "2020-10-02T18:45:22", "resolved")],
}

pytestmark = pytest.mark.skipif(not PAYLOADS.is_dir(), reason=f"there are no payloads in {PAYLOADS}")


def _read(name: str) -> Reading:
    return READERS[name.partition("/")[0]]((PAYLOADS / name).read_bytes(), now=NOW)


def test_every_payload_has_an_expectation() -> None:
    there = {f"{file.parent.name}/{file.name}" for file in PAYLOADS.glob("*/*.json")}

    assert there == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_payload_is_read_to_the_right_service_severity_time_and_state(name: str) -> None:
    reading = _read(name)

    found = [
        (one.service, one.severity.value, one.started_at.replace(tzinfo=None).isoformat(), one.status.value)
        for one in reading.alerts
    ]
    assert found == EXPECTED[name]
    assert not reading.refused


def test_only_the_watchdogs_are_heartbeats() -> None:
    found = [one.name for name in EXPECTED for one in _read(name).alerts if one.purpose is not Purpose.REAL]

    assert found == ["Watchdog", "Watchdog"]


def test_repeats_and_resolutions_have_the_fingerprint_of_what_fired() -> None:
    pairs = [
        ("alertmanager/firing.json", "alertmanager/resolved.json"),
        ("pagerduty/incident_triggered.json", "pagerduty/incident_resolved.json"),
    ]

    for firing, resolved in pairs:
        assert _read(firing).alerts[0].fingerprint == _read(resolved).alerts[0].fingerprint
