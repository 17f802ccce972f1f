"""What each tool of the agent does: deterministic reading of one case, and the gate for proposals."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from api.agent.case import Case
from api.agent.guidance import Knowledge
from api.agent.log_lines import look_at_logs
from api.agent.looking import look_at_calls, look_at_metric, look_at_traces, metric_names
from api.agent.notes import AcceptedProposal, ProposedCause, RejectedProposal, StepOutcome
from api.agent.proposals import rejected, weigh
from api.agent.rendering import finding_text, observation_text
from api.agent.tool_arguments import (
    TOOLS,
    Arguments,
    GetTopology,
    ProposeHypothesis,
    QueryLogs,
    QueryMetric,
    QueryTraces,
    RunSpecialist,
    SearchKnowledge,
)
from api.errors import GroundwatchError
from api.investigation.faults import FaultKind
from api.investigation.observations import Observation
from api.investigation.reports import Report, Specialist

_MOST_PASSAGES = 4
_PASSAGE = 1_200  # characters of a passage that is shown
_MOST_FINDINGS = 30
_ID = re.compile(r"[A-Za-z][\w]*(?:-[\w]+)*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool gives back: text for the model, and the ids of observations that it made or showed."""

    outcome: StepOutcome
    text: str
    observations: tuple[str, ...] = ()


@dataclass(slots=True)
class Toolbox:
    """The tools over one case; `specialists` are those that may be run."""

    case: Case
    specialists: Sequence[Specialist]
    knowledge: Knowledge | None = None
    accepted: list[AcceptedProposal] = field(default_factory=list)
    rejected: list[RejectedProposal] = field(default_factory=list)
    _shown: set[str] = field(default_factory=set)

    def show(self, text: str) -> str:
        """Note the ids of findings and observations that the model is shown in a text, and return the text."""
        self._shown |= set(_ID.findall(text)) & (self.case.findings.keys() | self.case.observations.keys())
        return text

    def use(self, tool: str, given: Mapping[str, Any]) -> Answer:
        """Answer a call of a tool, whatever is wrong with it."""
        form = TOOLS.get(tool)
        if form is None:
            return Answer(StepOutcome.INVALID, f"there is no tool {tool[:60]!r}; there are {', '.join(TOOLS)}")
        try:
            arguments = form.model_validate(dict(given))
        except ValidationError as error:
            places = ", ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
            return Answer(StepOutcome.INVALID, f"the arguments can't be used ({places})")
        try:
            return self._answer(arguments)
        except GroundwatchError as error:
            return Answer(StepOutcome.EMPTY, f"it could not be read: {error}")

    def _answer(self, arguments: Arguments) -> Answer:
        component = getattr(arguments, "component", None)
        if isinstance(arguments, ProposeHypothesis):
            return self._propose(arguments)
        if component is not None and component not in self._components():
            return Answer(StepOutcome.INVALID, f"{component!r} is no component of this incident")
        handlers: dict[type[Arguments], Callable[[Any], Answer]] = {
            SearchKnowledge: self._search,
            QueryMetric: self._metric,
            QueryLogs: lambda one: self._seen(
                look_at_logs(self.case.brief, one.component, one.words), f"no line of {one.component} holds that"
            ),
            QueryTraces: lambda one: self._seen(
                look_at_traces(self.case.brief, one.component), f"there are no spans of {one.component} in the window"
            ),
            GetTopology: lambda one: self._seen(
                look_at_calls(self.case.brief, one.component, self.case.calls),
                f"no calls from or to {one.component} are known",
            ),
            RunSpecialist: self._specialist,
        }
        return handlers[type(arguments)](arguments)

    def _components(self) -> set[str]:
        return {one.component for one in self.case.candidates()}

    def _seen(self, observation: Observation | None, nothing: str) -> Answer:
        read = self.case.brief.budget
        stopped = f"reading stopped after {read.rows_read:,} rows: the agent's budget was spent" if read.spent else ""
        if observation is None:
            return Answer(StepOutcome.EMPTY, f"{nothing}; {stopped}" if stopped else nothing)
        if stopped:
            cut = "; ".join(one for one in (observation.rows.cut, stopped) if one)
            observation = replace(observation, rows=replace(observation.rows, cut=cut))
        ids = self.case.add([observation])
        return Answer(StepOutcome.ANSWERED, observation_text(observation), ids)

    def _metric(self, asked: QueryMetric) -> Answer:
        seen = look_at_metric(self.case.brief, asked.component, asked.metric)
        if seen is not None:
            return self._seen(seen, "")
        names = metric_names(self.case.brief, asked.component)
        return Answer(StepOutcome.EMPTY, f"no such metric; {asked.component} has {', '.join(names) or 'none'}")

    def _search(self, asked: SearchKnowledge) -> Answer:
        found = self.knowledge.guidance(asked.query)[:_MOST_PASSAGES] if self.knowledge else ()
        if not found:
            return Answer(StepOutcome.EMPTY, "no document says anything on that")
        lines = [f"guidance, no evidence, from {one.place}:\n{one.text[:_PASSAGE]}" for one in found]
        return Answer(StepOutcome.ANSWERED, "\n\n".join(lines))

    def _specialist(self, asked: RunSpecialist) -> Answer:
        done = {one.name for one in self.case.investigation.runs if one.state in {"done", "timed_out"}}
        own = next((one for one in self.specialists if one.name == asked.name), None)
        if asked.name not in done and own is None:
            names = sorted({*done, *(one.name for one in self.specialists)})
            return Answer(StepOutcome.INVALID, f"there is no specialist {asked.name!r}; there are {', '.join(names)}")
        if asked.name not in done and own is not None and not self._has_run(asked.name):
            self._take(own.investigate(self.case.brief))
        found = [one for one in self.case.findings.values() if one.specialist == asked.name]
        if not found:
            return Answer(StepOutcome.EMPTY, f"{asked.name} found nothing")
        strongest = sorted(found, key=lambda one: (-one.score, one.id))[:_MOST_FINDINGS]
        more = f"\n({len(found) - len(strongest)} weaker ones are left out)" if len(found) > len(strongest) else ""
        ids = tuple(dict.fromkeys(name for one in strongest for name in one.observations))
        return Answer(StepOutcome.ANSWERED, "\n".join(map(finding_text, strongest)) + more, ids)

    def _has_run(self, name: str) -> bool:
        return any(one.specialist == name for one in self.case.added_findings.values())

    def _take(self, report: Report) -> None:
        """Keep what a specialist found just now; its ids are set apart from those of the inquiry."""
        self.case.add(report.observations)
        for finding in report.findings:
            own = replace(finding, id=f"agent-{finding.id}")
            self.case.added_findings[own.id] = own
        self.case.added_calls.extend(report.calls)

    def _propose(self, asked: ProposeHypothesis) -> Answer:
        ids = tuple(dict.fromkeys(asked.finding_ids))
        if asked.kind in set(FaultKind):
            cause = ProposedCause(asked.component, FaultKind(asked.kind), ids, asked.mechanism)
            outcome = weigh(self.case, cause, frozenset(self._shown))
        else:
            outcome = rejected(asked.component, asked.kind, ids, f"{asked.kind[:60]!r} is no kind of fault")
        if isinstance(outcome, RejectedProposal):
            self.rejected.append(outcome)
            return Answer(StepOutcome.REJECTED, f"refused: {outcome.reason}")
        self.accepted.append(outcome)
        against = "; ".join(one.reason for one in outcome.objections) or "nothing speaks against it"
        said = f"kept as {outcome.state.value}: {against}"
        removed = f"; your sentence was removed: {outcome.text_removed}" if outcome.text_removed else ""
        return Answer(StepOutcome.ACCEPTED, said + removed)
