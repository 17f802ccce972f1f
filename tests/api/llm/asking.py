"""Models over a scripted server, and what tests ask them."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from pydantic import SecretStr

from api.errors import LanguageModelError
from api.llm.anthropic_messages import AnthropicMessages
from api.llm.chat_model import ChatDelta, ChatRequest, Message, Role, Usage
from api.llm.failures import Endpoint
from api.llm.ollama_chat import OllamaChat
from api.llm.openai_compatible import OpenAICompatible
from api.llm.vendor_model import Vendor, VendorModel
from tests.api.llm.scripted_server import ScriptedServer

KEY = "sk-proj-NeverShownToAnybody0123456789"
PROVIDERS = ("openai", "anthropic", "ollama")


def model_at(server: ScriptedServer, provider: str, *, key: str = KEY) -> VendorModel:
    """Return a provider's adapter that asks the scripted server."""
    return VendorModel(endpoint_at(server, provider, key=key), vendor_of(provider))


def endpoint_at(server: ScriptedServer, provider: str, *, key: str = KEY) -> Endpoint:
    """Return where a provider's interface is on the scripted server."""
    base_url = server.openai_url if provider == "openai" else server.url
    return Endpoint(provider=provider, model="small-1", base_url=base_url, key=SecretStr(key) if key else None)


def vendor_of(provider: str) -> Vendor:
    """Return the adapter of a provider."""
    vendors: dict[str, Vendor] = {
        "openai": OpenAICompatible(),
        "anthropic": AnthropicMessages(),
        "ollama": OllamaChat(),
    }
    return vendors[provider]


def request_of(
    text: str = "What now?",
    *,
    system: str = "Be brief.",
    schema: dict[str, object] | None = None,
    max_tokens: int = 100,
    seconds: float = 10.0,
) -> ChatRequest:
    """Return a request of one question."""
    messages = (Message(Role.SYSTEM, system), Message(Role.USER, text))
    return ChatRequest(messages, json_schema=schema, max_tokens=max_tokens, seconds=seconds)


def hang_up(stream: Iterator[ChatDelta]) -> None:
    """Stop to listen in the middle of an answer."""
    assert isinstance(stream, Generator)
    stream.close()


@dataclass
class FakeModel:
    """A ChatModel that gives scripted deltas, call by call; an error among them is raised where it stands."""

    calls: list[list[ChatDelta | LanguageModelError]]
    name: str = "fake small-1"
    asked: list[ChatRequest] = field(default_factory=list)

    def load(self) -> None:
        """Have nothing to load."""

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        self.asked.append(request)
        for item in self.calls[min(len(self.asked), len(self.calls)) - 1]:
            if isinstance(item, LanguageModelError):
                raise item
            yield item


def said(*pieces: str, usage: Usage | None = None) -> list[ChatDelta | LanguageModelError]:
    """Return the deltas of a whole answer."""
    return [*(ChatDelta(piece) for piece in pieces), ChatDelta("", usage or Usage(10, 5))]
