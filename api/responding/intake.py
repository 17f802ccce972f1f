"""Alerts on their way into the database: messages that wait together are written together, by one thread."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from api.errors import GroundwatchError
from api.incidents.alerts import Alert
from ingest.errors import StorageFailed

Taken = TypeVar("Taken")

_log = logging.getLogger(__name__)


class Busy(StorageFailed):
    """More alerts wait than may; they are to be sent again."""


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """How many alerts may wait, and how many are written in one transaction."""

    waiting: int = 50_000
    together: int = 2_000


@dataclass(frozen=True, slots=True)
class _Message(Generic[Taken]):
    alerts: Sequence[Alert]
    done: "Future[list[Taken]]"


class Intake(Generic[Taken]):
    """Take messages of alerts to where they are written; a message is done once all of its alerts are.

    `write` gets the alerts of many messages and returns what became of each. It is called by one thread at a time.
    """

    def __init__(self, write: Callable[[Sequence[Alert]], list[Taken]], limits: IntakeLimits | None = None) -> None:
        self._write, self._limits = write, limits or IntakeLimits()
        self._waiting: deque[_Message[Taken]] = deque()
        self._alerts = 0
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def submit(self, alerts: Sequence[Alert]) -> "Future[list[Taken]]":
        """Let alerts wait for their turn; raises Busy where too many do already.

        The future gives what became of each, or raises StorageFailed, and then none of them is kept.
        """
        done: Future[list[Taken]] = Future()
        done.set_running_or_notify_cancel()  # whoever stops waiting does not take the alerts back
        if not alerts:
            done.set_result([])
            return done
        with self._changed:
            if self._closed:
                raise Busy("this process is about to end; send the alerts again")
            # A message larger than all that may wait is taken when nothing else waits, or it never would be.
            if self._waiting and self._alerts + len(alerts) > self._limits.waiting:
                raise Busy(f"{self._alerts:,} alerts wait to be written; send these again in some seconds")
            self._waiting.append(_Message(alerts, done))
            self._alerts += len(alerts)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="alerts", daemon=True)
                self._thread.start()
            self._changed.notify()
        return done

    def close(self) -> None:
        """Write what waits and stop; what comes after that is refused."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while messages := self._next():
            if (failure := self._written(messages)) is not None:
                self._write_each(messages, failure)

    def _write_each(self, messages: Sequence[_Message[Taken]], failure: GroundwatchError) -> None:
        """Write messages that could not be written together one by one: one that is odd must not hold back the others.

        Where two in a row fail, it is not the messages.
        """
        if len(messages) == 1:
            messages[0].done.set_exception(failure)
            return
        in_a_row = 0
        for at, message in enumerate(messages, start=1):
            problem = self._written([message])
            in_a_row = in_a_row + 1 if problem is not None else 0
            if problem is not None:
                for one in messages[at - 1 :] if in_a_row == 2 else [message]:
                    one.done.set_exception(problem)
            if in_a_row == 2:
                return

    def _written(self, messages: Sequence[_Message[Taken]]) -> GroundwatchError | None:
        """Write messages together and tell those who wait; return why it failed, and then nobody has been told."""
        try:
            results = self._write([alert for message in messages for alert in message.alerts])
        except GroundwatchError as error:
            return error
        except BaseException as error:  # whoever waits must hear of it, whatever it is: they would wait for ever
            _log.exception("alerts could not be written")
            return StorageFailed(f"the alerts were not written ({type(error).__name__}); send again")
        at = 0
        for message in messages:
            message.done.set_result(results[at : at + len(message.alerts)])
            at += len(message.alerts)
        return None

    def _next(self) -> list[_Message[Taken]]:
        """Return the messages that are written next, waiting for them; none once it is closed and nothing waits."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            found: list[_Message[Taken]] = []
            size = 0
            while self._waiting and (not found or size + len(self._waiting[0].alerts) <= self._limits.together):
                found.append(self._waiting.popleft())
                size += len(found[-1].alerts)
            self._alerts -= size
            return found
