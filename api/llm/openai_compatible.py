"""Servers that speak OpenAI's chat completions, through llama-index's OpenAILike."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from api.llm.chat_model import ChatRequest, Usage
from api.llm.failures import Endpoint, RequestRejected
from api.llm.vendor_model import Piece, ours_in

if TYPE_CHECKING:
    import httpx

_NO_KEY = "unset"  # the library looks into the environment where it is given none


@dataclass(frozen=True, slots=True)
class _Dialect:
    """Which optional parts of a request a server takes; found out by its refusals."""

    schema: bool = True
    temperature: bool = True
    usage: bool = True
    completion_tokens: bool = False

    def without_what_is_refused(self, detail: str) -> "_Dialect | None":
        """Return the dialect without the part that a refusal names, else without the schema; None if none is left."""
        folded = detail.casefold()
        if "max_completion_tokens" in folded and not self.completion_tokens:
            return replace(self, completion_tokens=True)
        if "temperature" in folded and self.temperature:
            return replace(self, temperature=False)
        if ("stream_options" in folded or "include_usage" in folded) and self.usage:
            return replace(self, usage=False)
        return replace(self, schema=False) if self.schema else None


class OpenAICompatible:
    """The vendor; it remembers what its server refused, so that each refusal costs one request only."""

    media_types = ("text/event-stream",)

    def __init__(self) -> None:
        self._dialect = _Dialect()

    def headers(self, endpoint: Endpoint) -> dict[str, str]:
        """Return the key as a bearer token."""
        return {"authorization": f"Bearer {endpoint.key.get_secret_value()}"} if endpoint.key else {}

    def faults(self) -> tuple[type[Exception], ...]:
        """Return the errors of the openai package."""
        from importlib import import_module

        from openai import OpenAIError

        import_module("llama_index.llms.openai_like")  # loaded here, before a call is timed
        return (OpenAIError,)

    def pieces(self, endpoint: Endpoint, request: ChatRequest, client: "httpx.Client") -> Iterator[Piece]:
        """Yield the chunks of a chat completion, asked again in plainer form while the server refuses the form."""
        from openai import OpenAIError

        dialect = self._dialect if request.json_schema is not None else replace(self._dialect, schema=False)
        while True:
            started = False
            try:
                for piece in _asked(endpoint, request, client, dialect):
                    if not started:
                        started = True
                        self._learn(dialect, request)
                    yield piece
                return
            except OpenAIError as error:
                rejected = ours_in(error)
                plainer = None
                if isinstance(rejected, RequestRejected) and not started:
                    plainer = dialect.without_what_is_refused(rejected.detail)
                if plainer is None:
                    raise
                dialect = plainer

    def _learn(self, dialect: _Dialect, request: ChatRequest) -> None:
        schema = dialect.schema if request.json_schema is not None else self._dialect.schema
        self._dialect = replace(dialect, schema=schema)


def _asked(endpoint: Endpoint, request: ChatRequest, client: "httpx.Client", dialect: _Dialect) -> Iterator[Piece]:
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.openai_like import OpenAILike  # type: ignore[import-untyped]  # ships no py.typed

    model = OpenAILike(
        model=endpoint.model,
        api_base=endpoint.base_url,
        api_key=_NO_KEY,
        is_chat_model=True,
        max_retries=0,
        timeout=request.seconds,
        temperature=0.0,
        http_client=client,
    )
    messages = [ChatMessage(role=message.role.value, content=message.text) for message in request.messages]
    for response in model.stream_chat(messages, **_options(request, dialect)):
        yield _piece(response.raw)


def _options(request: ChatRequest, dialect: _Dialect) -> dict[str, Any]:
    from openai import NOT_GIVEN

    name = "max_completion_tokens" if dialect.completion_tokens else "max_tokens"
    options: dict[str, Any] = {name: request.max_tokens}
    if not dialect.temperature:
        options["temperature"] = NOT_GIVEN
    if dialect.usage:
        options["stream_options"] = {"include_usage": True}
    if dialect.schema and request.json_schema is not None:
        schema = {"name": "answer", "strict": True, "schema": dict(request.json_schema)}
        options["response_format"] = {"type": "json_schema", "json_schema": schema}
    return options


def _piece(chunk: Any) -> Piece:
    """Return what a ChatCompletionChunk holds; the one with the usage mostly has no choice."""
    usage = chunk.usage
    counted = Usage(usage.prompt_tokens or 0, usage.completion_tokens or 0) if usage else None
    if not chunk.choices:
        return Piece(usage=counted)
    choice = chunk.choices[0]
    refusal = (choice.delta.refusal if choice.delta else "") or ""
    return Piece((choice.delta.content if choice.delta else "") or "", choice.finish_reason or "", refusal, counted)
