"""What Groundwatch asks of a language model, whoever serves it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from api.errors import LanguageModelError


class Role(StrEnum):
    """Whose words a message holds."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a model is asked: messages, and the JSON schema that its answer has to follow, if any.

    `max_tokens` bounds the completion; `seconds` bounds the whole call, the first byte and the last included.
    """

    messages: tuple[Message, ...]
    json_schema: Mapping[str, Any] | None = None
    max_tokens: int = 1_500
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the provider counted them, or estimated where it did not."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ChatDelta:
    """A piece of a completion; the last piece carries the usage."""

    text: str
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole completion."""

    text: str
    usage: Usage


class ChatModel(Protocol):
    """A language model. Every failure is a LanguageModelError whose text names the provider and the next step."""

    @property
    def name(self) -> str:
        """Provider and model, as shown to a reader."""

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        """Yield a completion in pieces, the last one with the usage; raises LanguageModelError."""


def complete(model: ChatModel, request: ChatRequest) -> Completion:
    """Return a whole completion; raises LanguageModelError, also where the stream ends without its last piece."""
    pieces: list[str] = []
    usage: Usage | None = None
    for delta in model.stream(request):
        pieces.append(delta.text)
        usage = delta.usage or usage
    if usage is None:
        raise LanguageModelError(f"{model.name} broke off in the middle of its answer; ask again")
    return Completion("".join(pieces), usage)
