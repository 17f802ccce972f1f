"""POST /v1/chat/completions and GET /v1/models: the door for clients that speak OpenAI's protocol."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Body, Path
from fastapi.openapi.models import Example
from fastapi.responses import JSONResponse, Response
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel

from api.chat_completions import (
    ChatQuestion,
    ChunkWriter,
    FollowUps,
    ReadInThread,
    UnsupportedParameter,
    as_asked,
    completion_of,
    question_of,
    resolved,
)
from api.chat_names import UnknownModel, models_of, wishes_of
from api.errors import GroundwatchError
from api.metrics import Metrics
from api.routes.chat_errors import COMPLETIONS, MODELS, chat_error
from api.routes.workers import Workers
from api.schemas.answers import Answer, AnswerEvent, AskEvent, AskRequest
from api.schemas.chat import ChatCompletion, ChatError, ChatErrorBody, ChatModel, ChatModels, ChatRequest
from api.schemas.knowledge import KnowledgeStatus
from api.schemas.problems import problem_of

_DONE = b"data: [DONE]\n\n"
_ALIVE = b": still at work\n\n"
_REFUSED: dict[int | str, dict[str, Any]] = {
    status: {"model": ChatErrorBody, "description": described}
    for status, described in (
        (400, "Something in the request is wrong or cannot be had"),
        (401, "Key missing or wrong"),
        (404, "No such model"),
        (413, "Body too large"),
        (500, "Internal error"),
        (503, "The knowledge base cannot answer"),
    )
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer as Markdown; with stream=true as events of chat.completion.chunk, then [DONE].",
        "content": {
            "text/event-stream": {"schema": {"type": "string"}, "example": 'data: {"object":"chat.completion.chunk"}'}
        },
    }
}
_EXAMPLES: dict[str, Example] = {
    "alert": {
        "summary": "What to do about an alert",
        "value": {
            "model": "groundwatch",
            "messages": [{"role": "user", "content": "What do I do when PgDiskAlmostFull fires?"}],
        },
    }
}


class Chatting(Protocol):
    """What answers, and knows what it answers from."""

    def ask(self, request: AskRequest) -> Answer:
        """Answer a question, or abstain."""

    def ask_events(self, request: AskRequest) -> Iterator[AskEvent]:
        """Answer a question as a stream."""

    def status(self) -> KnowledgeStatus:
        """Return what is being served."""


def chat_routes(
    assistant: Chatting,
    workers: Workers,
    metrics: Metrics,
    follow_ups: FollowUps | None = None,
    *,
    alive_every: float = 10.0,
) -> APIRouter:
    """Return the routes; `follow_ups` understands questions that lean on earlier ones, by default without a model.

    A stream is never silent for longer than `alive_every` seconds, since proxies cut those that are.
    """
    router = APIRouter(tags=["chat"])
    understood = follow_ups or ReadInThread()

    @router.post(
        COMPLETIONS,
        operation_id="createChatCompletion",
        response_model=ChatCompletion,
        responses={**_RESPONSES, **_REFUSED},
    )
    async def create_chat_completion(
        request: Annotated[ChatRequest, Body(openapi_examples=_EXAMPLES)],
    ) -> ChatCompletion | Response:
        """Answer the last user message as OpenAI's chat completions do; the typed answer is in `groundwatch`."""
        try:
            asked = question_of(request)
        except (UnsupportedParameter, UnknownModel) as error:
            return _refused(error)
        ask = await workers.run(resolved, asked, understood)
        created = int(time.time())
        if request.stream:
            events = workers.each(assistant.ask_events(ask))
            first = await anext(events)  # what fails before it is a plain error with its own status
            writer = ChunkWriter(f"chatcmpl-{uuid.uuid4().hex}", request.model, created)
            with_usage = bool(request.stream_options and request.stream_options.include_usage)
            answered = _Answering(asked, ask, first, events, metrics)
            return EventSourceResponse(_encoded(writer, answered, with_usage=with_usage, alive_every=alive_every))
        answer = as_asked(await workers.run(assistant.ask, ask), asked, ask)
        metrics.count_answer(answer.outcome.value)
        return completion_of(answer, request.model, created)

    _add_models(router, assistant, workers)
    return router


def _add_models(router: APIRouter, assistant: Chatting, workers: Workers) -> None:
    """Add the routes that name what `model` can be."""

    @router.get(MODELS, operation_id="listChatModels", responses=_REFUSED)
    async def list_models() -> ChatModels:
        """List the names that `model` can be: everything, and each source where there are several."""
        return models_of(await workers.run(assistant.status))

    @router.get(f"{MODELS}/{{name:path}}", operation_id="getChatModel", response_model=ChatModel, responses=_REFUSED)
    async def get_model(
        name: Annotated[str, Path(max_length=500, description="A name, with filters or without.")],
    ) -> ChatModel | Response:
        """Return a name that `model` can be; one with filters can be though it is not listed."""
        try:
            wishes_of(name, {})
        except UnknownModel as error:
            return _refused(error)
        known = models_of(await workers.run(assistant.status))
        return ChatModel(id=name, created=known.data[0].created)


class _Answering:
    """The events of one answer on their way."""

    def __init__(
        self, asked: ChatQuestion, request: AskRequest, first: AskEvent, rest: AsyncIterator[AskEvent], metrics: Metrics
    ) -> None:
        self._asked, self._request = asked, request
        self._first, self._rest, self._metrics = first, rest, metrics

    async def answer(self) -> Answer:
        """Return the answer that the events end with; its verdict stands first, so statements wait for it."""
        found = self._first
        async for event in self._rest:
            found = event
        if not isinstance(found, AnswerEvent):
            raise GroundwatchError("the stream ended before the answer was whole; ask again")
        self._metrics.count_answer(found.answer.outcome.value)
        return as_asked(found.answer, self._asked, self._request)


async def _encoded(
    writer: ChunkWriter, answering: _Answering, *, with_usage: bool, alive_every: float
) -> AsyncIterator[bytes]:
    yield _bytes_of(writer.opening())
    answer = asyncio.create_task(answering.answer())
    try:
        while not (await asyncio.wait({answer}, timeout=alive_every))[0]:
            yield _ALIVE
        for chunk in writer.rest(answer.result(), with_usage=with_usage):
            yield _bytes_of(chunk)
        yield _DONE
    except GroundwatchError as error:
        yield _bytes_of(chat_error(problem_of(error)))
    finally:
        answer.cancel()


def _bytes_of(value: BaseModel) -> bytes:
    return format_sse_event(data_str=value.model_dump_json())


def _refused(error: UnsupportedParameter | UnknownModel) -> Response:
    if isinstance(error, UnknownModel):
        told = ChatError(message=str(error), type="invalid_request_error", param="model", code="model_not_found")
        return JSONResponse(ChatErrorBody(error=told).model_dump(), status_code=404)
    told = ChatError(
        message=str(error), type="invalid_request_error", param=error.parameter, code="unsupported_parameter"
    )
    return JSONResponse(ChatErrorBody(error=told).model_dump(), status_code=400)
