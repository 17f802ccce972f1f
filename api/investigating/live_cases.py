"""Investigations of live sources as they are asked for: the incident, its windows, and which sources are asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.errors import UsageError
from api.investigating.bundle_places import BundlePlaces
from api.investigation.incidents import Incident, Symptom
from api.investigation.observations import SourceClass
from api.investigation.windows import Window, instant_of
from api.schemas.investigation_runs import AskedWindow, InvestigationRequest
from api.telemetry.live.cases import rewrite_case, write_case
from api.telemetry.live.sources import LiveSource

BASELINES = 3
"""Times the window's length, right before it: the healthy time that is compared with where none is given."""

_LONGEST_SECONDS = 7 * 86_400.0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LiveCases:
    """Prepares live cases over the sources there are; asks none of them itself."""

    sources: Sequence[LiveSource]
    places: BundlePlaces
    now: Callable[[], datetime] = _now

    def prepare(self, request: InvestigationRequest) -> str:
        """Write a live case and return the name by which it is opened.

        Raises UsageError for a window that can't be asked about and for a source that isn't there, StorageFailed.
        """
        names = asked_sources(request, self.sources)
        reference, folder = self.places.new_live()
        incident = incident_of(request, reference, self.now())
        write_case(folder, incident, names, labels=sorted(request.labels.items()))
        return reference

    def again(self, folder: Path, window: Window, baseline: Window) -> str:
        """Write the live case of a folder anew for another window and return the name by which it is opened.

        Raises TelemetryUnreadable where the case can't be read, StorageFailed.
        """
        reference, new = self.places.new_live()
        rewrite_case(folder, new, name=reference, window=window, baseline=baseline)
        return reference


def asked_sources(request: InvestigationRequest, sources: Sequence[LiveSource]) -> list[str]:
    """Return the names of the sources to ask. Raises UsageError where there is none, or not one of that name."""
    names = [one.name for one in sources]
    if not any(one.gives - {SourceClass.CHANGE} for one in sources):
        raise UsageError(
            "no source is connected, so there is nothing to ask about a window; name your systems in a file and "
            "set GROUNDWATCH_TELEMETRY_FILE to it (docs/telemetry.md), or give a recorded bundle"
        )
    for one in request.sources:
        if one not in names:
            raise UsageError(f"there is no source {one!r}; there are {', '.join(map(repr, names))}")
    return list(dict.fromkeys(request.sources)) or names


def incident_of(request: InvestigationRequest, name: str, now: datetime) -> Incident:
    """Return the incident that a request means, its window ending now where it tells no end. Raises UsageError."""
    assert request.window is not None, "a request without a bundle has a window"
    window = _window(request.window, now, "window")
    baseline = window.before(BASELINES * window.seconds)
    if request.baseline is not None:
        baseline = _window(request.baseline, now, "baseline")
        if baseline.overlap(window) is not None:
            raise UsageError(f"baseline {baseline} overlaps window {window}; give healthy time that lies before it")
    component = request.component or None
    text = request.symptom or request.alert or (f"trouble at {component}" if component else "trouble was noticed")
    return Incident(
        id=name,
        title=request.title or text,
        symptom=Symptom(text, component, request.metric or None, None, request.alert or None, request.severity or None),
        window=window,
        baseline=baseline,
        components=tuple(dict.fromkeys(request.components)),
    )


def _window(asked: AskedWindow, now: datetime, field: str) -> Window:
    end = min(asked.end or now, now)
    if asked.start >= end:
        raise UsageError(
            f"{field} starts {asked.start.isoformat()!r} and would end {end.isoformat()!r} (now at the latest), so it "
            "holds no time; give a start before the end"
        )
    window = Window(instant_of(asked.start), instant_of(end))
    if window.seconds > _LONGEST_SECONDS:
        raise UsageError(f"{field} {window} is longer than seven days; give the hours of the trouble")
    return window
