"""Messages of one destination delivered, one after the other: tried, tried again, and given up with the reason."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from api.notifications.opening import Opened
from api.notifications.posting import Message, Untellable
from api.notifications.retrying import Patience
from api.notifications.transport import Outcome, Transport, Try, tried, without
from api.schemas.notifications import NotificationState
from api.storage.notifications import Due, Outbox, Settled

_BEYOND = 60.0  # seconds that a message is held beyond the time of its requests


class Delivery:
    """Deliver to one destination; for one thread. Its methods raise StorageFailed.

    A try is kept before it begins, and what came of it afterwards. Where the process ends between the two, the message
    is tried again, with the same id: a destination that can be asked is asked first whether it arrived.
    """

    def __init__(
        self,
        outbox: Outbox,
        destination: Opened,
        transport: Transport,
        *,
        now: Callable[[], datetime],
        patience: Patience | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self._outbox, self._to, self._transport, self._now = outbox, destination, transport, now
        self._patience, self._chance = patience or Patience(), chance or random.Random()
        self._hold = timedelta(seconds=2 * destination.seconds + _BEYOND)

    def deliver_next(self) -> bool:
        """Try the next message that is due; tell whether there was one."""
        due = self._outbox.take(self._to.name, self._now(), self._hold)
        if due is None:
            return False
        self._outbox.settle(due, self._settled(due), self._now())
        return True

    def _settled(self, due: Due) -> Settled:
        """Try a message and return what becomes of it."""
        message = Message(due.id, due.event, self._now(), due.thread)
        try:
            arrived = self._arrived(message) if due.again else None
            if arrived is not None:
                return Settled(NotificationState.SENT, "an earlier try had arrived", thread=arrived)
            done = self._tried(message)
        except Untellable as error:
            return Settled(NotificationState.DROPPED, str(error))
        if done.outcome is Outcome.DELIVERED and done.reply is not None:
            thread = self._to.door.thread(message, done.reply)
            return Settled(NotificationState.SENT, done.told, thread=without(thread, self._to.secrets))
        if done.outcome is Outcome.REFUSED:
            return Settled(NotificationState.FAILED, done.told)
        return self._later(due, done)

    def _arrived(self, message: Message) -> str | None:
        """Return the thread of a message of which an earlier try arrived; None where it didn't, or nobody can say."""
        seeking = self._to.door.seeking(message)
        if seeking is None:
            return None
        looked = tried(self._transport, seeking, seconds=self._to.seconds, secrets=self._to.secrets)
        if looked.outcome is not Outcome.DELIVERED or looked.reply is None:
            return None
        return self._to.door.found(message, looked.reply)

    def _tried(self, message: Message) -> Try:
        posting = self._to.door.posting(message)
        return tried(self._transport, posting, seconds=self._to.seconds, secrets=self._to.secrets)

    def _later(self, due: Due, done: Try) -> Settled:
        told = done.reply.retry_after if done.reply is not None else None
        now, pause = self._now(), self._patience.pause(due.attempts, told, self._chance)
        if self._patience.is_over(due.attempts, now - due.queued_at, pause):
            return Settled(NotificationState.FAILED, f"given up after {due.attempts} tries: {done.told}")
        return Settled(NotificationState.WAITING, done.told, next_at=now + timedelta(seconds=pause))
