"""The service graph by which alerts are grouped, put together beside the work and now and then anew."""

import logging
import threading
from collections.abc import Callable, Iterable

from api.errors import GroundwatchError
from api.incidents.service_graph import ServiceGraph

Edges = Callable[[], Iterable[tuple[str, str]]]

_log = logging.getLogger(__name__)


class KnownGraph:
    """A graph of pairs of services that `edges` gives: that may take seconds, for which no alert waits."""

    def __init__(self, edges: Edges, *, every: float = 60.0) -> None:
        self._edges, self._every = edges, every
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="service graph", daemon=True)
        self.now = ServiceGraph()
        """The graph as it was put together last; without edges before the first time."""

    def open(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop; what is being put together is left to itself."""
        self._closed.set()

    def refresh(self) -> None:
        """Put the graph together; where that can't be done, it stays as it was."""
        try:
            self.now = ServiceGraph(self._edges())
        except GroundwatchError as error:
            _log.info("alerts are grouped without newer dependencies of services: %s", error)
        except Exception:  # the outermost of this thread: the next time may go better
            _log.exception("dependencies of services could not be put together; alerts are grouped by the last ones")

    def _run(self) -> None:
        while not self._closed.is_set():
            self.refresh()
            self._closed.wait(self._every)
