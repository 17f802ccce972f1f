"""Investigations begun for incidents, no more of them than is set, and incidents that end once they are quiet."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from api.errors import GroundwatchError
from api.incidents.facts import IncidentFacts
from api.storage.incident_book import IncidentBook
from api.storage.incident_inquests import InquestTable

_log = logging.getLogger(__name__)


class Starter(Protocol):
    """What begins investigations."""

    def start(self, facts: IncidentFacts) -> str | None:
        """Ask for an investigation and return its id, the same for the same incident; None where none can be had now.

        Raises UsageError that says why it can't be started.
        """


class Tending:
    """A thread that looks after incidents: at once when it is woken, and every so often.

    Only where there is a starter are investigations begun.
    """

    def __init__(
        self,
        book: IncidentBook,
        inquests: InquestTable,
        starter: Starter | None,
        *,
        now: Callable[[], datetime],
        told: Callable[[], None],
        every: float = 1.0,
    ) -> None:
        self._book, self._inquests, self._starter = book, inquests, starter
        self._now, self._told, self._every = now, told, every
        self._wake, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="incidents", daemon=True)

    def open(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop; what is being begun is begun."""
        self._closed.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """Say that there may be something to begin."""
        self._wake.set()

    def tend(self) -> None:
        """Do what is due. Raises StorageFailed."""
        changed = self._book.settle(self._now())
        if self._starter is not None:
            changed += self._inquests.note_ended()
            changed += self._begin(self._starter)
        if changed:
            self._told()

    def _run(self) -> None:
        failing = False
        while not self._closed.is_set():
            self._wake.clear()
            try:
                self.tend()
                failing = False
            except GroundwatchError as error:
                if not failing:  # once, and not every second
                    _log.warning("incidents are not looked after for now: %s", error)
                failing = True
            except Exception:  # the outermost of this thread: without it no incident is looked after any more
                _log.exception("incidents could not be looked after; it is tried again")
            self._wake.wait(self._every)

    def _begin(self, starter: Starter) -> int:
        """Begin what waits, as far as the limits let; return how many incidents changed."""
        begun = 0
        while not self._closed.is_set() and (facts := self._inquests.claim(self._now())) is not None:
            begun += 1
            problem = "no investigation can be started for now"
            try:
                found = starter.start(facts)
            except GroundwatchError as error:
                found, problem = None, str(error)
            except Exception as error:  # the outermost for one incident: the others are to be looked after still
                _log.exception("incident=%s could not be investigated", facts.id)
                found, problem = None, f"its investigation could not be started ({type(error).__name__}); see the log"
            if found is None:
                _log.warning("incident=%s is not investigated yet: %s", facts.id, problem)
                self._inquests.not_started(facts.id, problem, self._now())
            else:
                self._book.link(facts.id, found, "", self._now())
            self._told()
        return begun
