"""The investigator with an agent beside it: the inquiry runs first and stands, the agent's notes come with it."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.resources import files

from api.agent.case import Case
from api.agent.guidance import Knowledge
from api.agent.metering import AgentLimits, MeteredModel
from api.agent.notes import VERSION, AgentCost, AgentNotes, Ending
from api.agent.rendering import LONGEST_OPENING, fenced, new_fence, opening_text
from api.agent.session import Session
from api.agent.toolbox import Toolbox
from api.investigation.incidents import Incident
from api.investigation.investigations import Investigation, Investigator, SpecialistRun, Stage, Step
from api.investigation.ranking import CauseRanking, default_ranking
from api.investigation.reports import Brief, Budget, Specialist
from api.investigation.telemetry import Telemetry
from api.investigation.verdicts import VerdictState
from api.llm.budget import Price
from api.llm.chat_model import ChatModel

NAME = "agent"
"""What the agent is called among the specialists."""


_LOOKS_ON = "the verdict stands; a language model now looks further, and changes neither findings nor verdict"


@dataclass(frozen=True, slots=True)
class Assisted:
    """An investigation, and what an agent did beside it."""

    investigation: Investigation
    notes: AgentNotes


class AssistedInvestigator:
    """Investigate as another does, then let an agent look further; safe to use from several threads.

    The agent changes neither findings nor hypotheses nor the verdict. What it asked for is added to the observations,
    so that each id in its notes opens, and it stands among the runs with how it ended.
    """

    def __init__(
        self,
        inner: Investigator,
        model: ChatModel,
        *,
        specialists: Sequence[Specialist] = (),
        knowledge: Knowledge | None = None,
        limits: AgentLimits | None = None,
        price: Price | None = None,
        ranking: CauseRanking | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner, self._model, self._specialists = inner, model, tuple(specialists)
        self._knowledge = knowledge
        self._limits, self._price = limits or AgentLimits(), price or Price()
        self._ranking = ranking or default_ranking()
        self._clock = clock

    def investigate(
        self, incident: Incident, telemetry: Telemetry, *, emit: Callable[[Step], None], cancelled: threading.Event
    ) -> Investigation:
        """Investigate; see the protocol. The notes are left out."""
        return self.assist(incident, telemetry, emit=emit, cancelled=cancelled).investigation

    def assist(
        self, incident: Incident, telemetry: Telemetry, *, emit: Callable[[Step], None], cancelled: threading.Event
    ) -> Assisted:
        """Investigate, and return the notes of the agent too."""
        steps = _Steps(emit)
        found = self._inner.investigate(incident, telemetry, emit=steps.pass_on, cancelled=cancelled)
        if found.verdict.state is not VerdictState.NOTHING_WRONG:
            # Said after the verdict and not before: who waits for it should not wait for a language model.
            steps.tell(Stage.PLAN, _LOOKS_ON, "")
            import_module("api.agent.llama_index_agent")  # takes seconds that are not the agent's
        budget = Budget(self._limits.seconds, self._limits.rows, cancelled=cancelled, clock=self._clock)
        case = Case(found, Brief(incident, telemetry, budget), self._ranking)
        session = Session(
            toolbox=Toolbox(case, self._specialists, self._knowledge),
            model=MeteredModel(self._model, self._limits, self._price, clock=self._clock),
            limits=self._limits,
            fence=new_fence(),
            told=steps.tell,
            cancelled=cancelled,
        )
        self._run(session, case)
        notes = _notes(session, case)
        steps.tell(Stage.AUDIT, f"agent: {notes.note}", "")
        return Assisted(_with(found, notes, budget.rows_read), notes)

    def _run(self, session: Session, case: Case) -> None:
        """Let the agent look where there is trouble to look into."""
        if case.investigation.verdict.state is VerdictState.NOTHING_WRONG:
            session.end(Ending.FINISHED, "nothing is wrong, so it was not asked")
        if session.over:
            return
        from api.agent.llama_index_agent import run_agent, tool_forms

        names = [one.candidate.component for one in case.ranked()]
        known = fenced(session.fence, opening_text(case.investigation, names), longest=LONGEST_OPENING)
        opening = session.toolbox.show(known)
        tools = "\n".join(f"- {one.name}({', '.join(one.arguments)}): {one.description}" for one in tool_forms())
        system = _prompt().replace("{tools}", tools).replace("{fence}", session.fence)
        run_agent(session, system.replace("{steps}", str(self._limits.steps)), opening)


@dataclass(slots=True)
class _Steps:
    """Pass the steps of the inquiry on, and number those of the agent after them."""

    emit: Callable[[Step], None]
    _last: int = 0

    def pass_on(self, step: Step) -> None:
        self._last = max(self._last, step.number)
        self.emit(step)

    def tell(self, stage: Stage, text: str, ref: str) -> None:
        self._last += 1
        self.emit(Step(self._last, stage, NAME, text, ref))


def _notes(session: Session, case: Case) -> AgentNotes:
    meter = session.model
    ending = session.ending or Ending.FINISHED
    failed = "" if ending is Ending.FINISHED else "; the inquiry's result stands"
    return AgentNotes(
        version=VERSION,
        model=meter.name,
        ending=ending,
        note=f"{session.note or 'it had nothing more to ask'}{failed}",
        steps=tuple(session.steps),
        accepted=tuple(session.toolbox.accepted),
        rejected=tuple(session.toolbox.rejected),
        findings=tuple(case.added_findings.values()),
        observations=tuple(case.added_observations.values()),
        cut=tuple(session.cut),
        cost=AgentCost(
            meter.calls, meter.used.prompt_tokens, meter.used.completion_tokens, meter.money, round(meter.seconds, 3)
        ),
    )


def _with(found: Investigation, notes: AgentNotes, rows_read: int) -> Investigation:
    states = {Ending.MODEL_FAILED: "failed", Ending.CANCELLED: "cancelled", Ending.SECONDS: "timed_out"}
    run = SpecialistRun(NAME, states.get(notes.ending, "done"), notes.note, rows_read)
    return replace(found, observations=(*found.observations, *notes.observations), runs=(*found.runs, run))


@cache
def _prompt() -> str:
    return files("api.agent").joinpath("prompt.md").read_text("utf-8")
