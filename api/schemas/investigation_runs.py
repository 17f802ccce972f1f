"""Investigations as they are asked for, listed and followed on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from api.investigation.verdicts import VerdictState
from api.schemas.answers import ErrorEvent
from api.schemas.investigation_agent import AgentNotesView
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


class AskedWindow(Wire):
    """A stretch of time with its zone; without an end, until now."""

    start: AwareDatetime
    end: AwareDatetime | None = None


class InvestigationRequest(Wire):
    """What to investigate: a recorded bundle, or a window of the sources that are connected."""

    bundle: Words = Field(
        "",
        max_length=1000,
        description="Path of the bundle's folder inside GROUNDWATCH_BUNDLES_DIR, with forward slashes.",
        examples=["2026-09-22/checkout-errors"],
    )
    title: Words = Field("", max_length=300, description="A name for the list; unset, that of the incident.")
    window: AskedWindow | None = Field(None, description="The time of the trouble, to be asked of connected sources.")
    baseline: AskedWindow | None = Field(
        None, description="Healthy time to compare with; unset, three times the window, right before it."
    )
    symptom: Words = Field("", max_length=2000, description="What was noticed.")
    component: Words = Field("", max_length=300, description="Where it was noticed.")
    metric: Words = Field("", max_length=300, description="The metric that tripped.")
    alert: Words = Field("", max_length=300, description="The name of the alert.")
    severity: Words = Field("", max_length=100)
    labels: dict[Words, Words] = Field({}, max_length=100, description="The labels of the alert.")
    components: list[Words] = Field([], max_length=1000, description="Those that may be at fault; unset, all.")
    sources: list[Words] = Field([], max_length=100, description="Names of the sources to ask; unset, all.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "InvestigationRequest":
        live = [name for name in type(self).model_fields if name not in ("bundle", "title") and getattr(self, name)]
        if bool(self.bundle) == bool(self.window):
            raise ValueError("give bundle for a recorded incident, or window for connected sources, and not both")
        if self.bundle and live:
            raise ValueError(f"{live[0]} goes with window; a bundle holds its own")
        return self


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
    follows: str | None = Field(None, description="The one that this goes on from, in another window.")


class InvestigationPage(Wire):
    """Investigations, newest first."""

    investigations: list[InvestigationSummary]
    total: int
    offset: int
    limit: int


class InvestigationDetail(Wire):
    """One investigation; `result` is there once it is done, `agent` where a language model looked further.

    The result is as it stands after all that people did about it.
    """

    investigation: InvestigationSummary
    result: InvestigationResult | None = None
    agent: AgentNotesView | None = None
    acts: int = Field(0, description="How many things people did about it.")
    followed_by: str | None = Field(None, description="The one that goes on from this in another window.")


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
