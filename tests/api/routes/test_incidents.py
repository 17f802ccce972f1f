"""Tests of the routes to incidents and of the events of their list, over a real database."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.incidents.alerts import Severity
from api.responding.incidents import Incidents
from api.routes.event_streams import Pace
from api.routes.incident_events import incident_event_routes
from api.routes.incidents import incident_routes
from api.routes.problems import install_problem_handlers
from api.routes.workers import Workers
from api.schemas.incidents import IncidentSummary
from tests.api.alerting import Clock, alert, open_incidents
from tests.api.world import served

ALL = "/v1/incidents"
FAST = Pace(tick=0.01, look=0.05, heartbeat=0.05)


@pytest.fixture
def incidents(tmp_path: Path) -> Iterator[Incidents]:
    with closing(open_incidents(tmp_path, Clock())) as opened:
        yield opened


@pytest.fixture
def app(incidents: Incidents) -> FastAPI:
    app, workers = FastAPI(), Workers(4)
    app.include_router(incident_event_routes(incidents, workers, FAST))
    app.include_router(incident_routes(incidents, workers))
    install_problem_handlers(app)
    return app


@pytest.fixture
def http(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def _open(incidents: Incidents, service: str = "checkout", **given: Any) -> str:
    return incidents.receive([alert(service=service, **given)]).incidents[0]


def test_incidents_are_listed_by_state_service_severity_and_text(http: TestClient, incidents: Incidents) -> None:
    mild = _open(incidents, "a", severity=Severity.WARNING)
    over = _open(incidents, "b")
    http.post(f"{ALL}/{over}/resolve", json={"who": "Ada"})

    def listed(**query: str) -> list[str]:
        page = http.get(ALL, params=query).json()
        return [one["id"] for one in page["incidents"]]

    assert listed() == [mild, over]
    assert listed(state="resolved") == listed(service="b") == listed(q="ERRORRATE AT B") == [over]
    assert listed(severity="warning") == [mild]
    assert listed(limit="1", offset="1") == [over]


def test_a_text_is_found_however_its_letters_are_written(http: TestClient, incidents: Incidents) -> None:
    name = _open(incidents, "Überweisung")

    found = [http.get(ALL, params={"q": text}).json()["total"] for text in ("überweisung", "ÜBERWEISUNG", "uber")]

    assert name
    assert found == [1, 1, 0]


@pytest.mark.parametrize(
    "query", ["state=burning", "severity=bad", "limit=0", "limit=201", "offset=-1", f"q={'x' * 301}"]
)
def test_a_wrong_filter_gets_a_problem(http: TestClient, query: str) -> None:
    response = http.get(f"{ALL}?{query}")

    assert response.status_code == 422
    assert query.partition("=")[0] in response.json()["detail"]


def test_an_incident_is_shown_with_its_alerts_and_its_history(http: TestClient, incidents: Incidents) -> None:
    name = _open(incidents, pod="a")

    found = http.get(f"{ALL}/{name}").json()

    assert found["incident"]["state"] == "open"
    assert found["alerts"][0]["labels"] == {"pod": "a"}
    assert found["history"][0]["moment"] == "opened"


def test_people_act_with_and_without_a_word(http: TestClient, incidents: Incidents) -> None:
    name = _open(incidents)

    acknowledged = http.post(f"{ALL}/{name}/acknowledge", json={"who": "Ada", "note": "looking"})
    resolved = http.post(f"{ALL}/{name}/resolve")
    refused = http.post(f"{ALL}/{name}/acknowledge")
    reopened = http.post(f"{ALL}/{name}/reopen", json={})
    linked = http.post(f"{ALL}/{name}/investigation", json={"investigation_id": "run-1"})

    assert (acknowledged.json()["state"], acknowledged.json()["acknowledged_by"]) == ("acknowledged", "Ada")
    assert (resolved.json()["state"], refused.status_code, reopened.json()["state"]) == ("resolved", 422, "open")
    assert linked.json()["investigation"]["id"] == "run-1"


@pytest.mark.parametrize("path", ["/none", "/none/acknowledge", "/none/resolve", "/none/reopen"])
def test_an_unknown_incident_is_not_found(http: TestClient, path: str) -> None:
    response = http.request("GET" if path == "/none" else "POST", f"{ALL}{path}")

    assert response.status_code == 404
    assert "no incident has the id 'none'" in response.json()["detail"]


@pytest.mark.parametrize("body", [{"who": 5}, {"who": "x" * 201}, {"name": "Ada"}, []])
def test_a_wrong_action_gets_a_problem(http: TestClient, incidents: Incidents, body: Any) -> None:
    assert http.post(f"{ALL}/{_open(incidents)}/resolve", json=body).status_code == 422


def test_changes_come_as_events_to_those_who_follow(app: FastAPI, incidents: Incidents) -> None:
    first = _open(incidents, "a")
    seen = incidents.revision()

    with served(app) as url, httpx.stream("GET", f"{url}{ALL}/events", params={"after": seen}, timeout=10) as stream:
        lines = stream.iter_lines()
        _until(lines, ": nothing new")
        second = _open(incidents, "b")
        came = _incident(lines)
        incidents.receive([alert(service="a", resolved=True)])
        changed = _incident(lines)

    assert (came.id, came.service) == (second, "b")
    assert (changed.id, changed.firing) == (first, 0)


def test_a_reader_goes_on_where_it_left_off(app: FastAPI, incidents: Incidents) -> None:
    names = [_open(incidents, service) for service in "abc"]
    revisions = [incidents.summary(name).revision for name in names]
    headers = {"Last-Event-ID": str(revisions[0])}

    with served(app) as url, httpx.stream("GET", f"{url}{ALL}/events", headers=headers, timeout=10) as stream:
        lines = stream.iter_lines()
        found = [_incident(lines).id, _incident(lines).id]

    assert found == names[1:]


@pytest.mark.parametrize("said", ["soon", "-1", "9" * 16, "\xb2"])
def test_a_wrong_last_event_gets_a_problem(http: TestClient, said: str) -> None:
    response = http.get(f"{ALL}/events", headers={b"Last-Event-ID": said.encode("latin-1")})

    assert response.status_code == 422


def _until(lines: Iterator[str], wanted: str) -> str:
    return next(line for line in lines if line.startswith(wanted))


def _incident(lines: Iterator[str]) -> IncidentSummary:
    event = json.loads(_until(lines, "data: ").removeprefix("data: "))
    return IncidentSummary.model_validate(event["incident"])
