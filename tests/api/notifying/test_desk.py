"""Messages from what happens to a system on loopback, by the threads; tests by hand; what is listed tells no secret."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.errors import NotFound, UsageError
from api.notifications.opening import Opened
from api.notifications.pagerduty import PagerDutyDoor
from api.notifications.posting import Reply as Returned
from api.notifications.webhook import WebhookDoor
from api.notifying.desk import Notifications
from api.schemas.notifications import NotificationState, NotificationTest
from api.storage.database import Database
from tests.api.alerting import migrated
from tests.api.investigating.offices import wait_until
from tests.api.notifying.happenings import FakeTransport, World, destination
from tests.api.telemetry.live.local_server import Asked, LocalServer, Reply, serving

KEYS = [b"k" * 32]


@contextmanager
def _opened(folder: Path, *destinations: Opened) -> Iterator[Notifications]:
    desk = Notifications(Database(migrated(folder)), destinations, public_url="https://gw.example", every=0.02)
    desk.open()
    try:
        yield desk
    finally:
        desk.close()


def _webhook(server: LocalServer, name: str = "own", path: str = "/hook") -> Opened:
    return destination(name, door=WebhookDoor(f"{server.url}{path}", KEYS), seconds=2.0)


def test_what_happens_arrives_and_a_destination_that_is_down_keeps_none_waiting(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply("no", 503) if asked.path == "/down" else Reply("ok")

    with serving(answer) as server, _opened(tmp_path, _webhook(server), _webhook(server, "down", "/down")) as desk:
        world = World(Database(migrated(tmp_path)))
        name = world.incident(at=datetime.now(UTC))
        wait_until(lambda: desk.page(state=NotificationState.SENT).total == 1)
        wait_until(lambda: "/down" in server.paths())

        body = next(one.json for one in server.asked if one.path == "/hook")
        assert (body["type"], body["data"]["incident_id"]) == ("groundwatch.incident_opened", name)
        assert body["data"]["link"] == f"https://gw.example/incidents?id={name}"
        waiting = {one.name: one.waiting for one in desk.page().destinations}
        assert waiting == {"own": 0, "down": 1}
        world.database.close()


def test_a_test_message_tells_what_came_back_and_leaves_nothing(tmp_path: Path) -> None:
    with serving(lambda _asked: Reply("nope", 403)) as server, _opened(tmp_path, _webhook(server)) as desk:
        tested = desk.test(NotificationTest(destination="own"))

        assert (tested.delivered, desk.page().total) == (False, 0)
        assert "HTTP 403" in tested.told
        assert json.loads(server.asked[0].body)["type"] == "groundwatch.test"


def test_a_test_of_a_place_that_needs_to_know_what_it_is_about_asks_for_it(tmp_path: Path) -> None:
    sent = FakeTransport([Returned(201, b"{}")])
    to = destination(
        door=PagerDutyDoor("https://api.pagerduty.com", "t", "me@x"), thread_needed="the id of an incident"
    )
    desk = Notifications(Database(migrated(tmp_path)), (to,), transport=lambda: sent)

    with pytest.raises(UsageError, match="give the id of an incident"):
        desk.test(NotificationTest(destination="own"))
    with pytest.raises(NotFound, match="known: 'own'"):
        desk.test(NotificationTest(destination="other"))
    assert desk.test(NotificationTest(destination="own", about="Q2AIXW1")).delivered
    assert sent.sent[0].url == "https://api.pagerduty.com/incidents/Q2AIXW1/notes"
    assert sent.closed


def test_where_no_destination_is_set_nothing_is_looked_for(tmp_path: Path) -> None:
    file = tmp_path / "none.sqlite"
    desk = Notifications(Database(f"sqlite:///{file}"))
    desk.open()
    desk.close()

    assert not file.exists()
