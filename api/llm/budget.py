"""Budgets: what one call, one answer and one day may cost, and a ChatModel that keeps to them."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from api.errors import BudgetSpent, LanguageModelError, LanguageModelRefused
from api.llm.chat_model import ChatDelta, ChatModel, ChatRequest, Usage
from api.llm.failures import OutOfTime, RequestRejected
from api.llm.tokens import estimated_tokens, tokens_of_bytes

logger = logging.getLogger(__name__)

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """Money for a million tokens, in any one currency."""

    prompt: float = 0.0
    completion: float = 0.0

    def of(self, usage: Usage) -> float | None:
        """Return what a call cost; None where no price is known."""
        if not self.prompt and not self.completion:
            return None
        return (usage.prompt_tokens * self.prompt + usage.completion_tokens * self.completion) / 1_000_000


@dataclass(frozen=True, slots=True)
class Spending:
    """What was used: tokens, and millionths of the currency, as whole numbers that add up exactly."""

    tokens: int = 0
    millionths: int = 0

    @property
    def money(self) -> float:
        """The money, in the currency."""
        return self.millionths / _MILLION

    def plus(self, other: "Spending") -> "Spending":
        """Return the sum."""
        return Spending(self.tokens + other.tokens, self.millionths + other.millionths)

    def minus(self, other: "Spending") -> "Spending":
        """Return the difference; it may be below nothing."""
        return Spending(self.tokens - other.tokens, self.millionths - other.millionths)


class Ledger(Protocol):
    """Keeps what was spent on each day, through restarts. Every method may be called by threads at the same time."""

    def add(self, day: date, amount: Spending) -> Spending:
        """Add an amount, which may be negative, and return the new sum of that day; raises LanguageModelError.

        The addition is atomic: two callers never get the same sum for different amounts.
        """

    def spent(self, day: date) -> Spending:
        """Return the sum of a day; raises LanguageModelError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that may be used; None is no limit. `max_tokens` and `seconds` are for one call or one answer."""

    max_tokens: int | None = None
    seconds: float | None = None
    daily_tokens: int | None = None
    daily_money: float | None = None


class BudgetedModel:
    """A ChatModel within limits. A day is one of UTC.

    Before a call the most that it can use is booked, and after it what was not used is given back. So calls at the
    same time, in other processes too, cannot pass the limit together, and a crash books too much, never too little.
    """

    def __init__(
        self,
        model: ChatModel,
        limits: Limits,
        ledger: Ledger,
        *,
        price: Price = Price(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._model = model
        self._limits = limits
        self._ledger = ledger
        self._price = price
        self._now = now

    @property
    def name(self) -> str:
        """Provider and model."""
        return self._model.name

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        """Yield the completion; raises BudgetSpent before anything is sent, and LanguageModelError."""
        asked = _within(request, self._limits.max_tokens, self._limits.seconds)
        prompt = estimated_tokens(*(message.text for message in asked.messages))
        booked = self._cost(Usage(prompt, asked.max_tokens))
        day = self._now().date()
        self._book(day, booked)
        used, received = Usage(), 0
        try:
            for delta in self._model.stream(asked):
                received += len(delta.text.encode("utf-8", "replace"))
                used = delta.usage or Usage(prompt, tokens_of_bytes(received))
                yield delta
        except (OutOfTime, LanguageModelRefused) as error:
            # The provider worked, on thoughts that nobody sees too, and has not said how much.
            used = used if isinstance(error, RequestRejected) else Usage(prompt, asked.max_tokens)
            raise
        finally:
            self._settle(day, self._cost(used).minus(booked))

    def _book(self, day: date, amount: Spending) -> None:
        after = self._ledger.add(day, amount)
        before = after.minus(amount)
        tokens, money = self._limits.daily_tokens, self._limits.daily_money
        spent = None
        if tokens is not None and after.tokens > tokens:
            spent = f"{before.tokens} of {tokens} tokens are used or booked, and this call may take {amount.tokens}"
            name = "GROUNDWATCH_LLM_DAILY_TOKENS"
        elif money is not None and after.money > money:
            spent = f"{before.money:.4f} of {money:.4f} is used or booked, and this call may cost {amount.money:.4f}"
            name = "GROUNDWATCH_LLM_DAILY_COST"
        if spent is not None:
            self._settle(day, Spending().minus(amount))
            raise BudgetSpent(
                f"today's budget for {self.name} is spent: {spent}; {_frees(self._now())}, or raise {name}"
            )

    def _settle(self, day: date, amount: Spending) -> None:
        try:
            self._ledger.add(day, amount)
        except LanguageModelError as error:
            # The answer is there; what stays booked is more than was used.
            logger.warning("the budget keeps %d tokens too many booked: %s", -amount.tokens, error)

    def _cost(self, usage: Usage) -> Spending:
        money = usage.prompt_tokens * self._price.prompt + usage.completion_tokens * self._price.completion
        return Spending(usage.prompt_tokens + usage.completion_tokens, round(money))


class OneAnswer:
    """A ChatModel for the calls of one answer: together they keep to the completion tokens and the seconds of it."""

    def __init__(
        self, model: ChatModel, *, max_tokens: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._model = model
        self._max_tokens = max_tokens
        self._tokens_left = max_tokens
        self._seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    @property
    def name(self) -> str:
        """Provider and model."""
        return self._model.name

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        """Yield the completion; raises BudgetSpent where nothing is left for it, and LanguageModelError."""
        left = self._end - self._clock()
        if left <= 0:
            raise BudgetSpent(
                f"the {self._seconds:g} s for one answer are over; raise GROUNDWATCH_LLM_TIMEOUT_SECONDS or ask again"
            )
        if self._tokens_left <= 0:
            raise BudgetSpent(
                f"the {self._max_tokens} tokens for one answer are used; raise GROUNDWATCH_LLM_MAX_TOKENS or ask again"
            )
        received, usage = 0, None
        try:
            for delta in self._model.stream(_within(request, self._tokens_left, left)):
                received += len(delta.text.encode("utf-8", "replace"))
                usage = delta.usage or usage
                yield delta
        finally:
            self._tokens_left -= usage.completion_tokens if usage else tokens_of_bytes(received)


def _within(request: ChatRequest, max_tokens: int | None, seconds: float | None) -> ChatRequest:
    return replace(
        request,
        max_tokens=min(request.max_tokens, max_tokens or request.max_tokens),
        seconds=min(request.seconds, seconds or request.seconds),
    )


def _frees(now: datetime) -> str:
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
    minutes = int((midnight - now).total_seconds()) // 60
    return f"it frees at 00:00 UTC, in {minutes // 60} h {minutes % 60:02d} min"
