"""Alerts sent to the webhooks, over real incidents: who may, what is refused, and what is kept before the answer."""

import hashlib
import hmac
import json
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.errors import UsageError
from api.metrics import Metrics
from api.responding.incidents import Incidents
from api.responding.intake import IntakeLimits
from api.routes.guards import BodyLimit, Failures, Keys, Observed
from api.routes.problems import install_problem_handlers
from api.routes.webhook_door import MAX_WEBHOOK_BYTES, SENDERS, WebhookDoor, tokens_of
from api.routes.webhooks import Senders, webhook_routes
from api.routes.workers import Workers
from tests.api.alerting import Clock, open_incidents

JSON = {"Content-Type": "application/json"}
BODIES: dict[str, Any] = {
    "alertmanager": {"alerts": [{"status": "firing", "labels": {"alertname": "Slow", "service": "cart"}}]},
    "pagerduty": {
        "event": {
            "event_type": "incident.triggered",
            "data": {"id": "P1", "status": "triggered", "title": "Slow", "service": {"summary": "cart"}},
        }
    },
    "grafana": {"alerts": [{"status": "firing", "labels": {"alertname": "Slow", "service": "cart"}}]},
    "datadog": {"title": "[Triggered] Slow", "tags": "service:cart"},
    "opsgenie": {"action": "Create", "alert": {"alertId": "1", "message": "Slow", "tags": ["service:cart"]}},
    "generic": {"name": "Slow", "service": "cart"},
}

MALFORMED = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"a":' * 100_000,
    b'{"alerts": {}}',
    b'{"action": []}',
    b"9" * 9_999,
)


def _app(
    incidents: Incidents,
    *,
    keys: Sequence[str] = (),
    tokens: Mapping[str, Sequence[str]] | None = None,
    secrets: Sequence[str] = (),
) -> FastAPI:
    """Return the routes behind the guards that the application puts before them."""
    app = FastAPI()
    app.include_router(webhook_routes(incidents, Workers(4), Senders(pagerduty_secrets=secrets)))
    install_problem_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(WebhookDoor, keys=keys, tokens=tokens or {}, signed=bool(secrets))
    if keys:
        app.add_middleware(Keys, keys=keys)
    app.add_middleware(Failures)
    app.add_middleware(Observed, metrics=Metrics())
    return app


@contextmanager
def _served(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def incidents(tmp_path: Path) -> Iterator[Incidents]:
    with closing(open_incidents(tmp_path, Clock())) as opened:
        yield opened


@pytest.fixture
def http(incidents: Incidents) -> Iterator[TestClient]:
    with _served(_app(incidents)) as client:
        yield client


@pytest.mark.parametrize("sender", SENDERS)
def test_an_alert_of_each_sender_is_in_the_database_once_it_is_answered(
    http: TestClient, incidents: Incidents, sender: str
) -> None:
    response = http.post(f"/webhooks/{sender}", json=BODIES[sender])

    assert response.status_code == 202, response.text
    (one,) = incidents.find().incidents
    assert response.json() == {"incidents": [one.id], "counts": {"opened": 1}, "refused": [], "ignored": ""}
    assert one.service == "cart"


def test_malformed_bodies_get_a_problem_that_names_what_is_wrong(http: TestClient, incidents: Incidents) -> None:
    for sender in SENDERS:
        for body in MALFORMED:
            response = http.post(f"/webhooks/{sender}", content=body, headers=JSON)

            assert response.status_code == 422, (sender, body[:20], response.text)
            assert response.headers["content-type"] == "application/problem+json"
            assert ": " in response.json()["detail"]

    assert incidents.find().total == 0


def test_what_could_not_be_read_of_a_message_is_said_beside_what_was(http: TestClient) -> None:
    body = {"alerts": [*BODIES["alertmanager"]["alerts"], {"status": "on fire", "labels": {"alertname": "x"}}]}

    response = http.post("/webhooks/alertmanager", json=body)

    assert response.status_code == 202
    assert response.json()["refused"] == ["alerts[1].status: must be 'firing' or 'resolved', and is 'on fire'"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_form_on_the_web_could_send_is_refused(http: TestClient, kind: str) -> None:
    body = json.dumps(BODIES["generic"])

    assert http.post("/webhooks/generic", content=body, headers={"Content-Type": kind}).status_code == 422


def test_long_groups_are_read_and_longer_ones_refused(http: TestClient, incidents: Incidents) -> None:
    labels = {"alertname": "Slow", "service": "cart", "filler": "x" * 1_500}
    alerts = [{"status": "firing", "labels": {**labels, "pod": str(number)}} for number in range(1_000)]

    taken = http.post("/webhooks/alertmanager", json={"alerts": alerts})
    refused = http.post("/webhooks/alertmanager", content=b" " * (MAX_WEBHOOK_BYTES + 1), headers=JSON)
    unsigned = http.post("/webhooks/pagerduty", content=b" " * 1_000_001, headers=JSON)

    assert taken.status_code == 202
    assert incidents.find().incidents[0].alerts == 1_000
    assert (refused.status_code, unsigned.status_code) == (413, 413)


def test_without_a_key_or_token_nobody_comes_in_where_keys_are_set(incidents: Incidents) -> None:
    with _served(_app(incidents, keys=["key"], tokens={"grafana": ["token"]})) as http:
        for sender in SENDERS:
            assert http.post(f"/webhooks/{sender}", json=BODIES[sender]).status_code == 401
        assert http.post("/webhooks/changes", json={}, headers={"Authorization": "Bearer token"}).status_code == 401

    assert incidents.find().total == 0


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"Authorization": "Bearer token"}, ""),
        ({"Authorization": "Bearer key"}, ""),
        ({"X-API-Key": "key"}, ""),
        ({"Authorization": f"Basic {b64encode(b'anybody:token').decode()}"}, ""),
        ({}, "?token=token"),
    ],
)
def test_a_key_or_the_senders_token_opens_its_door(incidents: Incidents, headers: dict[str, str], query: str) -> None:
    with _served(_app(incidents, keys=["key"], tokens={"alertmanager": ["old", "token"]})) as http:
        response = http.post(f"/webhooks/alertmanager{query}", json=BODIES["alertmanager"], headers=headers)

        assert response.status_code == 202


@pytest.mark.parametrize(
    ("sender", "headers", "query"),
    [
        ("grafana", {"Authorization": "Bearer token"}, ""),
        ("alertmanager", {"Authorization": "Basic !!"}, ""),
        ("alertmanager", {"Authorization": f"Basic {b64encode(b'token').decode()}"}, ""),
        ("alertmanager", {}, "?token=wrong&token="),
        ("alertmanager", {}, "?" + "a=b&" * 100 + "token=token"),
    ],
)
def test_a_wrong_token_or_one_of_another_sender_opens_nothing(
    incidents: Incidents, sender: str, headers: dict[str, str], query: str
) -> None:
    with _served(_app(incidents, keys=["key"], tokens={"alertmanager": ["token"]})) as http:
        assert http.post(f"/webhooks/{sender}{query}", json=BODIES[sender], headers=headers).status_code == 401


def test_a_token_is_asked_for_where_the_api_asks_for_no_keys(incidents: Incidents) -> None:
    with _served(_app(incidents, tokens={"alertmanager": ["token"]})) as http:
        assert http.post("/webhooks/alertmanager", json=BODIES["alertmanager"]).status_code == 401
        assert http.post("/webhooks/grafana", json=BODIES["grafana"]).status_code == 202


def test_pagerduty_needs_its_signature_and_nothing_else(incidents: Incidents) -> None:
    body = json.dumps(BODIES["pagerduty"]).encode()
    signed = {**JSON, "X-PagerDuty-Signature": f"v1={hmac.new(b'secret', body, hashlib.sha256).hexdigest()}"}

    with _served(_app(incidents, keys=["key"], secrets=["other", "secret"])) as http:
        assert http.post("/webhooks/pagerduty", content=body, headers=signed).status_code == 202
        assert http.post("/webhooks/pagerduty", content=body + b" ", headers=signed).status_code == 401
        keyed = {**JSON, "Authorization": "Bearer key"}
        assert http.post("/webhooks/pagerduty", content=body, headers=keyed).status_code == 401


def test_a_broken_database_says_when_to_send_again(tmp_path: Path) -> None:
    (tmp_path / "groundwatch.sqlite").mkdir()
    with closing(open_incidents(tmp_path, Clock())) as broken, _served(_app(broken)) as http:
        response = http.post("/webhooks/alertmanager", json=BODIES["alertmanager"])

    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.headers["content-type"] == "application/problem+json"


def test_a_process_that_ends_says_when_to_send_again(tmp_path: Path) -> None:
    limits = IntakeLimits(waiting=1, together=1)
    with closing(open_incidents(tmp_path, Clock(), intake=limits)) as incidents, _served(_app(incidents)) as http:
        incidents.close()

        response = http.post("/webhooks/alertmanager", json=BODIES["alertmanager"])

    assert (response.status_code, response.headers["retry-after"]) == (503, "5")


def test_many_senders_at_once_lose_nothing(http: TestClient, incidents: Incidents) -> None:
    started = threading.Barrier(8)

    def send(sender: int) -> set[int]:
        started.wait(10)
        statuses = set()
        for number in range(5):
            labels = {"alertname": "Slow", "service": "cart", "pod": f"{sender}-{number}"}
            alerts = [{"status": "firing", "labels": labels}]
            statuses.add(http.post("/webhooks/alertmanager", json={"alerts": alerts}).status_code)
        return statuses

    with ThreadPoolExecutor(8) as pool:
        found = set().union(*pool.map(send, range(8)))

    (one,) = incidents.find().incidents
    assert found == {202}
    assert (one.alerts, one.messages) == (40, 40)


def test_a_heartbeat_opens_nothing_and_says_so(http: TestClient, incidents: Incidents) -> None:
    body = {"alerts": [{"status": "firing", "labels": {"alertname": "Watchdog", "severity": "none"}}]}

    response = http.post("/webhooks/alertmanager", json=body)

    assert response.json()["counts"] == {"heartbeat": 1}
    assert incidents.find().total == 0


def test_what_an_alert_says_is_kept_as_it_is_and_links_only_if_they_are_addresses(
    http: TestClient, incidents: Incidents
) -> None:
    hostile = "<script>alert(1)</script> ignore all rules {{7*7}}"
    annotations = {"summary": hostile, "runbook_url": "javascript:alert(1)"}
    labels = {"alertname": "Slow", "service": "cart"}
    item = {"status": "firing", "labels": labels, "annotations": annotations, "generatorURL": "file:///etc/passwd"}

    http.post("/webhooks/alertmanager", json={"alerts": [item]})

    (one,) = incidents.find().incidents
    (kept,) = incidents.detail(one.id).alerts
    assert (kept.summary, kept.link, kept.runbook) == (hostile, "", "")


def test_tokens_are_read_and_wrong_ones_never_shown() -> None:
    assert tokens_of("alertmanager=a, alertmanager=b,datadog=c") == {"alertmanager": ("a", "b"), "datadog": ("c",)}
    for said in ("secret", "nobody=secret", "grafana="):
        with pytest.raises(UsageError, match="entry 1") as caught:
            tokens_of(said)
        assert "secret" not in str(caught.value)
