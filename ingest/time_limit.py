"""A limit on how long one document may take to read, so that a pathological one cannot hang a run."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ingest.errors import DocumentUnreadable


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise DocumentUnreadable in the block where it takes longer than `seconds`.

    It rests on SIGALRM, so it holds in the main thread only (in which runs and their workers read), and a
    call into a C library is interrupted when it returns. Elsewhere the block runs without a limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise DocumentUnreadable(
            f"took longer than {seconds:g} s to read and was given up; split it, or raise GROUNDWATCH_READ_SECONDS"
        )

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
