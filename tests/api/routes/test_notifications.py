"""/v1/notifications over HTTP: listed, tested and tried again, with problems for what is wrong and no secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.notifications.posting import Reply
from api.notifications.slack import SlackDoor
from api.notifying.desk import Notifications
from api.routes.notifications import notification_routes
from api.routes.problems import install_problem_handlers
from api.routes.workers import Workers
from api.storage.database import Database
from api.storage.notifications import put
from tests.api.alerting import MOMENT, Clock, migrated
from tests.api.notifications.happened import EVENT
from tests.api.notifying.happenings import FakeTransport, destination

URL = "https://hooks.slack.example/services/T/B/tell-nobody"


@pytest.fixture
def http(tmp_path: Path) -> Iterator[TestClient]:
    database = Database(migrated(tmp_path))
    with database.transaction() as connection:
        put(connection, EVENT, "slack", MOMENT)
        put(connection, EVENT, "gone", MOMENT, leave_out="left out")
    to = destination("slack", kind="slack", door=SlackDoor(URL), secrets=(URL,))
    transport = FakeTransport([Reply(403, f"no {URL}".encode())])
    desk = Notifications(database, (to,), transport=lambda: transport, now=Clock())
    app = FastAPI()
    app.include_router(notification_routes(desk, Workers(2)))
    install_problem_handlers(app)
    with TestClient(app) as client:
        yield client
    desk.close()


def test_messages_and_destinations_are_listed_without_addresses(http: TestClient) -> None:
    answer = http.get("/v1/notifications")

    told = answer.json()
    assert [(one["destination"], one["state"]) for one in told["notifications"]] == [
        ("gone", "dropped"),
        ("slack", "waiting"),
    ]
    assert told["destinations"][0]["waiting"] == 1
    assert "tell-nobody" not in answer.text
    assert http.get("/v1/notifications?state=dropped&destination=gone&subject=inc-1").json()["total"] == 1
    assert http.get("/v1/notifications?state=lost").status_code == 422


def test_a_test_tells_what_came_back_without_the_address(http: TestClient) -> None:
    told = http.post("/v1/notifications/test", json={"destination": "slack"})

    assert told.json()["delivered"] is False
    assert "HTTP 403" in told.json()["told"]
    assert "tell-nobody" not in told.text
    assert http.post("/v1/notifications/test", json={"destination": "none"}).status_code == 404
    assert http.post("/v1/notifications/test", json={"destination": "slack", "about": "../x"}).status_code == 422


def test_a_message_that_was_left_out_is_tried_again_by_hand(http: TestClient) -> None:
    dropped = http.get("/v1/notifications?state=dropped").json()["notifications"][0]

    assert http.post(f"/v1/notifications/{dropped['id']}/retry").json()["state"] == "waiting"
    assert http.post("/v1/notifications/none/retry").status_code == 404
