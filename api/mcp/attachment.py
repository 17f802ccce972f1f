"""The assistant of a process beside the API: the running API where there is one, else the index opened here."""

import threading
import time
from collections.abc import Callable

from api.assistant import Assistant


class Attachment:
    """Find out whom to ask; an API that was started meanwhile is used, and the index here let go.

    `find` returns the URL of a running API or None, and is asked at most every `check_every` seconds; `connect`
    asks the API at a URL, `open_here` opens the index. Safe to use from many threads.
    """

    def __init__(
        self,
        find: Callable[[], str | None],
        connect: Callable[[str], Assistant],
        open_here: Callable[[], Assistant],
        *,
        check_every: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find, self._connect, self._open_here = find, connect, open_here
        self._check_every, self._clock = check_every, clock
        self._lock = threading.Lock()
        self._checked_at = float("-inf")
        self._url: str | None = None
        self._here: Assistant | None = None
        self._clients: dict[str, Assistant] = {}

    def assistant(self) -> Assistant:
        """Return the assistant to use for one call."""
        with self._lock:
            if self._clock() - self._checked_at >= self._check_every:
                self._url = self._find()
                self._checked_at = self._clock()
            if self._url is None:
                self._here = self._here or self._open_here()
                return self._here
            if self._here is not None:
                self._here.close()  # the embedded index has one opener, and now that is the API
                self._here = None
            # A client whose API is gone is kept until the end: a call in another thread may be using it.
            if self._url not in self._clients:
                self._clients[self._url] = self._connect(self._url)
            return self._clients[self._url]

    def close(self) -> None:
        """Let go of the index and of all connections."""
        with self._lock:
            opened = [*self._clients.values(), *([self._here] if self._here is not None else [])]
            self._clients, self._here = {}, None
        for one in opened:
            one.close()
