"""One model behind one vendor's library: its pieces made deltas, and its misbehaviour made our errors."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Protocol

from api.errors import LanguageModelError, LanguageModelRefused
from api.llm import failures
from api.llm.chat_model import ChatDelta, ChatRequest, Message, Role, Usage
from api.llm.failures import Endpoint
from api.llm.time_limit import within
from api.llm.tokens import estimated_tokens, tokens_of_bytes

if TYPE_CHECKING:
    import httpx

_CUT_OFF = frozenset({"length", "max_tokens", "model_length", "model_context_window_exceeded"})
_FILTERED = frozenset({"content_filter", "refusal", "safety", "blocked"})
_WIRE_BYTES = 262_144
_WIRE_BYTES_PER_TOKEN = 4_096
_TEXT_LETTERS = 2_000
_TEXT_LETTERS_PER_TOKEN = 32
# What code that trusts a provider raises where the provider sends something else.
_SHAPE_ERRORS = (ValueError, TypeError, AttributeError, LookupError, RuntimeError, AssertionError)


@dataclass(frozen=True, slots=True)
class Piece:
    """What a vendor's library told in one step; `finish` is the vendor's word for why the answer ends."""

    text: str = ""
    finish: str = ""
    refusal: str = ""
    usage: Usage | None = None


class Vendor(Protocol):
    """What differs from one vendor to the next."""

    @property
    def media_types(self) -> tuple[str, ...]:
        """Media types of a streamed answer, the documented one first."""

    def headers(self, endpoint: Endpoint) -> dict[str, str]:
        """Return the headers that carry the key."""

    def faults(self) -> tuple[type[Exception], ...]:
        """Return the errors of the vendor's library; loads it."""

    def pieces(self, endpoint: Endpoint, request: ChatRequest, client: "httpx.Client") -> Iterator[Piece]:
        """Ask, through `client` only, and yield what comes back."""


class VendorModel:
    """A ChatModel over a vendor's library. It tries once, and has one connection a call."""

    def __init__(self, endpoint: Endpoint, vendor: Vendor) -> None:
        self._endpoint = endpoint
        self._vendor = vendor

    @property
    def name(self) -> str:
        """Provider and model."""
        return self._endpoint.name

    def load(self) -> None:
        """Load the vendor's library, which takes seconds that are not the provider's."""
        self._vendor.faults()

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        """Yield the completion; raises LanguageModelError, after the last piece too where that was not the end."""
        self.load()
        asked = instructed(request)
        late = failures.out_of_time(self._endpoint, request.seconds)
        yield from within(request.seconds, lambda: self._translated(asked), lambda: late)

    def _translated(self, request: ChatRequest) -> Iterator[ChatDelta]:
        answer = _Answer(self._endpoint, request)
        faults: tuple[type[Exception], ...] = (*self._vendor.faults(), *_SHAPE_ERRORS, LanguageModelError)
        try:
            for piece in self._pieces(request):
                if piece.text or piece.refusal or piece.finish or piece.usage:
                    yield from answer.take(piece)
                if answer.is_complete:
                    break
        except faults as error:
            if not answer.finished:  # after its end, a broken connection takes nothing away
                raise self._ours(error) from (None if failures.reveals_key(self._endpoint, error) else error)
        yield answer.last()

    def _pieces(self, request: ChatRequest) -> Iterator[Piece]:
        from api.llm.transport import CallLimits, bounded_client

        limits = CallLimits(
            seconds=request.seconds, most_bytes=_WIRE_BYTES + _WIRE_BYTES_PER_TOKEN * request.max_tokens
        )
        vendor = self._vendor
        headers = vendor.headers(self._endpoint)
        with bounded_client(self._endpoint, limits, media_types=vendor.media_types, headers=headers) as client:
            yield from vendor.pieces(self._endpoint, request, client)

    def _ours(self, error: Exception) -> LanguageModelError:
        found = ours_in(error)
        if found is not None:
            return found
        if isinstance(error, self._vendor.faults()) and not isinstance(error, ValueError):
            return failures.of_event(self._endpoint, str(error))
        return failures.broken(self._endpoint, f"something that cannot be read ({type(error).__name__}: {error})")


def ours_in(error: BaseException) -> LanguageModelError | None:
    """Return the error of ours that a vendor's library wrapped into its own, if it did."""
    return next((each for each in failures.chain(error) if isinstance(each, LanguageModelError)), None)


def instructed(request: ChatRequest) -> ChatRequest:
    """Return the request with its schema in words too: not every server that takes one enforces it."""
    if request.json_schema is None:
        return request
    words = _json_words().format(schema=json.dumps(request.json_schema, ensure_ascii=False, separators=(",", ":")))
    messages = list(request.messages)
    if messages and messages[0].role is Role.SYSTEM:
        messages[0] = replace(messages[0], text=f"{messages[0].text}\n\n{words}")
    else:
        messages.insert(0, Message(Role.SYSTEM, words))
    return replace(request, messages=tuple(messages))


@cache
def _json_words() -> str:
    return files("api.llm").joinpath("prompts", "json_answer.md").read_text("utf-8").strip()


class _Answer:
    """What has come of one answer."""

    def __init__(self, endpoint: Endpoint, request: ChatRequest) -> None:
        self._endpoint = endpoint
        self._request = request
        self._letters = 0
        self._bytes = 0
        self._has_words = False
        self._refusal = ""
        self._usage: Usage | None = None
        self.finished = ""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to wait for."""
        return bool(self.finished) and self._usage is not None

    def take(self, piece: Piece) -> Iterator[ChatDelta]:
        """Note a piece and yield its text; raises where the answer has become too long."""
        self._letters += len(piece.text) + len(piece.refusal)
        if self._letters > _TEXT_LETTERS + _TEXT_LETTERS_PER_TOKEN * self._request.max_tokens:
            raise failures.too_much(self._endpoint)
        self._refusal += piece.refusal
        self._usage = piece.usage or self._usage
        self.finished = piece.finish or self.finished
        self._bytes += len(piece.text.encode("utf-8", "replace"))
        self._has_words = self._has_words or bool(piece.text.strip())
        if piece.text:
            yield ChatDelta(piece.text)

    def last(self) -> ChatDelta:
        """Return the piece with the usage; raises where the answer is none, or has no end."""
        where = self._endpoint.where
        if self._refusal.strip():
            told = failures.scrubbed(self._endpoint, self._refusal)
            raise LanguageModelRefused(f"{where} refused to answer ({told}); ask in other words")
        if not self.finished:
            raise LanguageModelError(f"{where} broke off in the middle of its answer; ask again")
        if self.finished in _CUT_OFF:
            raise LanguageModelRefused(
                f"{where} was cut off after {self._request.max_tokens} tokens; raise GROUNDWATCH_LLM_MAX_TOKENS"
            )
        if self.finished in _FILTERED:
            raise LanguageModelRefused(
                f"{where} stopped: its content filter or the model refused ({self.finished}); ask in other words"
            )
        if not self._has_words:
            raise LanguageModelRefused(
                f"{where} gave an empty answer ({self.finished}); ask again or use another model"
            )
        return ChatDelta("", self._counted())

    def _counted(self) -> Usage:
        estimated = Usage(
            estimated_tokens(*(message.text for message in self._request.messages)), tokens_of_bytes(self._bytes)
        )
        counted = self._usage or Usage()
        return Usage(
            counted.prompt_tokens or estimated.prompt_tokens, counted.completion_tokens or estimated.completion_tokens
        )
