"""What the Investigations page asks of the API; what can no longer change is asked for once a session."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import streamlit as st

from api.schemas.investigation_guidance import InvestigationGuidance
from api.schemas.investigation_runs import (
    EndEvent,
    InvestigationDetail,
    InvestigationPage,
    InvestigationRequest,
    InvestigationSummary,
    RunState,
    StepEvent,
)
from api.schemas.investigations import ObservationDetail, StepView
from ui.connection import assistant
from ui.steering import forget_result, steers

_KEPT_ROWS = 40


class Investigations(Protocol):
    """The part of the API that investigates; every method raises errors of api.errors."""

    def start_investigation(self, request: InvestigationRequest) -> InvestigationSummary:
        """Ask for the investigation of a bundle that lies where the API finds it."""

    def investigations(self, *, state: RunState | None, offset: int, limit: int) -> InvestigationPage:
        """Return investigations, newest first."""

    def investigation(self, investigation_id: str) -> InvestigationDetail:
        """Return one with what came of it; raises NotFound."""

    def investigation_events(self, investigation_id: str, *, after: int = 0) -> Iterator[StepEvent | EndEvent]:
        """Follow an investigation until it ends."""

    def observation(self, investigation_id: str, observation_id: str) -> ObservationDetail:
        """Return one observation with its rows; raises NotFound."""

    def investigation_report(self, investigation_id: str) -> str:
        """Return the report as Markdown."""

    def cancel_investigation(self, investigation_id: str) -> InvestigationSummary:
        """Call one off unless it has ended."""


@runtime_checkable
class TakesArchives(Protocol):
    """A connection that can send a bundle as an archive."""

    def upload_investigation(self, archive: bytes, *, media_type: str, title: str) -> InvestigationSummary:
        """Ask for the investigation of a bundle that is sent."""


@runtime_checkable
class TellsMore(Protocol):
    """A connection that gives what stands beside an investigation."""

    def investigation_guidance(self, investigation_id: str) -> InvestigationGuidance:
        """Return what documents advise."""

    def investigation_bundle(self, investigation_id: str) -> bytes:
        """Return one with its telemetry as a .tar.gz."""


@runtime_checkable
class Drafts(Protocol):
    """A connection that drafts postmortems."""

    def postmortem_markdown(self, investigation_id: str) -> str:
        """Return the draft of a postmortem as Markdown."""


def investigations() -> Investigations:
    """Return what investigates."""
    return assistant()


def archive_taker() -> TakesArchives | None:
    """Return what takes archives; None where this connection sends none."""
    found: object = assistant()
    return found if isinstance(found, TakesArchives) else None


def teller() -> TellsMore | None:
    """Return what tells more; None where this connection does not."""
    found: object = assistant()
    return found if isinstance(found, TellsMore) else None


def drafter() -> Drafts | None:
    """Return what drafts postmortems; None where this connection does not."""
    found: object = assistant()
    return found if isinstance(found, Drafts) else None


def investigation(investigation_id: str) -> InvestigationDetail:
    """Return one with what came of it; one that has ended is asked for once."""
    kept: dict[str, InvestigationDetail] = st.session_state.setdefault("investigations kept", {})
    if investigation_id not in kept:
        detail = investigations().investigation(investigation_id)
        if not detail.investigation.state.ended:
            return detail
        kept.clear()
        kept[investigation_id] = detail
    return kept[investigation_id]


def investigation_as_it_stands(investigation_id: str) -> InvestigationDetail:
    """Return one as it stands after all that people did until now: where somebody acted, it is asked for anew."""
    detail = investigation(investigation_id)
    source = steers()
    if detail.result is None or source is None or source.acts(investigation_id, after=detail.acts).last == detail.acts:
        return detail
    forget_result(investigation_id)
    return investigation(investigation_id)


def observation(investigation_id: str, observation_id: str) -> ObservationDetail:
    """Return the rows of an observation; they never change, so they are asked for once."""
    kept: dict[tuple[str, str], ObservationDetail] = st.session_state.setdefault("observations kept", {})
    key = (investigation_id, observation_id)
    if key not in kept:
        if len(kept) >= _KEPT_ROWS:
            kept.clear()
        kept[key] = investigations().observation(investigation_id, observation_id)
    return kept[key]


def guidance(source: TellsMore, investigation_id: str) -> InvestigationGuidance:
    """Return what documents advise now; asked for once a session for the investigation that is shown."""
    kept: dict[str, InvestigationGuidance] = st.session_state.setdefault("guidance kept", {})
    if investigation_id not in kept:
        found = source.investigation_guidance(investigation_id)
        kept.clear()
        kept[investigation_id] = found
    return kept[investigation_id]


def steps_so_far(summary: InvestigationSummary) -> list[StepView]:
    """Return the steps that `summary` counts; those that were read before are not asked for again.

    The stream has these at once, so that reading up to the last of them waits for nothing.
    """
    kept: dict[str, list[StepView]] = st.session_state.setdefault("steps kept", {})
    if summary.id not in kept:
        kept.clear()
    steps = kept.setdefault(summary.id, [])
    last = steps[-1].number if steps else 0
    if last >= summary.steps:
        return steps
    for event in investigations().investigation_events(summary.id, after=last):
        if isinstance(event, EndEvent):
            break
        steps.append(event.step)
        if event.step.number >= summary.steps:
            break
    return steps
