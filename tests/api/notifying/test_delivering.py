"""Messages are delivered, tried again, given up or dropped, each with its reason and always with the same id."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from api.errors import NotFound, UsageError
from api.notifications.events import Event
from api.notifications.jira import JiraDoor
from api.notifications.opening import Opened
from api.notifications.pagerduty import PagerDutyDoor
from api.notifications.posting import Reply
from api.notifications.retrying import Patience
from api.notifications.transport import Unsent
from api.notifying.delivering import Delivery
from api.schemas.notifications import Notification, NotificationState
from api.storage.database import Database
from api.storage.notification_tables import cursor_table, notification_table
from api.storage.notifications import Outbox, put
from tests.api.alerting import MOMENT, Clock, migrated, minutes
from tests.api.notifications.happened import EVENT
from tests.api.notifying.happenings import FakeTransport, destination
from tests.api.storage.postgresql_server import postgresql

JIRA = JiraDoor("https://shop.atlassian.net", "me", "token", issue="", project="OPS", issue_type="Task")
PAGERDUTY = PagerDutyDoor("https://api.pagerduty.com", "token", "me@shop.example")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with ExitStack() as stack:
        yield stack.enter_context(postgresql()) if request.param == "postgresql" else ""


@pytest.fixture
def url(server: str, tmp_path: Path) -> str:
    return server or migrated(tmp_path)


@pytest.fixture
def outbox(url: str) -> Iterator[Outbox]:
    with closing(Database(url)) as opened:
        with opened.transaction() as connection:
            connection.execute(notification_table().delete())
        yield Outbox(opened)


def _put(outbox: Outbox, event: Event = EVENT) -> None:
    with outbox._database.transaction() as connection:
        put(connection, event, "own", MOMENT)


def _delivery(outbox: Outbox, transport: FakeTransport, clock: Clock, to: Opened | None = None) -> Delivery:
    patience = Patience(attempts=3, within=timedelta(hours=1))
    return Delivery(outbox, to or destination(), transport, now=clock, patience=patience, chance=random.Random(7))


def _kept(outbox: Outbox) -> list[Notification]:
    found, _total = outbox.page(state=None, destination="", subject="", offset=0, limit=100)
    return found[::-1]


def test_a_message_is_sent_once(outbox: Outbox) -> None:
    _put(outbox)
    transport, clock = FakeTransport(), Clock()
    delivery = _delivery(outbox, transport, clock)

    assert [delivery.deliver_next(), delivery.deliver_next()] == [True, False]
    (kept,) = _kept(outbox)
    assert (kept.state, kept.attempts, kept.sent_at) == (NotificationState.SENT, 1, MOMENT)
    assert kept.id == transport.sent[0].headers["webhook-id"]


def test_a_message_that_could_not_be_taken_is_tried_again_with_the_same_id_and_body(outbox: Outbox) -> None:
    _put(outbox)
    transport, clock = FakeTransport([Reply(503), Unsent("no answer")]), Clock()
    delivery = _delivery(outbox, transport, clock)

    assert delivery.deliver_next()
    assert not delivery.deliver_next()
    for _ in range(2):
        clock.after(1)
        assert delivery.deliver_next()

    assert _kept(outbox)[0].state is NotificationState.SENT
    assert len({(one.headers["webhook-id"], one.body) for one in transport.sent}) == 1
    assert len(transport.sent) == 3


def test_retry_after_is_kept_to(outbox: Outbox) -> None:
    _put(outbox)
    transport, clock = FakeTransport([Reply(429, b"slow down", 600.0)]), Clock()
    delivery = _delivery(outbox, transport, clock)
    delivery.deliver_next()

    clock.after(9)
    assert not delivery.deliver_next()
    clock.after(1)
    assert delivery.deliver_next()


def test_a_refusal_is_final(outbox: Outbox) -> None:
    _put(outbox)
    transport, clock = FakeTransport([Reply(404, b"no_service")]), Clock()
    delivery = _delivery(outbox, transport, clock)

    assert [delivery.deliver_next(), delivery.deliver_next()] == [True, False]
    (kept,) = _kept(outbox)
    assert kept.state is NotificationState.FAILED
    assert "HTTP 404 (no_service)" in kept.told


def test_after_the_last_try_it_is_given_up_and_says_so(outbox: Outbox) -> None:
    _put(outbox)
    transport, clock = FakeTransport([Reply(500)] * 9), Clock()
    delivery = _delivery(outbox, transport, clock)
    while delivery.deliver_next():
        clock.after(5)

    (kept,) = _kept(outbox)
    assert (kept.state, len(transport.sent)) == (NotificationState.FAILED, 3)
    assert "given up after 3 tries" in kept.told


def test_what_was_given_up_is_tried_again_by_hand_and_what_was_sent_is_not(outbox: Outbox) -> None:
    _put(outbox)
    transport, clock = FakeTransport([Reply(404)]), Clock()
    delivery = _delivery(outbox, transport, clock)
    delivery.deliver_next()
    name = _kept(outbox)[0].id

    assert outbox.retry(name, MOMENT).state is NotificationState.WAITING
    assert delivery.deliver_next()
    with pytest.raises(UsageError, match="was delivered"):
        outbox.retry(name, MOMENT)
    with pytest.raises(NotFound, match="no notification"):
        outbox.retry("none", MOMENT)


def test_messages_about_one_incident_keep_their_order_and_others_do_not_wait(outbox: Outbox) -> None:
    _put(outbox)
    _put(outbox, replace(EVENT, key="second"))
    _put(outbox, replace(EVENT, key="other", subject="inc-2"))
    transport, clock = FakeTransport([Reply(503)]), Clock()
    delivery = _delivery(outbox, transport, clock)
    while delivery.deliver_next():
        pass
    states = [one.state for one in _kept(outbox)]
    clock.after(1)
    while delivery.deliver_next():
        pass

    waiting, sent = NotificationState.WAITING, NotificationState.SENT
    assert states == [waiting, waiting, sent]
    assert [one.state for one in _kept(outbox)] == [sent, sent, sent]


def test_a_message_is_at_one_sender_at_a_time_and_free_again_when_that_one_is_gone(outbox: Outbox) -> None:
    _put(outbox)

    first = outbox.take("own", MOMENT, minutes(1))
    assert first is not None
    assert outbox.take("own", MOMENT + minutes(0.5), minutes(1)) is None
    second = outbox.take("own", MOMENT + minutes(2), minutes(1))
    assert second is not None
    assert (second.id, second.attempts, second.again) == (first.id, 2, True)


def test_who_held_a_message_for_too_long_does_not_overwrite_what_became_of_it(outbox: Outbox) -> None:
    _put(outbox)
    clock = Clock()

    def overtaken() -> None:
        clock.after(10)
        _delivery(outbox, FakeTransport(), clock).deliver_next()

    _delivery(outbox, FakeTransport([Reply(404)], during=overtaken), clock).deliver_next()

    assert _kept(outbox)[0].state is NotificationState.SENT


def test_pagerduty_is_asked_before_a_further_try_and_not_told_twice(outbox: Outbox) -> None:
    _put(outbox)
    clock = Clock()
    to = destination(door=PAGERDUTY, kind="pagerduty")
    transport = FakeTransport([Unsent("broke off")])
    _delivery(outbox, transport, clock, to).deliver_next()
    note = f'{{"notes": [{{"content": "Groundwatch {_kept(outbox)[0].id}"}}]}}'.encode()
    transport.answers = [Reply(200, note)]
    clock.after(1)
    _delivery(outbox, transport, clock, to).deliver_next()

    assert [one.method for one in transport.sent] == ["POST", "GET"]
    assert _kept(outbox)[0].state is NotificationState.SENT


def test_what_can_not_be_told_is_dropped_with_its_reason(outbox: Outbox) -> None:
    _put(outbox, replace(EVENT, references=()))
    _delivery(outbox, FakeTransport(), Clock(), destination(door=PAGERDUTY)).deliver_next()

    (kept,) = _kept(outbox)
    assert kept.state is NotificationState.DROPPED
    assert "no alert of this incident came from PagerDuty" in kept.told


def test_the_first_message_opens_an_issue_and_the_next_are_comments_on_it(outbox: Outbox) -> None:
    _put(outbox)
    _put(outbox, replace(EVENT, key="second"))
    transport = FakeTransport([Reply(201, b'{"key": "OPS-24"}'), Reply(201, b"{}")])
    delivery = _delivery(outbox, transport, Clock(), destination(door=JIRA))
    while delivery.deliver_next():
        pass

    assert [one.url.rpartition("/rest/api/3")[2] for one in transport.sent] == ["/issue", "/issue/OPS-24/comment"]
    assert [one.thread for one in _kept(outbox)] == ["OPS-24", "OPS-24"]


def test_what_waits_for_a_destination_that_is_gone_is_dropped_and_old_messages_are_forgotten(outbox: Outbox) -> None:
    _put(outbox)

    assert outbox.drop_unset(["another"], MOMENT) == 1
    assert "no destination of this name" in _kept(outbox)[0].told
    assert outbox.forget(MOMENT + minutes(1)) == 1


def test_the_tables_are_as_the_newest_migration_leaves_them(url: str, outbox: Outbox) -> None:
    assert _kept(outbox) == []
    engine = create_engine(url)

    for table in (notification_table(), cursor_table()):
        columns = {column["name"] for column in inspect(engine).get_columns(table.name)}
        assert columns == {column.name for column in table.columns}
    engine.dispose()
