"""What people do about an investigation, on the wire: what is asked for, and what came of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field, model_validator

from api.investigation.faults import FaultKind as FaultKind
from api.investigation.observations import SourceClass
from api.investigation.verdicts import VerdictState
from api.investigation.windows import Window, instant_of
from api.schemas.investigation_questions import IncidentAnswer
from api.schemas.investigation_runs import AskedWindow
from api.schemas.investigations import Words
from api.schemas.places import Wire
from api.steering.acts import Act, Deed
from api.steering.acts import ActKind as ActKind
from api.steering.acts import StepOutcome as StepOutcome

_NEEDS: Mapping[ActKind, tuple[str, ...]] = {
    ActKind.FACT: ("text",),
    ActKind.THEORY: ("component",),
    ActKind.QUERY: ("source", "component"),
    ActKind.QUESTION: ("text",),
    ActKind.CONFIRM_FINDING: ("finding",),
    ActKind.REJECT_FINDING: ("finding", "text"),
    ActKind.CONFIRM_CAUSE: ("component",),
    ActKind.REJECT_CAUSE: ("component", "text"),
    ActKind.WINDOW: ("window",),
    ActKind.STEP: ("document", "line", "outcome"),
    ActKind.WITHDRAW: ("act",),
}
_MAY: Mapping[ActKind, tuple[str, ...]] = {
    ActKind.FACT: ("component", "fault", "healthy", "at", "observations"),
    ActKind.THEORY: ("text", "fault"),
    ActKind.QUERY: ("text",),
    ActKind.QUESTION: (),
    ActKind.CONFIRM_FINDING: ("text",),
    ActKind.REJECT_FINDING: (),
    ActKind.CONFIRM_CAUSE: ("text", "fault"),
    ActKind.REJECT_CAUSE: (),
    ActKind.WINDOW: ("text", "baseline"),
    ActKind.STEP: ("text",),
    ActKind.WITHDRAW: ("text",),
}
_QUERIED = frozenset({SourceClass.METRIC, SourceClass.LOG, SourceClass.TRACE})

Told = Literal["fact", "question", "reason", "words"]


class ActRequest(Wire):
    """What to do about an investigation; which fields belong to it goes by `kind`.

    fact: text, maybe component, healthy, fault, at, observations. theory: component, maybe fault, text. query: source
    (metric, log or trace), component, maybe text with the words to look for. question: text. confirm_finding: finding.
    reject_finding: finding, text with the reason. confirm_cause: component, maybe fault, text. reject_cause: component,
    text with the reason. window: window, maybe baseline. step: document, line, outcome, and text with the reason where
    it was impossible. withdraw: act.
    """

    kind: ActKind
    who: Words = Field("", max_length=200, description="Your name, for the others.")
    text: Words = Field("", max_length=4000)
    component: Words | None = Field(None, min_length=1, max_length=300)
    finding: Words | None = Field(None, min_length=1, max_length=200)
    fault: FaultKind | None = None
    healthy: bool = Field(False, description="Of a fact: its component is well.")
    at: AwareDatetime | None = Field(None, description="The time that a fact is about.")
    observations: list[Words] = Field([], max_length=20, description="What a fact rests on beside your word.")
    source: SourceClass | None = Field(None, description="Where a query looks: metric, log or trace.")
    window: AskedWindow | None = None
    baseline: AskedWindow | None = None
    act: int | None = Field(None, ge=1, description="Number of the act that is withdrawn.")
    document: Words | None = Field(None, min_length=1, max_length=300, description="Id of the runbook of a step.")
    line: int | None = Field(None, ge=1, description="The line of the runbook on which the step begins.")
    outcome: StepOutcome | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "ActRequest":
        for name in _NEEDS[self.kind]:
            value = getattr(self, name)
            if value is None or (isinstance(value, str) and not value.strip()):
                raise ValueError(f"{name} is missing; {self.kind.value} needs {' and '.join(_NEEDS[self.kind])}")
        allowed = {"kind", "who", *_NEEDS[self.kind], *_MAY[self.kind]}
        for name, field in type(self).model_fields.items():
            if name not in allowed and getattr(self, name) != field.get_default(call_default_factory=True):
                raise ValueError(f"{name} does not go with {self.kind.value}; leave it out")
        if self.outcome is StepOutcome.IMPOSSIBLE and not self.text.strip():
            raise ValueError("text is missing; say why the step was impossible")
        if self.source is not None and self.source not in _QUERIED:
            raise ValueError(f"source {self.source.value!r} can't be queried; give {', '.join(sorted(_QUERIED))}")
        return self


class ToldVerdict(Wire):
    """A verdict in short."""

    state: VerdictState
    component: Words | None = None
    decided_by: Words = ""


class Came(Wire):
    """What came of an act: in words, the verdict before and after it, and what was made.

    `observations` are ids of those that were made, `investigation` that of the one that goes on in another window,
    `answer` is that to a question.
    """

    text: Words
    before: ToldVerdict | None = None
    after: ToldVerdict | None = None
    observations: list[Words] = []
    investigation: str | None = None
    answer: IncidentAnswer | None = None


class ActView(Wire):
    """An act as it was recorded."""

    number: int
    at: datetime
    act: ActRequest
    came: Came
    withdrawn: bool = False


class Acts(Wire):
    """The acts of an investigation, in order; `verdict` is how it stands after the last of them."""

    acts: list[ActView]
    last: int = Field(description="Number of the last act of all.")
    verdict: ToldVerdict | None = None


def deed_of(asked: ActRequest) -> Deed:
    """Return what is asked for as it is acted on. Raises InvalidWindow for a window that holds no time."""
    return Deed(
        kind=asked.kind,
        text=asked.text.strip(),
        component=asked.component,
        finding=asked.finding,
        fault=asked.fault,
        healthy=asked.healthy,
        at=instant_of(asked.at) if asked.at is not None else None,
        observations=tuple(dict.fromkeys(asked.observations)),
        source=asked.source,
        window=_closed(asked.window),
        baseline=_closed(asked.baseline),
        act=asked.act,
        document=asked.document,
        line=asked.line,
        outcome=asked.outcome,
    )


def act_of(view: ActView) -> Act:
    """Return a recorded act as it is acted on."""
    return Act(view.number, view.at, view.act.who, deed_of(view.act))


def _closed(asked: AskedWindow | None) -> Window | None:
    """Return a window with both its ends; one without an end is only asked for and never kept."""
    if asked is None or asked.end is None:
        return None
    return Window(instant_of(asked.start), instant_of(asked.end))
