"""Notifications as a caller sees them: listed, tested, tried again; and the threads that find and deliver them."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from api.errors import GroundwatchError, NotFound, UsageError
from api.notifications.events import EventKind, message_id
from api.notifications.opening import Opened
from api.notifications.posting import Message
from api.notifications.transport import HttpTransport, Outcome, Transport, tried
from api.notifying.delivering import Delivery
from api.notifying.gathering import Gatherer
from api.notifying.telling import trial
from api.schemas.notifications import (
    DestinationView,
    Notification,
    NotificationPage,
    NotificationState,
    NotificationTest,
    NotificationTested,
)
from api.storage.database import Database
from api.storage.notifications import Outbox

KEPT = timedelta(days=30)
"""How long a message is listed after it was settled."""

_FORGET_EVERY = 3600.0

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Notifications:
    """Messages to the destinations that are set, one thread for each, so that a slow one keeps none waiting.

    Several processes may share the database: each event is found once, each message is at one sender at a time.
    """

    def __init__(
        self,
        database: Database,
        destinations: Sequence[Opened] = (),
        *,
        public_url: str = "",
        transport: Callable[[], Transport] = HttpTransport,
        now: Callable[[], datetime] = _now,
        every: float = 2.0,
    ) -> None:
        self._database, self._outbox = database, Outbox(database)
        self._destinations = {one.name: one for one in destinations}
        self._gatherer = Gatherer(database, destinations, public_url=public_url)
        self._transport, self._now, self._every = transport, now, every
        self._begun, self._closed = False, threading.Event()
        self._wakes = {name: threading.Event() for name in self._destinations}
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        """Begin to look for what happens and to deliver, with what an earlier process left; nothing without a place."""
        if not self._destinations:
            return
        try:
            self._begin()  # at once, so that what comes in from now on is told
        except GroundwatchError as error:
            _log.warning("what happens is not told yet: %s", error)
        self._threads = [threading.Thread(target=self._look, name="notifications", daemon=True)]
        for one in self._destinations.values():
            self._threads.append(
                threading.Thread(target=self._deliver, args=(one,), name=f"notify-{one.name}", daemon=True)
            )
        for thread in self._threads:
            thread.start()

    def close(self, patience: float = 5.0) -> None:
        """Stop; what is being sent is sent, or is tried again by the next start."""
        self._closed.set()
        for wake in self._wakes.values():
            wake.set()
        until = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._database.close()

    def page(
        self,
        *,
        state: NotificationState | None = None,
        destination: str = "",
        subject: str = "",
        offset: int = 0,
        limit: int = 20,
    ) -> NotificationPage:
        """Return messages, newest first."""
        found, total = self._outbox.page(
            state=state, destination=destination, subject=subject, offset=offset, limit=limit
        )
        counts = self._outbox.counts()
        views = [
            DestinationView(
                name=one.name,
                kind=one.kind,
                events=[kind for kind in EventKind if kind in one.events],
                from_severity=one.from_severity.value,
                waiting=counts.get((one.name, NotificationState.WAITING.value), 0),
                failed=counts.get((one.name, NotificationState.FAILED.value), 0),
            )
            for one in self._destinations.values()
        ]
        return NotificationPage(notifications=found, destinations=views, total=total, offset=offset, limit=limit)

    def retry(self, notification_id: str) -> Notification:
        """Have a message tried again that was given up or left out. Raises NotFound, UsageError."""
        kept = self._outbox.retry(notification_id, self._now())
        wake = self._wakes.get(kept.destination)
        if wake is not None:
            wake.set()
        return kept

    def test(self, asked: NotificationTest) -> NotificationTested:
        """Send a message to a destination at once, and tell what came back; nothing is kept of it.

        Raises NotFound, and UsageError where the destination has to know what the message is about.
        """
        one = self._destinations.get(asked.destination)
        if one is None:
            known = ", ".join(map(repr, self._destinations)) or "none; set GROUNDWATCH_NOTIFICATIONS_FILE"
            raise NotFound(f"no destination is named {asked.destination!r}; known: {known}")
        if one.thread_needed and not asked.about:
            raise UsageError(f"{one.name!r} is {one.kind} and writes to what is there; give {one.thread_needed}")
        key = f"test-{uuid.uuid4().hex}"
        message = Message(message_id(key, one.name), trial(one.name, self._now(), key), self._now(), asked.about)
        transport, begun = self._transport(), time.monotonic()
        try:
            done = tried(transport, one.door.posting(message), seconds=one.seconds, secrets=one.secrets)
        finally:
            transport.close()
        return NotificationTested(
            destination=one.name,
            id=message.id,
            delivered=done.outcome is Outcome.DELIVERED,
            told=done.told,
            seconds=round(time.monotonic() - begun, 3),
        )

    def _begin(self) -> None:
        """Note once from when new destinations are told, and drop what waits for those that are gone."""
        if not self._begun:
            self._gatherer.begin(self._now())
            self._outbox.drop_unset(self._destinations, self._now())
            self._begun = True

    def _look(self) -> None:
        failing, forgotten = False, 0.0
        while not self._closed.is_set():
            try:
                self._begin()
                if self._gatherer.gather(self._now()):
                    for wake in self._wakes.values():
                        wake.set()
                if time.monotonic() - forgotten > _FORGET_EVERY:
                    self._outbox.forget(self._now() - KEPT)
                    forgotten = time.monotonic()
                failing = False
            except GroundwatchError as error:
                if not failing:  # once, and not at each look
                    _log.warning("what happens is not told for now: %s", error)
                failing = True
            except Exception:  # the outermost of this thread: one event that can't be told must not silence the rest
                if not failing:
                    _log.exception("what happened could not be told")
                failing = True
            self._closed.wait(self._every)

    def _deliver(self, one: Opened) -> None:
        wake, transport = self._wakes[one.name], self._transport()
        delivery = Delivery(self._outbox, one, transport, now=self._now)
        while not self._closed.is_set():
            wake.clear()
            try:
                while not self._closed.is_set() and delivery.deliver_next():
                    pass
            except GroundwatchError as error:
                _log.warning("messages to %s wait: %s", one.name, error)
            except Exception:  # the outermost of this thread; the message is due again once it is no longer held
                _log.exception("a message to %s could not be sent", one.name)
            wake.wait(self._every)
        transport.close()
