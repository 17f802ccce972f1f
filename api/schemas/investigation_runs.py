"""Investigations as they are asked for, listed and followed on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from api.investigation.verdicts import VerdictState
from api.schemas.answers import ErrorEvent
from api.schemas.investigations import InvestigationResult, StepView, Words
from api.schemas.places import Wire


class RunState(StrEnum):
    """How far an investigation is; `interrupted` means that its process ended and it could not be taken up again."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self not in (RunState.QUEUED, RunState.RUNNING)


class InvestigationRequest(Wire):
    """Which recorded bundle to investigate."""

    bundle: Words = Field(
        min_length=1,
        max_length=1000,
        description="Path of the bundle's folder inside GROUNDWATCH_BUNDLES_DIR, with forward slashes.",
        examples=["2026-09-22/checkout-errors"],
    )
    title: Words = Field("", max_length=300, description="A name for the list; unset, that of the incident.")


class InvestigationSummary(Wire):
    """An investigation in a list; `error` says why it failed or was interrupted, and what to do."""

    id: str
    title: str
    state: RunState
    bundle: str
    created_at: datetime
    ended_at: datetime | None = None
    steps: int
    attempts: int = Field(description="How often it was begun; more than once after its process ended half-way.")
    verdict: VerdictState | None = None
    component: str | None = Field(None, description="The component that the verdict names.")
    error: str = ""


class InvestigationPage(Wire):
    """Investigations, newest first."""

    investigations: list[InvestigationSummary]
    total: int
    offset: int
    limit: int


class InvestigationDetail(Wire):
    """One investigation; `result` is there once it is done."""

    investigation: InvestigationSummary
    result: InvestigationResult | None = None


class StepEvent(Wire):
    """One step, in order; the id of the event is its number."""

    event: Literal["step"] = "step"
    step: StepView


class EndEvent(Wire):
    """Last event of a stream: how the investigation ended."""

    event: Literal["end"] = "end"
    investigation: InvestigationSummary


InvestigationEvent = Annotated[StepEvent | EndEvent | ErrorEvent, Field(discriminator="event")]
"""An event of the stream of one investigation."""
