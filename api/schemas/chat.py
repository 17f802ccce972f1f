"""OpenAI's chat completions on the wire: what Groundwatch reads of a request, and what it writes."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from api.schemas.answers import Answer
from api.schemas.places import Wire

Role = Literal["system", "developer", "user", "assistant", "tool", "function"]


class Lenient(BaseModel):
    """Base of what OpenAI clients send: they know parameters that are newer than this list, so others are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ContentPart(Lenient):
    """A part of a message; only those of type "text" can be read."""

    type: str
    text: str | None = None


class ChatMessage(Lenient):
    """One turn of the conversation."""

    role: Role
    content: str | list[ContentPart] | None = None
    tool_calls: list[object] | None = None


class ResponseFormat(Lenient):
    """In which form the text is wanted; "text" is the only one."""

    type: str


class StreamOptions(Lenient):
    """How a stream is wanted."""

    include_usage: bool | None = None


class ChatRequest(Lenient):
    """A conversation that ends with a question; sampling parameters are accepted and mean nothing here.

    The last user message is the question. Earlier user and assistant messages tell what it is about; system
    and developer messages are not followed, since answers are made from the documents only.
    """

    model: str = Field(
        max_length=500,
        description='"groundwatch", or with filters "groundwatch:source=runbooks;kind=runbook,postmortem".',
        examples=["groundwatch"],
    )
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    metadata: dict[str, str] | None = Field(
        None,
        description="groundwatch_source, groundwatch_kind, groundwatch_service and groundwatch_exclude narrow the "
        "search (several values with commas); groundwatch_writer=none asks for the words of the documents; "
        "groundwatch_conversation names a stored conversation. Other keys are ignored.",
    )
    n: int | None = None
    tools: list[object] | None = None
    functions: list[object] | None = None
    response_format: ResponseFormat | None = None
    modalities: list[str] | None = None
    logprobs: bool | None = None


class AssistantMessage(Wire):
    """The answer as Markdown."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(Wire):
    """The one answer."""

    index: int = 0
    message: AssistantMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Usage(Wire):
    """Tokens of the language model that wrote the answer; all 0 where none did, since then nothing is counted."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(Wire):
    """An answer as OpenAI clients read it; `groundwatch` is the typed answer with every citation."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    groundwatch: Answer


class _Sparse(Wire):
    """Base of what leaves out its empty fields, as OpenAI's streams do."""

    @model_serializer(mode="wrap")
    def _without_empty(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in serialize(self).items() if value is not None}


class Delta(_Sparse):
    """What a chunk adds to the message."""

    role: Literal["assistant"] | None = None
    content: str | None = None


class ChunkChoice(Wire):
    """The one answer in a chunk; `finish_reason` is set in the last one that has a choice."""

    index: int = 0
    delta: Delta
    logprobs: None = None
    finish_reason: Literal["stop"] | None = None


class ChatCompletionChunk(_Sparse):
    """One event of a stream; the chunk that finishes the answer carries it as `groundwatch`."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None
    groundwatch: Answer | None = None


class ChatModel(Wire):
    """A name that `model` can be: everything, or one source."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: Literal["groundwatch"] = "groundwatch"


class ChatModels(Wire):
    """The names that `model` can be."""

    object: Literal["list"] = "list"
    data: list[ChatModel]


class ChatError(Wire):
    """What is wrong; `param` names the part of the request, `code` the kind of problem."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ChatErrorBody(Wire):
    """An error as OpenAI clients read it."""

    error: ChatError
