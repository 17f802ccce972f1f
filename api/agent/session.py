"""One run of the agent: what it asks is answered, counted, told to readers, and cut where it turns idle."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from api.agent.metering import AgentLimits, MeteredModel
from api.agent.notes import AgentStep, Ending, StepOutcome
from api.agent.rendering import fenced
from api.agent.toolbox import Answer, Toolbox
from api.investigation.investigations import Stage
from api.llm.chat_model import Usage
from api.writing.checks_surface import plain_text

_MOST_EMPTY = 3  # calls in a row that give nothing
_ENDS_AT = 3  # times that the same is asked

_CLAIM = "mechanism"

Telling = Callable[[Stage, str, str], None]
"""Tells a step to readers: its stage, its sentence, and the id that it is about."""


@dataclass(slots=True)
class Session:
    """The state of one run; ended once `ending` is set."""

    toolbox: Toolbox
    model: MeteredModel
    limits: AgentLimits
    fence: str
    told: Telling
    cancelled: threading.Event
    ending: Ending | None = None
    note: str = ""
    steps: list[AgentStep] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    _answers: dict[str, Answer] = field(default_factory=dict)
    _asked: dict[str, int] = field(default_factory=dict)
    _empty: int = 0
    _counted: Usage = field(default_factory=Usage)

    @property
    def over(self) -> bool:
        """Whether nothing more is to be asked."""
        if self.ending is None and self.cancelled.is_set():
            self.end(Ending.CANCELLED, "the investigation was called off")
        return self.ending is not None

    def end(self, ending: Ending, note: str) -> None:
        """End the run; the first reason stands."""
        if self.ending is None:
            self.ending, self.note = ending, plain_text(note)

    def call(self, tool: str, given: Mapping[str, Any]) -> str:
        """Answer one call of a tool as the model is shown it, between fences."""
        if self.over:
            return "the run has ended"
        if len(self.steps) >= self.limits.steps:
            self.cut.append(f"step {len(self.steps) + 1} was not taken: {self.limits.steps} are allowed")
            self.end(Ending.STEPS, f"its {self.limits.steps} steps are used")
            return "your steps are used"
        arguments = {str(name)[:60]: _written(value) for name, value in given.items()}
        key = json.dumps([tool, arguments], sort_keys=True)
        self._asked[key] = self._asked.get(key, 0) + 1
        answer = self._repeated(key, tool) if self._asked[key] > 1 else self._fresh(key, tool, given, arguments)
        self._keep(tool, arguments, answer)
        return self.toolbox.show(fenced(self.fence, answer.text))

    def _fresh(self, key: str, tool: str, given: Mapping[str, Any], arguments: Mapping[str, str]) -> Answer:
        told = ", ".join(plain_text(value, 80) for value in _shown(arguments).values())
        self.told(Stage.QUERY, f"agent: {plain_text(tool, 60)}({told})", "")
        before = set(self.toolbox.case.added_observations)
        answer = self._answers[key] = self.toolbox.use(tool, given)
        for name, seen in self.toolbox.case.added_observations.items():
            if name not in before:
                self.told(Stage.OBSERVATION, seen.summary, name)
        if answer.outcome in {StepOutcome.ACCEPTED, StepOutcome.REJECTED}:
            self.told(Stage.AUDIT, f"agent's proposal: {plain_text(answer.text)}", "")
        self._empty = self._empty + 1 if answer.outcome in {StepOutcome.EMPTY, StepOutcome.INVALID} else 0
        if self._empty == _MOST_EMPTY - 1:
            answer = replace(answer, text=f"{answer.text}\n(one more call in a row that gives nothing ends the run)")
        if self._empty >= _MOST_EMPTY:
            self.cut.append(f"{self._empty} calls in a row gave nothing")
            self.end(Ending.EMPTY, f"{self._empty} calls in a row gave nothing")
        return answer

    def _repeated(self, key: str, tool: str) -> Answer:
        times = self._asked[key]
        self.cut.append(f"{plain_text(tool, 60)} was asked {times} times with the same arguments")
        if times >= _ENDS_AT:
            self.end(Ending.REPEATED, f"it asked {plain_text(tool, 60)} {times} times with the same arguments")
        earlier = self._answers[key]
        return Answer(StepOutcome.REPEATED, f"already asked; result is {earlier.text}", earlier.observations)

    def _keep(self, tool: str, arguments: Mapping[str, str], answer: Answer) -> None:
        used, before = self.model.used, self._counted
        self._counted = used
        self.steps.append(
            AgentStep(
                number=len(self.steps) + 1,
                tool=plain_text(tool, 60),
                arguments=tuple((plain_text(name, 60), plain_text(value)) for name, value in _shown(arguments).items()),
                outcome=answer.outcome,
                observations=answer.observations,
                prompt_tokens=used.prompt_tokens - before.prompt_tokens,
                completion_tokens=used.completion_tokens - before.completion_tokens,
            )
        )


def _shown(arguments: Mapping[str, str]) -> dict[str, str]:
    """Return arguments for readers: a claim of the agent is shown where it passed the gate, nowhere else."""
    return {name: f"({len(text)} characters)" if name == _CLAIM else text for name, text in arguments.items()}


def _written(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return " ".join(text.split())[:2_000]
