"""What an investigation of live sources saw, kept: asked for once, written as a bundle, and read from there."""

import logging
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from api.investigation.incidents import Incident
from api.investigation.telemetry import Coverage, Edge, Happening, LogLines, Series, Spans, Telemetry
from api.investigation.windows import Window
from api.telemetry.exporting import write_bundle
from api.telemetry.layouts import groundwatch
from api.telemetry.manifest import FILE
from ingest.errors import StorageFailed

RECORDED = "recorded"
"""The folder, below that of a live case, that holds what was seen: a bundle like any other."""

_UNDONE = ".recording-"

_log = logging.getLogger(__name__)


class CapturingTelemetry:
    """Telemetry that asks live sources once, at its first use, and from then on reads what was recorded.

    All classes are asked at the same time, before the first is read: so every specialist sees the same coverage as in
    a later run over the recording, and both come to the same report. A recording that a process left half-way is made
    again. Safe to use from several threads. Raises StorageFailed where it can't be written.
    """

    def __init__(self, folder: Path, incident: Incident, ask: Callable[[], Telemetry]) -> None:
        self._folder, self._incident, self._ask = folder, incident, ask
        self._lock = threading.Lock()
        self._opened: Telemetry | None = None

    def coverage(self) -> tuple[Coverage, ...]:
        """Tell what there is."""
        return self._recorded().coverage()

    def series(self, window: Window) -> Iterator[Series]:
        """Give each series that has points inside `window`, cut to it."""
        return self._recorded().series(window)

    def spans(self, window: Window) -> Iterator[Spans]:
        """Give the spans that start inside `window`."""
        return self._recorded().spans(window)

    def logs(self, window: Window) -> Iterator[LogLines]:
        """Give the log lines inside `window`."""
        return self._recorded().logs(window)

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Give the events and changes inside `window`."""
        return self._recorded().happenings(window)

    def edges(self) -> tuple[Edge, ...]:
        """Give the calls that a source states."""
        return self._recorded().edges()

    def _recorded(self) -> Telemetry:
        with self._lock:
            if self._opened is None:
                recorded = self._folder / RECORDED
                if not (recorded / FILE).is_file():
                    self._record(recorded)
                self._opened = groundwatch.read(recorded)[1]
            return self._opened

    def _record(self, recorded: Path) -> None:
        """Ask, write to a folder beside it, and give that its name once all of it is there."""
        for left in [recorded, *self._folder.glob(f"{_UNDONE}*")]:
            shutil.rmtree(left, ignore_errors=True)
        undone = self._folder / f"{_UNDONE}{uuid.uuid4().hex}"
        try:
            write_bundle(undone, self._incident, self._ask())
            undone.rename(recorded)
        except OSError as error:
            raise StorageFailed(
                f"cannot keep what sources told in {str(recorded)!r} ({error.strerror}); check free space and "
                "permissions"
            ) from error
        finally:
            shutil.rmtree(undone, ignore_errors=True)
