"""What one run of the agent may use up, and a ChatModel that keeps to it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from api.agent.notes import Ending
from api.errors import BudgetSpent
from api.llm.budget import Price
from api.llm.chat_model import ChatDelta, ChatModel, ChatRequest, Usage
from api.llm.tokens import estimated_tokens, tokens_of_bytes

_LEAST_COMPLETION = 64  # tokens; with fewer no call of a tool can be written


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLimits:
    """The most that one run may take; `tokens` are those of prompts and answers, `money` in the currency of prices.

    `rows` are rows of telemetry that its queries may read. The limits of a day are kept by the model itself.
    """

    steps: int = 16
    tokens: int = 120_000
    seconds: float = 180.0
    money: float | None = None
    answer_tokens: int = 800
    call_seconds: float = 60.0
    rows: int = 20_000_000


class MeteredModel:
    """A ChatModel for one run: it counts what each call took, and refuses the call that would pass a limit."""

    def __init__(
        self, model: ChatModel, limits: AgentLimits, price: Price, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._model, self._limits, self._price, self._clock = model, limits, price, clock
        self._start = clock()
        self.calls = 0
        self.used = Usage()
        self.reached: Ending | None = None

    @property
    def name(self) -> str:
        """Provider and model."""
        return self._model.name

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return self._clock() - self._start

    @property
    def money(self) -> float | None:
        """What the calls cost; None where no price is known."""
        return self._price.of(self.used)

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        """Yield the completion; raises BudgetSpent before anything is sent, and LanguageModelError."""
        prompt = estimated_tokens(*(message.text for message in request.messages))
        asked = self._within(request, prompt)
        self.calls += 1
        received, usage = 0, None
        try:
            for delta in self._model.stream(asked):
                received += len(delta.text.encode("utf-8", "replace"))
                usage = delta.usage or usage
                yield delta
        finally:
            # A call that broke off has cost its prompt all the same.
            took = usage or Usage(prompt, tokens_of_bytes(received))
            self.used = Usage(
                self.used.prompt_tokens + took.prompt_tokens, self.used.completion_tokens + took.completion_tokens
            )

    def _within(self, request: ChatRequest, prompt: int) -> ChatRequest:
        seconds = self._limits.seconds - self.seconds
        if seconds <= 0:
            raise self._spent(Ending.SECONDS, f"{self._limits.seconds:g} s")
        tokens = self._limits.tokens - self.used.prompt_tokens - self.used.completion_tokens - prompt
        if tokens < _LEAST_COMPLETION:
            raise self._spent(Ending.TOKENS, f"{self._limits.tokens} tokens")
        most = min(request.max_tokens, self._limits.answer_tokens, tokens)
        after = Usage(self.used.prompt_tokens + prompt, self.used.completion_tokens + most)
        money = self._price.of(after)
        if self._limits.money is not None and money is not None and money > self._limits.money:
            raise self._spent(Ending.MONEY, f"{self._limits.money:g} of money")
        return replace(request, max_tokens=most, seconds=min(seconds, self._limits.call_seconds))

    def _spent(self, ending: Ending, what: str) -> BudgetSpent:
        self.reached = ending
        return BudgetSpent(f"the {what} for one investigation's agent are used; raise the limit of its {ending.value}")
