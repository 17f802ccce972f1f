"""Another try for calls that failed before their first piece, with the pauses that the provider asks for."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from api.llm.chat_model import ChatDelta, ChatModel, ChatRequest
from api.llm.failures import PassingFailure

if TYPE_CHECKING:
    from tenacity import RetryCallState

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 8.0


@dataclass(frozen=True, slots=True)
class _Started:
    """A stream whose first piece has come; `first` is None where it has none."""

    first: ChatDelta | None
    rest: Iterator[ChatDelta]


class LoadableModel(ChatModel, Protocol):
    """A ChatModel that has something to load, once, before its time is counted."""

    def load(self) -> None:
        """Load it."""


class RetryingModel:
    """A ChatModel that asks again after a PassingFailure, within the seconds of the request.

    Once a piece was passed on nothing is asked again: the reader would see two beginnings.
    """

    def __init__(self, model: LoadableModel, *, attempts: int = 3, sleep: Callable[[float], None] = time.sleep) -> None:
        self._model = model
        self._attempts = attempts
        self._sleep = sleep

    @property
    def name(self) -> str:
        """Provider and model."""
        return self._model.name

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        """Yield the completion; raises LanguageModelError."""
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay

        retrying = Retrying(
            retry=retry_if_exception_type(PassingFailure),
            stop=stop_after_attempt(self._attempts) | stop_before_delay(request.seconds),
            wait=_pause,
            sleep=self._sleep,
            reraise=True,
        )
        self._model.load()
        end = time.monotonic() + request.seconds
        started: _Started = retrying(lambda: self._started(request, end))
        if started.first is not None:
            yield started.first
            yield from started.rest

    def _started(self, request: ChatRequest, end: float) -> _Started:
        rest = self._model.stream(replace(request, seconds=max(0.01, end - time.monotonic())))
        return _Started(next(rest, None), rest)


def _pause(state: "RetryCallState") -> float:
    """Return what the provider asked for, else twice the pause before, with some chance in it."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, PassingFailure) and error.wait is not None:
        return error.wait

    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (state.attempt_number - 1))
    return longest * random.uniform(0.5, 1.0)
