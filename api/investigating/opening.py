"""What a runner needs from outside: a bundle opened by its folder."""

from pathlib import Path
from typing import Protocol

from api.investigation.incidents import Incident
from api.investigation.telemetry import Telemetry


class OpenedBundle(Protocol):
    """A recorded bundle."""

    @property
    def incident(self) -> Incident:
        """What was noticed."""

    @property
    def telemetry(self) -> Telemetry:
        """What was recorded around it."""


class BundleOpener(Protocol):
    """Opens bundles."""

    def __call__(self, path: Path) -> OpenedBundle:
        """Open the bundle in a folder; raises UsageError or TelemetryUnreadable that says what is wrong with it."""
