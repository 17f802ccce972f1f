"""One investigation on the wire: the incident, what was seen, what was concluded, and how far that is settled."""

import math
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Finding, GapReason
from api.investigation.investigations import Stage
from api.investigation.observations import SourceClass
from api.investigation.signals import Signal
from api.investigation.verdicts import VerdictState
from api.schemas.investigation_calibration import Calibration
from api.schemas.places import Wire

INVESTIGATION_VERSION: Literal[1] = 1
"""Version of the form below; another one means fields that a reader of this one would misread."""

_DIGITS = 6
_LARGEST = 1e300  # JSON has no infinity


def rounded(value: float) -> float:
    """Return a number to 6 significant digits, its whole part always in full, so that the same JSON comes of it."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, max(0, _DIGITS - 1 - math.floor(math.log10(abs(value)))))


def whole_text(value: object) -> object:
    """Return a text that every encoder takes: half a surrogate pair becomes a mark."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _rounded(value: object) -> object:
    if not isinstance(value, float):
        return value
    if math.isnan(value):
        return 0.0
    return rounded(max(-_LARGEST, min(_LARGEST, value)))


def _finite(value: object) -> object:
    """Return a cell as JSON can hold it: what is no number becomes nothing."""
    return None if isinstance(value, float) and not math.isfinite(value) else whole_text(value)


def _ids(values: Sequence[object]) -> list[object]:
    return [one.id if isinstance(one, Finding) else one for one in values]


Words = Annotated[str, BeforeValidator(whole_text)]
Number = Annotated[float, BeforeValidator(_rounded)]
Cell = Annotated[str | int | float | bool | None, BeforeValidator(_finite)]
FindingIds = Annotated[list[Words], BeforeValidator(_ids)]
Instant = Annotated[int, Field(description="Microseconds since the epoch, UTC.")]


class Window(Wire):
    """From `start` up to, not including, `end`."""

    start: Instant
    end: Instant


class Symptom(Wire):
    """What was noticed, at a component where one is named."""

    text: Words
    component: Words | None = None
    metric: Words | None = None
    rising: bool | None = None
    alert: Words | None = None
    severity: Words | None = None


class Incident(Wire):
    """What is investigated: `window` holds the trouble, `baseline` healthy time to compare with."""

    id: Words
    title: Words
    symptom: Symptom
    window: Window
    baseline: Window | None
    components: list[Words] = []


class Coverage(Wire):
    """What one source can tell, and the healthy time of its own to compare with.

    `missing` says why it can't, `cut` what it did not give although it is there.
    """

    source: SourceClass
    instance: Words
    window: Window | None
    baseline: Window | None
    missing: Words = ""
    component: Words | None = None
    cut: Words = ""


class SpecialistRun(Wire):
    """How one specialist ended."""

    name: Words
    state: Words = Field(description="done, failed, timed_out or cancelled")
    detail: Words
    rows_read: int


class Query(Wire):
    """How rows were got: the text that was asked of one source for one window."""

    source: SourceClass
    instance: Words
    text: Words
    window: Window


class ObservationSummary(Wire):
    """What one query showed; the rows are at `link`, relative to the investigation."""

    id: Words
    query: Query
    component: Words | None
    summary: Words
    columns: list[Words]
    kept: int
    total: int
    cut: Words = Field(description="Why rows were left out; empty where none were.")
    link: Words


class ObservationDetail(Wire):
    """One observation with the very rows that were kept of it."""

    id: Words
    query: Query
    component: Words | None
    summary: Words
    columns: list[Words]
    rows: list[list[Cell]]
    total: int
    cut: Words


class FindingView(Wire):
    """One claim of a specialist about one component, and the observations that it rests on."""

    id: Words
    specialist: Words
    source: SourceClass
    component: Words
    signal: Signal
    subject: Words
    direction: Direction
    claim: Words
    reason: Words
    observations: list[Words]
    score: Number = Field(description="How unusual it is against the baseline, in the specialist's own units.")
    onset: Instant | None = None
    kinds: list[FaultKind] = []
    peer: Words | None = None


class Gap(Wire):
    """Something that was not seen and so may hide a cause, with how to close it."""

    source: SourceClass
    reason: GapReason
    detail: Words
    next_step: Words
    component: Words | None = None
    window: Window | None = None


class Edge(Wire):
    """A call from one component to another."""

    caller: Words
    callee: Words


class Call(Wire):
    """A call that was observed, with the observation that shows it."""

    edge: Edge
    observation: Words
    count: int = 0


class Hop(Wire):
    """One step of a causal chain; `calls` and `anomalies` are ids of observations."""

    cause: Words
    effect: Words
    calls: list[Words]
    anomalies: list[Words]


class Hypothesis(Wire):
    """One possible cause; `share` is its part of the ranking's weight and no probability of being right.

    `support`, `against` and `unexplained` are ids of findings.
    """

    component: Words
    kind: FaultKind
    mechanism: Words
    share: Number
    support: FindingIds
    against: FindingIds = []
    unexplained: list[Words] = []
    chain: list[Hop] = []
    onset: Instant | None = None
    change: Words | None = None


class RuledOut(Wire):
    """An alternative that was tried, and the findings that speak against it."""

    component: Words
    kind: FaultKind
    reason: Words
    findings: list[Words]


class Objection(Wire):
    """A reason to settle for less; `rests_on` are ids of findings or gaps."""

    rule: Words
    ceiling: VerdictState
    reason: Words
    rests_on: list[Words] = []


class DecidingQuery(Wire):
    """The next thing to look at, and what each outcome would mean."""

    source: Words
    text: Words
    if_so: Words
    if_not: Words


class Verdict(Wire):
    """What is settled; the probabilities are absent where nothing was fitted, and shown with `calibration` only."""

    state: VerdictState
    cause: Hypothesis | None
    objections: list[Objection] = []
    deciding: DecidingQuery | None = None
    component_right: Number | None = None
    kind_right: Number | None = None
    decided_by: Words = Field("", description="The person who confirmed the cause; empty where nobody did.")
    calibration: Calibration | None = None


class InvestigationResult(Wire):
    """All that came of an investigation, without the rows of observations; the same bundle gives the same bytes.

    `unresolved` names ids that something refers to and that are not here; it is empty unless something is wrong.
    """

    version: Literal[1] = INVESTIGATION_VERSION
    incident: Incident
    coverage: list[Coverage]
    runs: list[SpecialistRun]
    observations: list[ObservationSummary]
    findings: list[FindingView]
    gaps: list[Gap]
    calls: list[Call]
    hypotheses: list[Hypothesis]
    ruled_out: list[RuledOut]
    blast_radius: list[Words]
    verdict: Verdict
    rejected: list[Words] = Field([], description="Ids of findings that a person rejected; nothing rests on them.")
    unresolved: list[Words] = []


class StepView(Wire):
    """One step of an investigation, in one sentence."""

    number: int
    stage: Stage
    specialist: Words
    text: Words
    ref: Words = ""
