"""Anthropic's messages, through llama-index's Anthropic."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from api.llm.chat_model import ChatRequest, Usage
from api.llm.failures import Endpoint, RequestRejected
from api.llm.vendor_model import Piece, ours_in

if TYPE_CHECKING:
    import httpx

ANTHROPIC_URL = "https://api.anthropic.com"
_NO_KEY = "unset"  # the library looks into the environment where it is given none


class AnthropicMessages:
    """The vendor; a schema is asked for in words, which all of its models take."""

    media_types = ("text/event-stream",)

    def __init__(self) -> None:
        self._takes_temperature = True

    def headers(self, endpoint: Endpoint) -> dict[str, str]:
        """Return the key as Anthropic wants it."""
        return {"x-api-key": endpoint.key.get_secret_value()} if endpoint.key else {}

    def faults(self) -> tuple[type[Exception], ...]:
        """Return the errors of the anthropic package."""
        from importlib import import_module

        from anthropic import AnthropicError

        import_module("llama_index.llms.anthropic")  # loaded here, before a call is timed
        return (AnthropicError,)

    def pieces(self, endpoint: Endpoint, request: ChatRequest, client: "httpx.Client") -> Iterator[Piece]:
        """Yield the events of a message, asked again without a temperature where the model takes none."""
        from anthropic import AnthropicError

        started = False
        try:
            for piece in _asked(endpoint, request, client, {} if self._takes_temperature else _without_temperature()):
                started = True
                yield piece
        except AnthropicError as error:
            rejected = ours_in(error)
            named = isinstance(rejected, RequestRejected) and "temperature" in rejected.detail.casefold()
            if started or not named or not self._takes_temperature:
                raise
            self._takes_temperature = False
            yield from _asked(endpoint, request, client, _without_temperature())


def _asked(
    endpoint: Endpoint, request: ChatRequest, client: "httpx.Client", options: dict[str, Any]
) -> Iterator[Piece]:
    from anthropic import Anthropic as Client
    from llama_index.core.llms import ChatMessage

    told: dict[str, Any] = {
        "api_key": _NO_KEY,
        "base_url": endpoint.base_url,
        "max_retries": 0,
        "timeout": request.seconds,
    }
    model = _model_class()(model=endpoint.model, max_tokens=request.max_tokens, temperature=0.0, **told)
    # The class takes no HTTP client, and its own has neither our limits nor our headers.
    model._client.close()
    model._client = Client(**told, http_client=client)
    messages = [ChatMessage(role=message.role.value, content=message.text) for message in request.messages]
    for response in model.stream_chat(messages, **options):
        yield _piece(response)


def _without_temperature() -> dict[str, Any]:
    from anthropic import NOT_GIVEN

    return {"temperature": NOT_GIVEN}


@cache
def _model_class() -> Any:
    from llama_index.core.llms import LLMMetadata
    from llama_index.llms.anthropic import Anthropic

    class AnyAnthropic(Anthropic):
        """Takes every name of a model; its parent knows those that are older than itself."""

        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(num_output=self.max_tokens, is_chat_model=True, model_name=self.model)

    return AnyAnthropic


def _piece(response: Any) -> Piece:
    told = response.message.additional_kwargs
    usage = told.get("usage") or {}
    finish = told.get("stop_reason") or ""
    # The counts grow with the message; those beside the reason to stop are the last.
    counted = Usage(usage.get("input_tokens") or 0, usage.get("output_tokens") or 0) if finish and usage else None
    return Piece(response.delta or "", finish, usage=counted)
