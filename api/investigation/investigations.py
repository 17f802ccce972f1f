"""One investigation: the steps that a reader follows while it runs, and all that came of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from api.investigation.findings import Finding, Gap
from api.investigation.hypotheses import Hypothesis, RuledOut
from api.investigation.incidents import Incident
from api.investigation.observations import Observation
from api.investigation.reports import Call
from api.investigation.telemetry import Coverage, Telemetry
from api.investigation.verdicts import Verdict


class Stage(StrEnum):
    """What a step of an investigation is about."""

    PLAN = "plan"
    QUERY = "query"
    OBSERVATION = "observation"
    FINDING = "finding"
    GAP = "gap"
    AUDIT = "audit"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the stream: one sentence for a reader.

    `number` counts from 1 without holes. `specialist` is empty for what concerns the whole, `ref` the id of the
    observation or finding that it is about.
    """

    number: int
    stage: Stage
    specialist: str
    text: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class SpecialistRun:
    """How one specialist ended: `state` is done, failed, timed_out or cancelled, `detail` says why."""

    name: str
    state: str
    detail: str
    rows_read: int


@dataclass(frozen=True, slots=True)
class Investigation:
    """All that came of one investigation; `version` is that of this format, hypotheses stand best first.

    `rejected` are ids of findings that a person rejected: they are kept, and nothing rests on them.
    """

    version: int
    incident: Incident
    coverage: tuple[Coverage, ...]
    runs: tuple[SpecialistRun, ...]
    observations: tuple[Observation, ...]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    calls: tuple[Call, ...]
    hypotheses: tuple[Hypothesis, ...]
    ruled_out: tuple[RuledOut, ...]
    blast_radius: tuple[str, ...]
    verdict: Verdict
    rejected: tuple[str, ...] = ()


class Investigator(Protocol):
    """One who investigates an incident from its telemetry."""

    def investigate(
        self, incident: Incident, telemetry: Telemetry, *, emit: Callable[[Step], None], cancelled: threading.Event
    ) -> Investigation:
        """Investigate; `emit` is called for each step, from any thread. Ends early once `cancelled` is set."""
