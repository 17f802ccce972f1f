"""What each sender's messages are read as, and how malformed ones are refused."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.errors import NotAllowed, UsageError
from api.incidents.alerts import Alert, AlertStatus, Purpose, Severity
from api.incidents.payloads import alertmanager, datadog, generic, grafana, opsgenie, pagerduty
from api.incidents.payloads.fields import Refused
from api.incidents.payloads.mapping import read_mapping

NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
LABELS = {"alertname": "Slow", "service": "cart", "severity": "page"}
SENDERS = (alertmanager, pagerduty, grafana, datadog, opsgenie, generic)


def _alerts(sender: Any, body: dict[str, Any]) -> tuple[Alert, ...]:
    reading = sender.read(json.dumps(body).encode(), now=NOW)
    assert not reading.refused
    alerts: tuple[Alert, ...] = reading.alerts
    return alerts


def _one(sender: Any, body: dict[str, Any]) -> Alert:
    (found,) = _alerts(sender, body)
    return found


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize(
    "body", [b"", b"null", b"[[[", b"\xff", b"{}", b'{"alerts": 5}', b'{"event": [], "title": {}}']
)
def test_a_malformed_body_is_refused_by_every_sender(sender: Any, body: bytes) -> None:
    with pytest.raises(Refused, match=r"^(the body|[a-z_.\[\]0-9]+): "):
        sender.read(body, now=NOW)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"labels": LABELS}, "alerts[0].status: is missing"),
        ({"labels": LABELS, "status": "burning"}, "alerts[0].status: must be 'firing' or 'resolved', and is 'burning'"),
        ({"labels": [], "status": "firing"}, "alerts[0].labels: must be an object"),
        ({"labels": {}, "status": "firing"}, "alerts[0].labels.alertname: is missing"),
        ({"labels": LABELS, "status": "firing", "startsAt": "noon"}, "alerts[0].startsAt: must be a time"),
        ({"labels": LABELS, "status": 7}, "alerts[0].status: must be 'firing' or 'resolved', and is 7"),
        (None, "alerts[0]"),
        ("text", "alerts[0]: must be an object"),
    ],
)
def test_alertmanagers_wrong_fields_are_named(item: Any, said: str) -> None:
    with pytest.raises(Refused) as caught:
        alertmanager.read(json.dumps({"alerts": [item]}).encode(), now=NOW)

    assert str(caught.value).startswith(said)


def test_the_good_alerts_of_a_message_are_read_beside_a_bad_one() -> None:
    good = {"labels": LABELS, "status": "firing"}

    reading = alertmanager.read(json.dumps({"alerts": [good, {"status": 1}, good]}).encode(), now=NOW)

    assert len(reading.alerts) == 2
    assert reading.refused == ("alerts[1].labels.alertname: is missing; send it as the sender's documentation says",)


def test_alertmanager_without_a_fingerprint_is_told_apart_by_labels() -> None:
    first, second, third = _alerts(
        alertmanager,
        {"status": "firing", "alerts": [{"labels": LABELS}, {"labels": {**LABELS, "pod": "b"}}, {"labels": LABELS}]},
    )

    assert first.fingerprint == third.fingerprint != second.fingerprint
    assert first.severity is Severity.CRITICAL


def test_what_reports_about_others_is_not_the_service() -> None:
    labels = {"alertname": "CrashLoop", "service": "kube-state-metrics", "pod": "cart-7d9f8b6c5d-xk2zq", "job": "ksm"}

    found = _one(alertmanager, {"alerts": [{"status": "firing", "labels": labels}]})

    assert found.service == "cart"


@pytest.mark.parametrize("name", ["Watchdog", "DeadMansSwitch", "Dead Man's Switch", "InfoInhibitor", "DeadMansSnitch"])
def test_heartbeats_are_recognised(name: str) -> None:
    found = _one(alertmanager, {"alerts": [{"status": "firing", "labels": {"alertname": name}}]})

    assert found.purpose is Purpose.HEARTBEAT


@pytest.mark.parametrize("name", ["LoadTestFailing", "WatchdogTimeout", "HeartbeatMissed", "TestSuiteBroken"])
def test_names_that_only_look_like_tests_are_real(name: str) -> None:
    found = _one(alertmanager, {"alerts": [{"status": "firing", "labels": {"alertname": name}}]})

    assert found.purpose is Purpose.REAL


def test_the_test_button_of_grafana_is_recognised() -> None:
    labels = {"alertname": "TestAlert", "instance": "Grafana"}

    found = _one(grafana, {"status": "firing", "alerts": [{"status": "firing", "labels": labels}]})

    assert found.purpose is Purpose.TEST


def test_grafana_says_its_values_and_links_to_the_panel() -> None:
    item = {
        "status": "firing",
        "labels": {"alertname": "Slow", "grafana_folder": "shop", "service": "cart"},
        "annotations": {"description": "p99 is high"},
        "valueString": "[ var='A' labels={} value=2.1 ]",
        "panelURL": "https://grafana.example/d/1?viewPanel=2",
        "generatorURL": "https://grafana.example/alerting/1",
        "startsAt": "2026-05-01T02:50:00Z",
        "fingerprint": "c6eadffa33fcdf37",
    }

    found = _one(grafana, {"receiver": "g", "status": "firing", "alerts": [item], "orgId": 1, "state": "alerting"})

    assert (found.service, found.link) == ("cart", "https://grafana.example/d/1?viewPanel=2")
    assert found.description == "p99 is high\n[ var='A' labels={} value=2.1 ]"


def test_alerts_of_grafanas_dashboards_are_one_by_their_rule() -> None:
    rule = {"ruleId": 5, "ruleName": "Slow cart", "orgId": 1, "dashboardId": 2, "tags": {"service": "cart"}}

    firing = _one(grafana, {**rule, "state": "alerting", "title": "[Alerting] Slow cart"})
    ended = _one(grafana, {**rule, "state": "ok", "title": "[OK] Slow cart"})

    assert firing.fingerprint == ended.fingerprint
    assert (firing.service, ended.status) == ("cart", AlertStatus.RESOLVED)


def test_pagerdutys_signature_may_be_of_any_of_the_secrets() -> None:
    body = b'{"event": {}}'
    good = hmac.new(b"new", body, hashlib.sha256).hexdigest()

    pagerduty.check_signature(body, f"v1={'0' * 64}, v1={good}", ["old", "new"])


@pytest.mark.parametrize("header", ["", "v1=", "v1=abc", f"v1={'0' * 64}", "v0=x", "v1=\u2603"])
def test_a_message_that_pagerduty_did_not_sign_is_refused(header: str) -> None:
    with pytest.raises(NotAllowed, match="X-PagerDuty-Signature"):
        pagerduty.check_signature(b"{}", header, ["secret"])


def test_pagerdutys_notes_and_pings_are_nothing_to_do() -> None:
    for kind in ("pagey.ping", "incident_note.created", "service.updated"):
        body = {"event": {"event_type": kind, "data": {"type": "incident_note"}}}

        assert pagerduty.read(json.dumps(body).encode(), now=NOW).ignored


def test_pagerdutys_old_messages_are_read_too() -> None:
    incident = {"id": "P1", "status": "resolved", "title": "Down", "urgency": "low", "service": {"name": "cart"}}

    found = _one(pagerduty, {"messages": [{"event": "incident.resolve", "incident": incident}]})

    assert (found.service, found.severity, found.status) == ("cart", Severity.WARNING, AlertStatus.RESOLVED)


def test_datadogs_default_payload_is_read_by_its_title() -> None:
    body = {"id": "1", "event_type": "metric_alert_monitor", "date": "1777604400000", "body": "%%% high %%%"}

    firing = _one(datadog, {**body, "title": "[P2] [Triggered on {host:a}] CPU of cart"})
    again = _one(datadog, {**body, "id": "2", "title": "[P2] [Re-Triggered on {host:a}] CPU of cart"})
    other = _one(datadog, {**body, "title": "[P2] [Triggered on {host:b}] CPU of cart"})
    ended = _one(datadog, {**body, "id": "3", "title": "[P2] [Recovered on {host:a}] CPU of cart"})

    assert (firing.name, firing.severity, firing.started_at) == ("CPU of cart", Severity.ERROR, NOW)
    assert firing.fingerprint == again.fingerprint == ended.fingerprint != other.fingerprint
    assert ended.status is AlertStatus.RESOLVED


def test_datadogs_variables_are_read() -> None:
    found = _one(
        datadog,
        {
            "title": "CPU of cart",
            "alert_transition": "No Data",
            "tags": "env:prod,service:cart,urgent",
            "alert_cycle_key": "77",
            "link": "https://app.datadoghq.example/event/1",
        },
    )

    assert (found.service, found.fingerprint, found.severity) == ("cart", "77", Severity.WARNING)
    assert found.label("urgent") == "urgent"


def test_opsgenies_actions_fire_resolve_or_are_nothing_to_do() -> None:
    known = {"alertId": "a-1", "message": "Cart is down", "priority": "P1", "tags": ["service:cart"], "createdAt": 0}

    firing = _one(opsgenie, {"action": "Create", "alert": known})
    ended = _one(opsgenie, {"action": "Close", "alert": {**known, "updatedAt": 1777604400000}})
    noted = opsgenie.read(json.dumps({"action": "AddNote", "alert": known}).encode(), now=NOW)

    assert (firing.service, firing.severity, firing.status) == ("cart", Severity.CRITICAL, AlertStatus.FIRING)
    assert (ended.fingerprint, ended.status) == ("a-1", AlertStatus.RESOLVED)
    assert (noted.alerts, noted.ignored) == ((), "the action 'AddNote' changes nothing")


def test_a_plain_object_is_read_by_usual_names() -> None:
    found = _one(
        generic,
        {
            "title": "Disk is full",
            "state": "recovered",
            "level": "major",
            "service": "db",
            "time": 1777604400,
            "link": "javascript:alert(1)",
            "runbook": "https://wiki.example/disk",
        },
    )

    assert (found.name, found.service, found.severity) == ("Disk is full", "db", Severity.ERROR)
    assert (found.status, found.link, found.runbook) == (AlertStatus.RESOLVED, "", "https://wiki.example/disk")


def test_a_mapping_of_ones_own_says_where_fields_are(tmp_path: Path) -> None:
    file = tmp_path / "mapping.yaml"
    file.write_text(
        """
shapes:
  - when: problems
    alerts: problems
    statuses: {firing: [PROBLEM], resolved: [GONE]}
    severities: {critical: ["5"]}
    fields:
      name: ['what["short.name"]']
      status: [state]
      severity: [rank]
      service: ["hosts[0].unit", $shared.unit]
"""
    )
    body = {
        "unit": "shop",
        "problems": [
            {"what": {"short.name": "Down"}, "state": "PROBLEM", "rank": 5, "hosts": [{"unit": "cart"}]},
            {"what": {"short.name": "Down"}, "state": "GONE", "hosts": []},
        ],
    }

    first, second = generic.read(json.dumps(body).encode(), now=NOW, mapping=read_mapping(file)).alerts

    assert (first.name, first.service, first.severity) == ("Down", "cart", Severity.CRITICAL)
    assert (second.service, second.status) == ("shop", AlertStatus.RESOLVED)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("shapes: []", "shapes"),
        ("shapes: [{fields: {}}]", "shapes.0.fields.name"),
        ("shapes: [{fields: {name: ['a[']}}]", "'a.' is no path at character 2"),
        ("a: [", "no YAML"),
        ("a: &x 1\nb: *x", "aliases"),
        ("shapes: [{fields: {name: [a], colour: [b]}}]", "colour"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mapping.yaml"
    file.write_text(text)

    with pytest.raises(UsageError, match=said):
        read_mapping(file)


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="GROUNDWATCH_WEBHOOK_MAPPING_FILE"):
        read_mapping(tmp_path / "none.yaml")


def test_what_a_message_says_once_is_not_kept_without_end_for_each_of_its_alerts() -> None:
    shared = {f"note_{number}": "x" * 2_000 for number in range(200)}
    alerts = [{"status": "firing", "labels": {**LABELS, "pod": str(number)}} for number in range(2_000)]
    body = json.dumps({"commonAnnotations": shared, "alerts": alerts}).encode()

    with pytest.raises(Refused, match=r"^alerts\[\d+\]: .* send fewer at a time"):
        alertmanager.read(body, now=NOW)


@pytest.mark.parametrize("link", ["http://[", "http://", "https:///path", "http://a b", "javascript:alert(1)"])
def test_what_is_no_web_address_is_no_link(link: str) -> None:
    body = {"alerts": [{"status": "firing", "labels": LABELS, "generatorURL": link}]}

    assert _one(alertmanager, body).link == ""


def test_when_pagerduty_and_opsgenie_said_something_is_read_so_that_later_words_are_known() -> None:
    incident = {"id": "P1", "status": "triggered", "title": "Slow", "created_at": "2026-05-01T02:00:00Z"}
    event = {"event_type": "incident.triggered", "occurred_at": "2026-05-01T02:30:00Z", "data": incident}
    action = {"action": "Create", "alert": {"alertId": "1", "message": "Slow", "updatedAt": 1_777_602_600_000_000_000}}

    found = [_one(pagerduty, {"event": event}).told_at, _one(opsgenie, action).told_at]

    assert found == [datetime(2026, 5, 1, 2, 30, tzinfo=UTC)] * 2


def test_a_clock_that_runs_far_ahead_tells_no_order() -> None:
    incident = {"id": "P1", "status": "triggered", "title": "Slow"}
    event = {"event_type": "incident.triggered", "occurred_at": "2099-01-01T00:00:00Z", "data": incident}

    assert _one(pagerduty, {"event": event}).told_at is None
