"""Recorded bundles: folders, and files of cases, that hold an incident with its telemetry."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.errors import GroundwatchError, TelemetryUnreadable
from api.investigation.incidents import Incident
from api.investigation.telemetry import Telemetry
from api.telemetry.files import read_json
from api.telemetry.layouts import groundwatch, nezha, petshop, rootcausebench, tvdiag
from api.telemetry.manifest import FILE
from api.telemetry.recording import Recording

_LAYOUTS: Mapping[str, Callable[[Path, Mapping[str, Any]], tuple[Incident, Recording]]] = {
    "nezha-tt": nezha.read,
    "nezha-ob": nezha.read,
    "petshop": petshop.read,
    "rootcausebench": rootcausebench.read,
}
_CASES = "cases.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Bundle:
    """One recorded incident: `layout` says whose format it is in."""

    name: str
    layout: str
    incident: Incident
    telemetry: Telemetry


def open_bundle(path: Path) -> Bundle:
    """Open a recorded incident. Raises TelemetryUnreadable, naming what is missing or broken and the next step."""
    if not path.is_dir():
        raise TelemetryUnreadable(f"there is no folder {str(path)!r}; give the folder of a recorded bundle")
    if (path / FILE).is_file():
        incident, own = groundwatch.read(path)
        return Bundle(incident.id, "groundwatch", incident, own)
    case = path / "case.json"
    if not case.is_file():
        raise TelemetryUnreadable(f"{path} holds neither bundle.json nor case.json; see docs/bundles.md")
    facts = read_json(case)
    layout = str(facts.get("benchmark") if isinstance(facts, dict) else None)
    if layout not in _LAYOUTS:
        raise TelemetryUnreadable(f"{case}: layout {layout!r} is not known; known are {', '.join(sorted(_LAYOUTS))}")
    try:
        incident, recorded = _LAYOUTS[layout](path, facts)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, GroundwatchError):
            raise
        raise TelemetryUnreadable(f"{case} is not as the {layout} layout has it ({error!r})") from error
    return Bundle(incident.id, layout, incident, recorded)


def open_cases(folder: Path) -> Iterator[Bundle]:
    """Give every case of a folder of cases, by id. Raises TelemetryUnreadable."""
    together = folder / _CASES
    if together.is_file():
        for name, incident, telemetry in tvdiag.read_cases(together):
            yield Bundle(name, folder.name, incident, telemetry)
        return
    cases = sorted({one.parent for name in ("case.json", FILE) for one in folder.glob(f"*/{name}")})
    if not cases:
        raise TelemetryUnreadable(
            f"{str(folder)!r} holds no cases; give a folder of folders with a {FILE} or case.json each"
        )
    for case in cases:
        yield open_bundle(case)
