"""The steps of a running investigation, kept as they come, from whichever thread they come."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from api.errors import GroundwatchError
from api.investigation.investigations import Step
from api.schemas.investigation_forms import to_step
from api.schemas.investigations import StepView

_log = logging.getLogger(__name__)
_Content = tuple[str, str, str, str]


class StepStore(Protocol):
    """Where steps are kept."""

    def append(self, investigation_id: str, steps: Sequence[StepView]) -> int:
        """Keep steps after those that are there; return the last number."""


class Recorder:
    """Keeps the steps of one investigation; safe to use from many threads, none of which waits for the database.

    `earlier` are the steps of an attempt whose process ended: what is said again is not kept again. A thread of its
    own writes what has come, several steps at once where they come fast. Where that fails, `give_up` is set.
    """

    def __init__(
        self,
        store: StepStore,
        investigation_id: str,
        *,
        earlier: Iterable[StepView],
        give_up: threading.Event,
        told: Callable[[str], None] = lambda _investigation_id: None,
    ) -> None:
        self._store, self._id, self._give_up, self._told = store, investigation_id, give_up, told
        self._earlier = Counter(_content(one) for one in earlier)
        self._change = threading.Condition()
        self._waiting: list[StepView] = []
        self._ended = False
        self._writing = False
        self._failure: GroundwatchError | None = None
        self._writer = threading.Thread(target=self._write, name="investigation-steps", daemon=True)
        self._writer.start()

    def emit(self, step: Step) -> None:
        """Take a step. Once the investigation was given up, nothing counts any more."""
        view = to_step(step)
        with self._change:
            if self._give_up.is_set() or self._ended:
                return
            if self._earlier[_content(view)] > 0:
                self._earlier[_content(view)] -= 1
                return
            self._waiting.append(view)
            self._change.notify_all()

    def flush(self, seconds: float) -> None:
        """Wait until what was said is kept, for a time at most."""
        with self._change:
            self._change.wait_for(lambda: self._failure is not None or not (self._waiting or self._writing), seconds)

    def end(self) -> None:
        """Wait until all is kept; raises what kept it from being so."""
        with self._change:
            self._ended = True
            self._change.notify_all()
        self._writer.join()
        if self._failure is not None:
            raise self._failure

    def _write(self) -> None:
        while steps := self._next():
            try:
                self._store.append(self._id, steps)
            except GroundwatchError as error:
                _log.info("investigation %s stops: %s", self._id, error)
                with self._change:
                    self._failure = error
                    self._change.notify_all()
                self._give_up.set()
                return
            self._told(self._id)

    def _next(self) -> list[StepView]:
        """Wait for steps; none at the end."""
        with self._change:
            self._writing = False
            self._change.notify_all()
            while not self._waiting and not self._ended:
                self._change.wait()
            steps, self._waiting = self._waiting, []
            self._writing = bool(steps)
            return steps


def _content(step: StepView) -> _Content:
    return step.stage.value, step.specialist, step.text, step.ref
