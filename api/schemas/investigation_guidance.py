"""What documents advise for an investigation, on the wire: runbooks with a ledger of steps, and past incidents."""

from datetime import datetime

from api.schemas.places import Wire
from api.steering.acts import StepOutcome as StepOutcome


class GuidanceSource(Wire):
    """Where words stand; `flags` say how the text addresses a language model."""

    document: str
    title: str
    path: str
    revision: str
    first_line: int
    last_line: int
    url: str | None = None
    flags: tuple[str, ...] = ()


class StepTaken(Wire):
    """What a person said of a step: the last word that counts."""

    outcome: StepOutcome
    who: str
    at: datetime
    note: str
    act: int


class GuidanceStep(Wire):
    """One step as the document has it; `observations` bear on it, `taken` is what a person said became of it.

    Neither means that it is still to do.
    """

    text: str
    source: GuidanceSource
    command: bool = False
    destructive: str | None = None
    observations: tuple[str, ...] = ()
    taken: StepTaken | None = None


class GuidanceRunbook(Wire):
    """A runbook with its steps in order."""

    title: str
    source: GuidanceSource
    steps: tuple[GuidanceStep, ...]


class GuidanceRecheck(Wire):
    """What this incident's observations say of a component that a past incident names."""

    component: str
    agree: tuple[str, ...]
    disagree: tuple[str, ...]
    words: str


class GuidancePast(Wire):
    """A past incident that resembles this one, in its own words, re-checked against the present."""

    title: str
    source: GuidanceSource
    text: str
    rechecks: tuple[GuidanceRecheck, ...] = ()


class InvestigationGuidance(Wire):
    """What documents advise. It is no evidence: nothing of it is read by what decides."""

    runbooks: tuple[GuidanceRunbook, ...] = ()
    similar: tuple[GuidancePast, ...] = ()
