"""The threads that work on investigations: each takes one from the database, runs it and keeps what came of it."""

import logging
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from api.errors import GroundwatchError, NotFound
from api.investigating.bundle_places import BundlePlaces
from api.investigating.moved import moved
from api.investigating.opening import BundleOpener
from api.investigating.recording import Recorder
from api.investigating.working import worked
from api.investigation.investigations import Investigator
from api.schemas.investigation_agent import to_agent_notes
from api.schemas.investigation_forms import distinct, to_detail, to_result
from api.schemas.investigation_runs import RunState
from api.schemas.investigations import StepView
from api.storage.investigation_claims import Claim, ClaimLost, ClaimTable, Outcome
from ingest.errors import StorageFailed

MAX_ATTEMPTS = 3
"""How often an investigation is begun: one that ends its process each time must not do so for ever."""

_LOOK_SECONDS = 5.0  # between two looks for what other processes left
_FLUSH_SECONDS = 2.0
_KEEP_SECONDS = 10.0  # between two signs of life; a claim lapses after 60

_log = logging.getLogger(__name__)


class StepReader(Protocol):
    """Where the steps of earlier attempts are read from."""

    def steps(self, investigation_id: str, *, after: int) -> list[StepView]:
        """Return the steps whose number is above `after`."""


class Runners:
    """Works on at most `at_once` investigations. Starts with `start`.

    `told` hears of each change of one, and `done` of each that is done, before its readers do.
    """

    def __init__(
        self,
        claims: ClaimTable,
        steps: StepReader,
        places: BundlePlaces,
        open_bundle: BundleOpener,
        investigator: Investigator,
        *,
        at_once: int,
        told: Callable[[str], None],
        done: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._claims, self._steps, self._places, self._done = claims, steps, places, done
        self._open_bundle, self._investigator, self._told = open_bundle, investigator, told
        self._taking = threading.Lock()  # one takes at a time, so that what is taken is known to be at work here
        self._at_work: dict[str, threading.Event] = {}
        self._recorders: dict[str, Recorder] = {}
        self._work = threading.Condition()
        self._calls = 0  # to work, so that none is missed between a look and a wait
        self._closing = threading.Event()
        self._at_once = at_once
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work, with what waits or was left half-way."""
        self._closing.clear()
        self._threads = [
            threading.Thread(target=self._serve, name=f"investigation-{number}", daemon=True)
            for number in range(self._at_once)
        ]
        self._threads.append(threading.Thread(target=self._keep, name="investigation-claims", daemon=True))
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Say that there is something to do."""
        with self._work:
            self._calls += 1
            self._work.notify()

    def keep_said(self, investigation_id: str) -> None:
        """Wait a little until the steps that were said here are kept, before they no longer can be."""
        recorder = self._recorders.get(investigation_id)
        if recorder is not None:
            recorder.flush(_FLUSH_SECONDS)

    def stop(self, investigation_id: str) -> None:
        """Call off an investigation that is at work here, once it was cancelled or deleted."""
        with self._taking:
            cancelled = self._at_work.get(investigation_id)
        if cancelled is not None:
            cancelled.set()

    def close(self, patience: float = 5.0) -> None:
        """Call off what is at work and put it back, so that the next start takes it up."""
        self._closing.set()
        with self._taking:
            going_on = list(self._at_work.values())
        for cancelled in going_on:
            cancelled.set()
        with self._work:
            self._work.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(patience)

    def _serve(self) -> None:
        while not self._closing.is_set():
            calls = self._calls
            try:
                claim = self._take()
                if claim is None:
                    self._wait(calls)
                else:
                    self._run(claim)
            except GroundwatchError as error:
                _log.warning("cannot look for investigations: %s", error)
                self._wait(calls)
            except Exception:  # the outermost of this thread, which must go on with the next; this one lapses
                _log.exception("an investigation could not be kept")

    def _wait(self, calls: int) -> None:
        with self._work:
            if calls == self._calls and not self._closing.is_set():
                self._work.wait(_LOOK_SECONDS)

    def _take(self) -> Claim | None:
        with self._taking:
            claim = self._claims.take(datetime.now(UTC), besides=tuple(self._at_work))
            if claim is not None:
                self._at_work[claim.investigation_id] = threading.Event()
        return claim

    def _run(self, claim: Claim) -> None:
        """Work on one and keep how it ended; what the database refuses lapses, and is taken up again later."""
        cancelled = self._at_work[claim.investigation_id]
        self._told(claim.investigation_id)
        try:
            outcome = self._outcome(claim, cancelled)
            if cancelled.is_set() and self._closing.is_set():
                self._claims.release(claim.investigation_id)
            else:
                self._claims.finish(claim.investigation_id, outcome, datetime.now(UTC))
                if outcome.state is RunState.DONE:
                    self._done(claim.investigation_id)
        except ClaimLost as lost:
            _log.info("%s", lost)
        except StorageFailed as error:
            _log.warning("investigation %s is not kept and will be begun again: %s", claim.investigation_id, error)
        finally:
            with self._taking:
                del self._at_work[claim.investigation_id]
            self._told(claim.investigation_id)

    def _outcome(self, claim: Claim, cancelled: threading.Event) -> Outcome:
        """Investigate; raises ClaimLost and StorageFailed where its steps cannot be kept."""
        if claim.attempts > MAX_ATTEMPTS:
            return Outcome(
                RunState.INTERRUPTED,
                f"it was begun {MAX_ATTEMPTS} times and its process ended each time; look into the log and the memory "
                "of the machine, then start it again with a smaller bundle",
            )
        try:
            return self._investigated(claim, cancelled)
        except (ClaimLost, StorageFailed):
            raise
        except NotFound as error:
            gone = claim.attempts > 1
            reason = f"its process ended half-way, and it can't be taken up again: {error}" if gone else str(error)
            return Outcome(RunState.INTERRUPTED if gone else RunState.FAILED, reason)
        except GroundwatchError as error:
            return Outcome(RunState.FAILED, str(error))
        except Exception:  # whatever an investigator lets out ends this one only, and the log has it
            number = uuid.uuid4().hex[:12]
            _log.exception("investigation %s failed (%s)", claim.investigation_id, number)
            return Outcome(RunState.FAILED, f"something failed that was not foreseen; the log has it under id {number}")

    def _investigated(self, claim: Claim, cancelled: threading.Event) -> Outcome:
        bundle = moved(self._open_bundle(self._places.folder(claim.bundle)), claim.window)
        earlier = self._steps.steps(claim.investigation_id, after=0)
        recorder = Recorder(self._claims, claim.investigation_id, earlier=earlier, give_up=cancelled, told=self._told)
        self._recorders[claim.investigation_id] = recorder
        try:
            done = worked(bundle, self._investigator, emit=recorder.emit, cancelled=cancelled)
        finally:
            del self._recorders[claim.investigation_id]
            recorder.end()
        found = done.investigation
        return Outcome(
            RunState.DONE,
            result=to_result(found),
            observations=[to_detail(one) for one in distinct(found.observations)],
            agent=to_agent_notes(done.agent) if done.agent is not None else None,
        )

    def _keep(self) -> None:
        """Say now and then that this process lives, and call off what it holds no more."""
        while not self._closing.wait(_KEEP_SECONDS):
            with self._taking:
                at_work = dict(self._at_work)
            try:
                lost = self._claims.keep(list(at_work), datetime.now(UTC)) if at_work else set()
            except GroundwatchError as error:
                _log.warning("cannot go on holding investigations: %s", error)
                continue
            for investigation_id in lost:
                at_work[investigation_id].set()
