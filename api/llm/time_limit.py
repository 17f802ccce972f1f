"""A hard end for work that streams: the caller goes on when time is up, whatever the worker waits for."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

T = TypeVar("T")

_WAITING_PIECES = 256
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Ended:
    """The last thing in the queue: why the work ended, None where it is done."""

    error: BaseException | None


def within(seconds: float, work: Callable[[], Iterator[T]], late: Callable[[], Exception]) -> Iterator[T]:
    """Yield what `work` yields; raise `late()` once `seconds` have passed since the first piece was asked for.

    The work runs in a thread, since no timeout of a socket bounds the resolution of a name or a slow drip of bytes.
    A worker that is late is left behind and stops at its next piece; it has to bound its own waits too.
    """
    worker = _Worker(work)
    end = time.monotonic() + seconds
    threading.Thread(target=worker.run, name="language-model-call", daemon=True).start()
    try:
        while True:
            try:
                item = worker.items.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                raise late() from None
            if isinstance(item, _Ended):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        worker.stopped.set()


class _Worker(Generic[T]):
    def __init__(self, work: Callable[[], Iterator[T]]) -> None:
        self.items: Queue[T | _Ended] = Queue(_WAITING_PIECES)
        self.stopped = threading.Event()
        self._work = work

    def run(self) -> None:
        """Put the pieces into the queue, and last how the work ended."""
        error: BaseException | None = None
        try:
            for piece in self._work():
                if not self._put(piece):
                    return
        except BaseException as raised:  # it is raised in the thread of the caller, who waits for it
            error = raised
        self._put(_Ended(error))

    def _put(self, item: "T | _Ended") -> bool:
        """Return False where nobody takes pieces any more."""
        while not self.stopped.is_set():
            try:
                self.items.put(item, timeout=_LOOK_SECONDS)
            except Full:
                continue
            return True
        return False
