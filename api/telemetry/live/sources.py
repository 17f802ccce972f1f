"""A connected source of telemetry: what may be asked of it for one incident, and the port that each adapter fills."""

from dataclasses import dataclass
from typing import Protocol

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Telemetry
from api.investigation.windows import Window


@dataclass(frozen=True, slots=True)
class Limits:
    """What one investigation may ask of one source: seconds in all, rows, bytes, and requests at the same time."""

    seconds: float = 20.0
    rows: int = 2_000_000
    bytes: int = 100_000_000
    at_once: int = 4


@dataclass(frozen=True, slots=True)
class Scope:
    """What an incident asks of a source: its window, the healthy time before it, and what it is about.

    `components` narrow it where that is told, and are empty for all; `labels` are those of the alert.
    """

    window: Window
    baseline: Window | None
    components: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a source is: `version` is what it says of itself, `problem` why it can't be used, empty where it can."""

    name: str
    kind: str
    url: str
    version: str = ""
    problem: str = ""
    seconds: float = 0.0


class LiveSource(Protocol):
    """One connected system, such as a Prometheus, under the name that observations tell.

    Its telemetry never raises for what a server does: what could not be had (down, slow, refused, cut off, too large)
    is told by `coverage`, asked again after reading, as `missing`, or as `cut` where a part came.
    """

    @property
    def name(self) -> str:
        """Its name in the settings: the `instance` of each observation."""

    @property
    def kind(self) -> str:
        """Which system it is, such as prometheus."""

    @property
    def gives(self) -> frozenset[SourceClass]:
        """The classes of sources that it can give."""

    def telemetry(self, scope: Scope) -> Telemetry:
        """Return what it tells of an incident; asks nothing yet."""

    def health(self) -> SourceHealth:
        """Ask whether it can be used."""
