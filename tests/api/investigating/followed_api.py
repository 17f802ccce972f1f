"""A stand-in for an API that investigates, whose streams are told one after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from api.errors import GroundwatchError
from api.investigation.investigations import Stage
from api.schemas.investigation_runs import (
    EndEvent,
    InvestigationDetail,
    InvestigationRequest,
    InvestigationSummary,
    RunState,
    StepEvent,
)
from api.schemas.investigations import StepView

Events = Callable[[int], Iterator[StepEvent | EndEvent]]


def summary(state: RunState, error: str = "") -> InvestigationSummary:
    """Return an investigation in a state."""
    return InvestigationSummary(
        id="i1", title="", state=state, bundle="b", created_at=datetime.now(UTC), steps=2, attempts=1, error=error
    )


def step(number: int) -> StepEvent:
    """Return one step."""
    return StepEvent(step=StepView(number=number, stage=Stage.QUERY, specialist="metrics", text=f"step {number}"))


@dataclass
class FakeApi:
    """An API whose streams are told one after the other."""

    streams: list[Events]
    url: str = "http://127.0.0.1:1"
    afters: list[int] = field(default_factory=list)
    cancelled: int = 0
    cancel_error: GroundwatchError | None = None
    sent: bytes = b""

    def investigation_events(self, investigation_id: str, *, after: int = 0) -> Iterator[StepEvent | EndEvent]:
        self.afters.append(after)
        return (self.streams.pop(0) if len(self.streams) > 1 else self.streams[0])(after)

    def investigation(self, investigation_id: str) -> InvestigationDetail:
        return InvestigationDetail(investigation=summary(RunState.DONE))

    def cancel_investigation(self, investigation_id: str) -> InvestigationSummary:
        self.cancelled += 1
        if self.cancel_error is not None:
            raise self.cancel_error
        return summary(RunState.CANCELLED)

    def upload_investigation(self, archive: bytes, *, media_type: str, title: str = "") -> InvestigationSummary:
        self.sent = archive
        return summary(RunState.QUEUED)

    def start_investigation(self, request: InvestigationRequest) -> InvestigationSummary:
        raise AssertionError("nothing is started here")

    def investigation_report(self, investigation_id: str) -> str:
        return ""

    def investigation_bundle(self, investigation_id: str) -> bytes:
        return b""

    def close(self) -> None:
        pass


def ending(state: RunState = RunState.DONE, error: str = "") -> Events:
    """Return a stream of two steps and the end."""

    def events(after: int) -> Iterator[StepEvent | EndEvent]:
        yield from (step(number) for number in (1, 2) if number > after)
        yield EndEvent(investigation=summary(state, error))

    return events
