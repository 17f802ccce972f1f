"""Payloads of real systems, where they lie beside the repository: each to its service, severity, time and state."""

import pytest

from api.incidents.alerts import Purpose
from api.incidents.payloads.reading import Reading
from evals.alert_payloads import expectations, measure, read_payload
from tests.conftest import SHARED

PAYLOADS = SHARED / "payloads"
EXPECTED = expectations()

pytestmark = pytest.mark.skipif(not PAYLOADS.is_dir(), reason=f"there are no payloads in {PAYLOADS}")


def _read(name: str) -> Reading:
    return read_payload(name, (PAYLOADS / name).read_bytes())


def test_every_payload_has_an_expectation() -> None:
    there = {f"{file.parent.name}/{file.name}" for file in PAYLOADS.glob("*/*.json")}

    assert there == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_payload_is_read_to_the_right_service_severity_time_and_state_and_spoilt_ones_are_refused(name: str) -> None:
    found = measure(PAYLOADS, name, EXPECTED[name], every=13)

    assert found.right, found.found
    assert not found.failures
    assert not _read(name).refused


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
