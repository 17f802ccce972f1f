"""Between OpenAI's chat completions and questions: the question in a conversation, and the answer as its next turn."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

from api.answer_markdown import answer_markdown, answer_pieces
from api.chat_names import wishes_of
from api.conversations.followups import read_followup
from api.conversations.investigation_asks import read_ask
from api.conversations.thread import RECENT, EarlierTurn
from api.errors import UsageError
from api.schemas.answers import Answer, AskRequest
from api.schemas.chat import (
    AssistantMessage,
    ChatCompletion,
    ChatCompletionChunk,
    ChatMessage,
    ChatRequest,
    Choice,
    ChunkChoice,
    Delta,
    Usage,
)

_LINK = re.compile(r"/v1/investigations/(?P<id>[0-9a-f]{32})\b")


class UnsupportedParameter(UsageError):
    """A parameter asks for what an answer from documents cannot be; `parameter` names it."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said before the question."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class ChatQuestion:
    """A question with what was said before it, oldest first."""

    request: AskRequest
    earlier: tuple[Turn, ...]


class FollowUps(Protocol):
    """What understands a question that leans on earlier ones."""

    def resolve(self, question: str, earlier_turns: Sequence[Turn]) -> str:
        """Return the question as one that stands alone; unchanged where it does already."""


class ReadInThread:
    """Read a question after those that the chat shows before it, as stored conversations are read."""

    def resolve(self, question: str, earlier_turns: Sequence[Turn]) -> str:
        """Return the question with what it leans on put in; each earlier question was read in the same way."""
        turns: list[EarlierTurn] = []
        for asked in [turn.text for turn in earlier_turns if turn.role == "user"][-RECENT:]:
            turns.append(EarlierTurn(asked, read_followup(turns, asked).asked_as))
        return read_followup(turns, question).understood


def question_of(request: ChatRequest) -> ChatQuestion:
    """Return what is asked; raises UnsupportedParameter, UsageError, and UnknownModel for a model of others."""
    _require_supported(request)
    wishes = wishes_of(request.model, request.metadata or {})
    position = max((n for n, message in enumerate(request.messages) if message.role == "user"), default=None)
    if position is None:
        raise UnsupportedParameter("messages", "messages: there is no user message; the last one is the question")
    asked = AskRequest(
        question=_text(request.messages[position], position),
        filters=wishes.filters,
        conversation_id=wishes.conversation_id,
        writer=wishes.writer,
        investigations="auto",
        investigation_id=_investigation_before(request.messages[:position]),
    )
    return ChatQuestion(asked, tuple(_turns(request.messages[:position])))


def resolved(asked: ChatQuestion, follow_ups: FollowUps) -> AskRequest:
    """Return the request with a question that stands alone; a stored conversation is resolved where it is stored."""
    if not asked.earlier or asked.request.conversation_id is not None:
        return asked.request
    if _is_about_investigations(asked.request):
        return asked.request
    question = follow_ups.resolve(asked.request.question, asked.earlier)
    return asked.request.model_copy(update={"question": question})


def as_asked(answer: Answer, asked: ChatQuestion, request: AskRequest) -> Answer:
    """Return the answer with the question in the words of its asker, and beside them those it was searched for."""
    if request.question == asked.request.question:
        return answer
    return answer.model_copy(update={"question": asked.request.question, "asked_as": request.question})


def completion_of(answer: Answer, model: str, created: int) -> ChatCompletion:
    """Return an answer as a chat completion."""
    return ChatCompletion(
        id=f"chatcmpl-{answer.id}",
        created=created,
        model=model,
        choices=[Choice(message=AssistantMessage(content=answer_markdown(answer)))],
        usage=_usage(answer),
        groundwatch=answer,
    )


@dataclass(frozen=True, slots=True)
class ChunkWriter:
    """Write the chunks of one stream; its `id` is drawn before there is an answer."""

    id: str
    model: str
    created: int

    def opening(self) -> ChatCompletionChunk:
        """Return the first chunk: somebody answers."""
        return self._chunk([ChunkChoice(delta=Delta(role="assistant", content=""))])

    def rest(self, answer: Answer, *, with_usage: bool) -> Iterator[ChatCompletionChunk]:
        """Yield the text in pieces, then the whole answer, then its usage where that is wanted."""
        for piece in answer_pieces(answer):
            yield self._chunk([ChunkChoice(delta=Delta(content=piece))])
        yield self._chunk([ChunkChoice(delta=Delta(), finish_reason="stop")], groundwatch=answer)
        if with_usage:
            yield self._chunk([], usage=_usage(answer))

    def _chunk(
        self, choices: list[ChunkChoice], *, usage: Usage | None = None, groundwatch: Answer | None = None
    ) -> ChatCompletionChunk:
        return ChatCompletionChunk(
            id=self.id, created=self.created, model=self.model, choices=choices, usage=usage, groundwatch=groundwatch
        )


def _require_supported(request: ChatRequest) -> None:
    """Refuse what would change the meaning of the answer if it were ignored."""
    if request.n not in (None, 1):
        raise UnsupportedParameter("n", f"n={request.n!r}: there is one answer to a question; leave n out")
    if request.tools or request.functions:
        name = "tools" if request.tools else "functions"
        raise UnsupportedParameter(name, f"{name}: answers come from the documents and call nothing; leave {name} out")
    if request.response_format is not None and request.response_format.type != "text":
        raise UnsupportedParameter(
            "response_format",
            f"response_format={request.response_format.type!r}: the text is Markdown, and the typed answer stands in "
            "the field 'groundwatch' of every response; leave response_format out",
        )
    if set(request.modalities or ()) - {"text"}:
        raise UnsupportedParameter("modalities", f"modalities={request.modalities!r}: only 'text' can be given")
    if request.logprobs:
        raise UnsupportedParameter("logprobs", "logprobs: answers are not sampled and have none; leave logprobs out")
    for number, message in enumerate(request.messages):
        if message.role in ("tool", "function") or message.tool_calls:
            raise UnsupportedParameter(
                f"messages[{number}]", f"messages[{number}]: nothing here calls tools, so their results mean nothing"
            )


def _investigation_before(messages: Sequence[ChatMessage]) -> str | None:
    """Return the id of the investigation that the last answer links to, or None."""
    for number in range(len(messages) - 1, -1, -1):
        if messages[number].role == "assistant":
            found = _LINK.search(_text(messages[number], number))
            return found["id"] if found else None
    return None


def _is_about_investigations(request: AskRequest) -> bool:
    """Tell whether a question is to be taken as written, since an investigation may answer it."""
    if request.investigation_id is not None:
        return True
    try:
        ask = read_ask(request.question, datetime.now(UTC), in_investigation=False)
    except UsageError:
        return True  # the answer says what is wrong with the time
    return ask is not None


def _turns(messages: Sequence[ChatMessage]) -> Iterator[Turn]:
    for number, message in enumerate(messages):
        if message.role in ("user", "assistant"):
            text = _text(message, number)
            if text.strip():
                yield Turn("user" if message.role == "user" else "assistant", text)


def _text(message: ChatMessage, number: int) -> str:
    if message.content is None or isinstance(message.content, str):
        return message.content or ""
    for part in message.content:
        if part.type not in ("text", "refusal"):
            raise UnsupportedParameter(
                f"messages[{number}].content",
                f"messages[{number}].content: a part of type {part.type!r} cannot be read, only 'text'",
            )
    return "\n".join(part.text for part in message.content if part.text)


def _usage(answer: Answer) -> Usage:
    writing = answer.writing
    sent, written = (writing.prompt_tokens, writing.completion_tokens) if writing is not None else (0, 0)
    return Usage(prompt_tokens=sent, completion_tokens=written, total_tokens=sent + written)
