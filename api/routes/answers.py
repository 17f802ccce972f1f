"""POST /v1/ask: an answer as JSON, or as a stream of events."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Body, Header
from fastapi.openapi.models import Example
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, format_sse_event

from api.errors import GroundwatchError
from api.metrics import Metrics
from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.answers import Answer, AnswerEvent, AskEvent, AskRequest, ErrorEvent
from api.schemas.problems import problem_of

_STREAM = "text/event-stream"
_STREAM_EXAMPLE = (
    'event: evidence\ndata: {"event":"evidence","hits":[]}\n\n'
    'event: statement\ndata: {"event":"statement","statement":{}}\n\n'
    'event: answer\ndata: {"event":"answer","answer":{}}\n\n'
)
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer, or with Accept: text/event-stream the events evidence, statement and answer "
        "(or error), in this order.",
        "content": {_STREAM: {"schema": {"type": "string"}, "example": _STREAM_EXAMPLE}},
    }
}

_EXAMPLES: dict[str, Example] = {
    "procedure": {
        "summary": "What to do about an alert",
        "value": {"question": "What do I do when PgDiskAlmostFull fires?", "filters": {"services": ["postgresql"]}},
    }
}


class Answering(Protocol):
    """What answers."""

    def ask(self, request: AskRequest) -> Answer:
        """Answer a question, or abstain."""

    def ask_events(self, request: AskRequest) -> Iterator[AskEvent]:
        """Answer a question as a stream."""


def answer_routes(assistant: Answering, workers: Workers, metrics: Metrics) -> APIRouter:
    """Return the route that answers."""
    router = APIRouter(tags=["ask"])

    @router.post(
        "/v1/ask",
        operation_id="ask",
        response_model=Answer,
        responses={**_RESPONSES, **problems(400, 401, 413, 422, 503)},
    )
    async def ask(
        request: Annotated[AskRequest, Body(openapi_examples=_EXAMPLES)],
        accept: Annotated[str, Header(description="application/json, or text/event-stream for a stream.")] = "",
    ) -> Answer | Response:
        """Answer from the documents, every statement cited; abstain where they do not hold the answer.

        With `Accept: text/event-stream` the evidence comes first, then the statements, then the whole answer.
        """
        if _STREAM in accept:
            events = workers.each(assistant.ask_events(request))
            first = await anext(events)  # what fails before it is a plain problem with its own status
            return EventSourceResponse(_encoded(first, events, metrics))
        answer = await workers.run(assistant.ask, request)
        metrics.count_answer(answer.outcome.value)
        return answer

    return router


async def _encoded(first: AskEvent, events: AsyncIterator[AskEvent], metrics: Metrics) -> AsyncIterator[bytes]:
    yield _bytes_of(first)
    try:
        async for event in events:
            if isinstance(event, AnswerEvent):
                metrics.count_answer(event.answer.outcome.value)
            yield _bytes_of(event)
    except GroundwatchError as error:
        problem = problem_of(error)
        yield _bytes_of(ErrorEvent(title=problem.title, detail=problem.detail))


def _bytes_of(event: AskEvent) -> bytes:
    return format_sse_event(event=event.event, data_str=event.model_dump_json())
