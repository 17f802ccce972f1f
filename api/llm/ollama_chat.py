"""Ollama's chat, through llama-index's Ollama."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from api.errors import LanguageModelRefused
from api.llm.chat_model import ChatRequest, Usage
from api.llm.failures import Endpoint
from api.llm.tokens import estimated_tokens
from api.llm.vendor_model import Piece

if TYPE_CHECKING:
    import httpx

OLLAMA_URL = "http://127.0.0.1:11434"
OLLAMA_CONTEXT = 8_192


class OllamaChat:
    """The vendor. `context_window` is stated with each request: Ollama's own is small, and it cuts what is longer."""

    media_types = ("application/x-ndjson", "application/json")

    def __init__(self, context_window: int = OLLAMA_CONTEXT) -> None:
        self._context_window = context_window

    def headers(self, endpoint: Endpoint) -> dict[str, str]:
        """Return the key as a bearer token, for an Ollama behind a proxy that asks for one."""
        return {"authorization": f"Bearer {endpoint.key.get_secret_value()}"} if endpoint.key else {}

    def faults(self) -> tuple[type[Exception], ...]:
        """Return the errors of the ollama package."""
        from importlib import import_module

        from ollama import RequestError, ResponseError

        import_module("llama_index.llms.ollama")  # loaded here, before a call is timed
        return (RequestError, ResponseError)

    def pieces(self, endpoint: Endpoint, request: ChatRequest, client: "httpx.Client") -> Iterator[Piece]:
        """Yield the lines of a chat; raises LanguageModelRefused where the prompt would be cut silently."""
        from llama_index.core.llms import ChatMessage
        from llama_index.llms.ollama import Ollama  # type: ignore[import-untyped]  # ships no py.typed

        self._check_fit(endpoint, request)
        model = Ollama(
            model=endpoint.model,
            base_url=endpoint.base_url,
            temperature=0.0,
            context_window=self._context_window,
            request_timeout=request.seconds,
            additional_kwargs={"num_predict": request.max_tokens},
            client=_ollama_client(endpoint, client),
        )
        schema = dict(request.json_schema) if request.json_schema is not None else None
        messages = [ChatMessage(role=message.role.value, content=message.text) for message in request.messages]
        for response in model.stream_chat(messages, format=schema):
            yield _piece(response.raw)

    def _check_fit(self, endpoint: Endpoint, request: ChatRequest) -> None:
        prompt = estimated_tokens(*(message.text for message in request.messages))
        if prompt + request.max_tokens > self._context_window:
            raise LanguageModelRefused(
                f"{endpoint.where} would cut the prompt: about {prompt} tokens, and {request.max_tokens} for the "
                f"answer, do not fit in {self._context_window}; raise GROUNDWATCH_LLM_CONTEXT_WINDOW"
            )


def _ollama_client(endpoint: Endpoint, client: "httpx.Client") -> Any:
    from ollama import Client

    made = Client(host=endpoint.base_url)
    # The class builds its own HTTP client, and that has neither our limits nor our headers.
    made._client.close()
    client.base_url = made._client.base_url
    made._client = client
    return made


def _piece(line: Any) -> Piece:
    message = line["message"]
    finish = (line.get("done_reason") or "stop") if line.get("done") else ""
    usage = None
    if finish:
        usage = Usage(line.get("prompt_eval_count") or 0, line.get("eval_count") or 0)
    return Piece(message.get("content") or "", finish, usage=usage)
