"""Recorded incidents with their labels, and what the specialists report on each: the material of the evaluation."""

import gzip
import json
import pickle
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.investigating.parts import specialists
from api.investigation.findings import Gap
from api.investigation.incidents import Incident
from api.investigation.inquiry import all_gaps
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget, Report
from api.investigation.telemetry import Telemetry
from api.telemetry.ablation import WithoutModality
from api.telemetry.bundles import open_cases
from evals.investigation_memory import growth
from ingest.errors import UsageError

_SECONDS, _ROWS = 120.0, 50_000_000
_FORM = 2  # of what is kept; raised when Case changes

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Truth:
    """The label of a case; `component` and `change` are None where it names none, `healthy` where none is at fault.

    `family` is (service, kind), which no two folds share; `term` the data set's own word for the kind.
    """

    component: str | None
    term: str
    family: str
    healthy: bool
    change: str | None
    decoys: tuple[str, ...]
    radius: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its set, its label, the incident, what each specialist reported in how many seconds, and all gaps.

    `sources` are the classes that it has, hidden ones left out; `peak` how many bytes the process grew, None where the
    system can't tell.
    """

    set: str
    name: str
    incident: Incident
    truth: Truth
    reports: tuple[Report, ...]
    gaps: tuple[Gap, ...]
    seconds: float
    sources: tuple[SourceClass, ...]
    peak: int | None

    @property
    def mix(self) -> str:
        """The classes of sources that there are, in words."""
        return "+".join(self.sources) or "none"


def read_truths(folder: Path) -> dict[str, Truth]:
    """Return the labels of a folder of cases, by case. Raises UsageError where there are none."""
    together = folder / "truth.jsonl.gz"
    if together.is_file():
        with gzip.open(together, "rt", encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
    else:
        records = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*/truth.json"))]
    if not records:
        raise UsageError(f"{str(folder)!r} holds no labels (truth.json or truth.jsonl.gz); give a folder of cases")
    return {record["case_id"]: _truth(record, folder.name) for record in records}


def report_on(
    folders: Sequence[Path],
    progress: Progress,
    *,
    without: frozenset[SourceClass] = frozenset(),
    guilty_hidden: bool = False,
    only: frozenset[str] | None = None,
) -> Iterator[Case]:
    """Let the specialists look at every case, or at those named in `only`.

    `without` hides classes of sources, `guilty_hidden` all telemetry of the component that the label names.
    """
    for folder in folders:
        truths = read_truths(folder)
        bundles = [one for one in open_cases(folder) if only is None or one.name in only]
        for number, bundle in enumerate(bundles, start=1):
            truth = truths[bundle.name]
            telemetry: Telemetry = bundle.telemetry
            hidden = frozenset({truth.component} if guilty_hidden and truth.component else ())
            if without or hidden:
                telemetry = WithoutModality(telemetry, without, hidden)
            yield _looked_at(folder.name, bundle.name, bundle.incident, telemetry, truth)
            progress(folder.name, number, len(bundles))


def kept(file: Path, make: Callable[[], Iterator[Case]]) -> list[Case]:
    """Return cases from a file of an earlier run, or make and keep them there; the file is only for this machine."""
    if file.is_file():
        with file.open("rb") as opened:
            held = pickle.load(opened)  # written by the lines below
        if not isinstance(held, _Kept) or held.form != _FORM:
            raise UsageError(f"{str(file)!r} was kept by another version of this command; remove it and run again")
        return held.cases
    cases = list(make())
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as opened:
        pickle.dump(_Kept(_FORM, cases), opened)
    return cases


@dataclass(frozen=True)
class _Kept:
    """What a file of kept cases holds; without slots, so that one of another form still opens."""

    form: int
    cases: list[Case]


def _looked_at(set_: str, name: str, incident: Incident, telemetry: Telemetry, truth: Truth) -> Case:
    cancelled = threading.Event()
    with growth() as memory:
        started = time.perf_counter()
        reports = tuple(
            one.investigate(Brief(incident, telemetry, Budget(_SECONDS, _ROWS, cancelled=cancelled)))
            for one in specialists()
        )
        seconds = time.perf_counter() - started
    gaps, sources = all_gaps(telemetry.coverage(), reports), _sources(telemetry, incident)
    return Case(set_, name, incident, truth, reports, gaps, seconds, sources, memory.peak)


def _sources(telemetry: Telemetry, incident: Incident) -> tuple[SourceClass, ...]:
    """Return the classes that tell something, by rows of their own or by alerts."""
    told = {one.source for one in telemetry.coverage() if not one.missing and one.component is None}
    told |= {one.source for one in telemetry.happenings(incident.window)}
    return tuple(one for one in SourceClass if one in told)


def _truth(record: Mapping[str, Any], set_: str) -> Truth:
    term = str(record["fault_kind"])
    service = record.get("root_cause_service")
    change = record.get("root_cause_commit")
    return Truth(
        component=str(service) if service else None,
        term=term,
        family=f"{set_}/{record.get('family', record['case_id'])}",
        healthy=term == "healthy",
        change=str(change) if change else None,
        decoys=tuple(str(one) for one in record.get("decoy_commits", ())),
        radius=tuple(str(one) for one in record["blast_radius"]) if "blast_radius" in record else None,
    )
