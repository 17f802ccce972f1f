"""A recorded incident looked at in another window than its own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, ValidationError

from api.investigating.opening import OpenedBundle
from api.investigation.incidents import Incident
from api.investigation.telemetry import Coverage, Edge, Happening, LogLines, Series, Spans, Telemetry
from api.investigation.windows import Window
from ingest.errors import StorageFailed


class Moved(BaseModel):
    """The window and the baseline to look at, each as start and end in microseconds since the epoch."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: tuple[int, int]
    baseline: tuple[int, int] | None

    @classmethod
    def to(cls, window: Window, baseline: Window | None) -> "Moved":
        """Return it for two windows."""
        return cls(
            window=(window.start, window.end), baseline=(baseline.start, baseline.end) if baseline is not None else None
        )


@dataclass(frozen=True, slots=True)
class MovedBundle:
    """A bundle whose incident has another window."""

    incident: Incident
    telemetry: Telemetry


def moved(bundle: OpenedBundle, stored: str | None) -> OpenedBundle:
    """Return a bundle as it is looked at: in the stored window, or its own without one. Raises StorageFailed."""
    if stored is None:
        return bundle
    try:
        other = Moved.model_validate_json(stored)
    except ValidationError as error:
        raise StorageFailed("the window of this investigation can't be read; start it again") from error
    window = Window(*other.window)
    baseline = Window(*other.baseline) if other.baseline is not None else None
    incident = replace(bundle.incident, window=window, baseline=baseline)
    return MovedBundle(incident, _MovedTelemetry(bundle.telemetry, window))


def apart(baseline: Window | None, window: Window) -> Window | None:
    """Return the part of a baseline that lies before a window; None where there is none."""
    if baseline is None or baseline.start >= window.start:
        return None
    return Window(baseline.start, min(baseline.end, window.start))


@dataclass(frozen=True, slots=True)
class _MovedTelemetry:
    """Telemetry whose sources' own baselines end before the window."""

    telemetry: Telemetry
    window: Window

    def coverage(self) -> tuple[Coverage, ...]:
        return tuple(replace(one, baseline=apart(one.baseline, self.window)) for one in self.telemetry.coverage())

    def series(self, window: Window) -> Iterator[Series]:
        return self.telemetry.series(window)

    def spans(self, window: Window) -> Iterator[Spans]:
        return self.telemetry.spans(window)

    def logs(self, window: Window) -> Iterator[LogLines]:
        return self.telemetry.logs(window)

    def happenings(self, window: Window) -> Iterator[Happening]:
        return self.telemetry.happenings(window)

    def edges(self) -> tuple[Edge, ...]:
        return self.telemetry.edges()
