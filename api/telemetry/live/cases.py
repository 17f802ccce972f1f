"""Live cases: a folder that says which incident to look at in which sources, and keeps what they told."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from api.errors import TelemetryUnreadable
from api.investigation.incidents import Incident
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Telemetry
from api.investigation.windows import Window
from api.telemetry.exporting import manifest_of
from api.telemetry.live.capturing import CapturingTelemetry
from api.telemetry.live.joined import gather
from api.telemetry.live.sources import LiveSource, Scope
from api.telemetry.manifest import Manifest
from api.telemetry.recording import Recording
from ingest.errors import StorageFailed

FILE = "live.json"


class _Case(BaseModel):
    """live.json, version 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    incident: Manifest
    sources: tuple[str, ...]
    labels: tuple[tuple[str, str], ...] = ()


class OpenedBundle(Protocol):
    """An incident with its telemetry."""

    @property
    def incident(self) -> Incident:
        """What was noticed."""

    @property
    def telemetry(self) -> Telemetry:
        """What is known around it."""


@dataclass(frozen=True, slots=True)
class LiveCase:
    """An incident, and what sources tell of it: asked once, then read from what was kept."""

    incident: Incident
    telemetry: Telemetry


def write_case(
    folder: Path, incident: Incident, sources: Sequence[str], *, labels: Sequence[tuple[str, str]] = ()
) -> None:
    """Write which incident to look at, and the names of the sources to ask, into a new folder; asks nothing yet.

    Raises StorageFailed.
    """
    case = _Case(version=1, incident=manifest_of(incident), sources=tuple(sources), labels=tuple(labels))
    try:
        folder.mkdir(parents=True)
        (folder / FILE).write_text(f"{case.model_dump_json(indent=1)}\n", encoding="utf-8")
    except OSError as error:
        raise StorageFailed(
            f"cannot keep a live case in {str(folder)!r} ({error.strerror}); check free space and permissions"
        ) from error


def rewrite_case(folder: Path, new: Path, *, name: str, window: Window, baseline: Window | None) -> None:
    """Write the case of a folder into a new one, for another window; asks nothing yet.

    Raises TelemetryUnreadable where it can't be read, StorageFailed.
    """
    case = _read(folder / FILE)
    incident = replace(case.incident.incident(None), id=name, window=window, baseline=baseline)
    write_case(new, incident, case.sources, labels=case.labels)


@dataclass(frozen=True, slots=True)
class CaseOpener:
    """Opens live cases over the sources there are, and every other folder with `open_bundle`."""

    sources: Sequence[LiveSource]
    open_bundle: Callable[[Path], OpenedBundle]

    def __call__(self, path: Path) -> OpenedBundle:
        """Open a folder; asks no source yet. Raises TelemetryUnreadable that says what is wrong with it."""
        if not (path / FILE).is_file():
            return self.open_bundle(path)
        case = _read(path / FILE)
        incident = case.incident.incident(None)
        return LiveCase(incident, CapturingTelemetry(path, incident, lambda: self._ask(case, incident)))

    def _ask(self, case: _Case, incident: Incident) -> Telemetry:
        there = {one.name: one for one in self.sources}
        scope = Scope(incident.window, incident.baseline, incident.components, case.labels)
        asked = [there[name] for name in case.sources if name in there]
        found = gather(asked, scope)
        return with_gaps(found, [name for name in case.sources if name not in there])


def with_gaps(recording: Recording, gone: Sequence[str]) -> Recording:
    """Return a recording whose coverage also tells of sources that are gone, and of classes that no source gives."""
    given = {one.source for one in recording.facts}
    lost = [
        Coverage(source, name, None, None, missing=f"the file of sources has no source {name!r} any more")
        for name in gone
        for source in _CLASSES
        if source not in given
    ]
    bare = [
        Coverage(source, "sources", None, None, missing="no source that gives them is connected")
        for source in _CLASSES
        if source not in given and not gone
    ]
    return Recording(
        (*recording.facts, *lost, *bare), recording.every_series, recording.read_spans, recording.read_logs,
        recording.every_happening, recording.every_edge,
    )  # fmt: skip


_CLASSES = (SourceClass.METRIC, SourceClass.LOG, SourceClass.TRACE, SourceClass.EVENT, SourceClass.CHANGE)


def _read(file: Path) -> _Case:
    try:
        return _Case.model_validate(json.loads(file.read_bytes()))
    except OSError as error:
        raise TelemetryUnreadable(f"cannot read {file} ({error.strerror}); start the investigation again") from error
    except (ValidationError, ValueError, RecursionError) as error:
        raise TelemetryUnreadable(f"{file} is not as it was written; start the investigation again") from error
