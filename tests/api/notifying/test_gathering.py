"""What happened is found in the database, once for each destination, whoever wrote it and whenever they look."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from api.incidents.alerts import Severity
from api.notifications.events import EventKind
from api.notifications.opening import Opened
from api.notifying.gathering import Gatherer
from api.schemas.notifications import Notification, NotificationState
from api.storage.database import Database
from api.storage.incident_tables import incident_alert_table, incident_history_table, incident_table
from api.storage.investigation_tables import act_table, investigation_table
from api.storage.notification_tables import cursor_table, notification_table
from api.storage.notifications import Outbox
from tests.api.alerting import MOMENT, migrated, minutes
from tests.api.notifying.happenings import World, destination
from tests.api.storage.postgresql_server import postgresql

BEFORE = MOMENT - minutes(5)
LATER = MOMENT + minutes(30)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with ExitStack() as stack:
        yield stack.enter_context(postgresql()) if request.param == "postgresql" else ""


@pytest.fixture
def database(server: str, tmp_path: Path) -> Iterator[Database]:
    tables = (
        incident_history_table(),
        incident_alert_table(),
        incident_table(),
        act_table(),
        investigation_table(),
        notification_table(),
        cursor_table(),
    )
    with closing(Database(server or migrated(tmp_path))) as opened:
        with opened.transaction() as connection:
            for table in tables:
                connection.execute(table.delete())
        yield opened


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def _gatherer(database: Database, *destinations: Opened) -> Gatherer:
    made = Gatherer(database, destinations or (destination(),), public_url="https://gw.example/app/")
    made.begin(BEFORE)
    return made


def _told(database: Database) -> list[Notification]:
    found, _total = Outbox(database).page(state=None, destination="", subject="", offset=0, limit=200)
    return found[::-1]


def test_an_incident_is_told_from_its_beginning_to_its_end_and_each_step_once(database: Database, world: World) -> None:
    gatherer = _gatherer(database)
    name = world.incident(severity=Severity.CRITICAL)
    world.investigation("i1", MOMENT + minutes(1), incident_id=name)
    world.confirmed("i1", MOMENT + minutes(2))
    world.book.resolve(name, "Ada", "", MOMENT + minutes(3))

    counts = [gatherer.gather(MOMENT + minutes(4)) for _ in range(3)]
    again = _gatherer(database).gather(MOMENT + minutes(4))

    told = _told(database)
    assert [one.kind for one in told] == [
        EventKind.INCIDENT_OPENED,
        EventKind.INVESTIGATION_CONCLUDED,
        EventKind.VERDICT_CHANGED,
        EventKind.INCIDENT_RESOLVED,
    ]
    assert {one.subject for one in told} == {name}
    assert (counts, again) == ([4, 0, 0], 0)


def test_a_message_holds_verdict_evidence_gaps_and_a_link(database: Database, world: World) -> None:
    gatherer = _gatherer(database)
    name = world.incident(severity=Severity.CRITICAL)
    world.investigation("i1", MOMENT, incident_id=name)
    gatherer.gather(LATER)

    with database.transaction() as connection:
        payloads = [json.loads(row.payload) for row in connection.execute(notification_table().select())]
    concluded = payloads[1]
    assert payloads[0]["parts"][1] == {"title": "Alerts", "lines": ["HighErrorRate of checkout"]}
    assert concluded["link"] == "https://gw.example/app/investigations?id=i1"
    assert concluded["severity"] == "critical"
    titles = [part["title"] for part in concluded["parts"]]
    assert "Evidence" in titles
    assert "Not seen" in titles
    assert "What would settle it" in titles
    assert not any(sign in json.dumps(concluded["headline"]) for sign in "0123456789%")


def test_what_was_before_a_destination_was_set_is_not_told(database: Database, world: World) -> None:
    name = world.incident(at=MOMENT)
    late = Gatherer(database, (destination(),))
    late.begin(MOMENT + minutes(10))

    world.book.acknowledge(name, "Ada", "", MOMENT + minutes(11))
    assert late.gather(MOMENT + minutes(12)) == 0
    world.book.resolve(name, "Ada", "", MOMENT + minutes(13))
    assert late.gather(MOMENT + minutes(14)) == 1


def test_a_destination_that_was_away_for_days_is_not_told_of_them(database: Database, world: World) -> None:
    gatherer = _gatherer(database)
    world.incident()
    world.investigation("i1", MOMENT)

    assert gatherer.gather(MOMENT + timedelta(days=2)) == 0


def test_what_another_process_left_while_nobody_looked_is_told(database: Database, world: World) -> None:
    _gatherer(database).gather(BEFORE)
    world.incident()
    world.investigation("i1", MOMENT + minutes(1), error="no bundle")

    assert _gatherer(database).gather(MOMENT + timedelta(hours=20)) == 2
    assert _told(database)[1].kind is EventKind.INVESTIGATION_FAILED


def test_a_destination_is_told_only_what_it_asks_for(database: Database, world: World) -> None:
    picky = destination("picky", events=frozenset({EventKind.INCIDENT_OPENED}), from_severity=Severity.ERROR)
    gatherer = _gatherer(database, picky, destination("all"))
    world.incident(severity=Severity.WARNING, service="a")
    world.incident(severity=Severity.ERROR, service="b")
    world.incident(severity=Severity.UNKNOWN, service="c")
    gatherer.gather(LATER)

    by = [one.destination for one in _told(database)]
    assert (by.count("picky"), by.count("all")) == (2, 3)


def test_an_act_that_leaves_the_verdict_is_not_told(database: Database, world: World) -> None:
    gatherer = _gatherer(database)
    world.investigation("i1", MOMENT)
    world.confirmed("i1", MOMENT + minutes(1), changed=False)

    assert gatherer.gather(LATER) == 1


def test_an_incident_that_opens_again_is_told_again(database: Database, world: World) -> None:
    gatherer = _gatherer(database)
    name = world.incident()
    world.book.resolve(name, "", "", MOMENT + minutes(1))
    gatherer.gather(MOMENT + minutes(2))
    world.book.reopen(name, "Ada", "", MOMENT + minutes(3))
    gatherer.gather(MOMENT + minutes(4))
    world.book.resolve(name, "", "", MOMENT + minutes(5))
    gatherer.gather(MOMENT + minutes(6))

    assert [one.headline for one in _told(database)] == [
        "Incident opened",
        "Incident resolved",
        "Incident opened again",
        "Incident resolved",
    ]


def test_in_a_storm_what_is_beyond_the_limit_is_kept_as_left_out(database: Database, world: World) -> None:
    gatherer = _gatherer(database, destination(per_hour=3))
    for number in range(5):
        world.incident(service=f"s{number}")
    gatherer.gather(LATER)

    states = [one.state for one in _told(database)]
    assert states.count(NotificationState.WAITING) == 3
    assert states.count(NotificationState.DROPPED) == 2


def test_two_that_look_at_once_tell_each_thing_once(database: Database, world: World) -> None:
    gatherers = [_gatherer(database), _gatherer(database)]
    for number in range(6):
        world.incident(service=f"s{number}")

    threads = [threading.Thread(target=one.gather, args=(LATER,)) for one in gatherers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(_told(database)) == 6
