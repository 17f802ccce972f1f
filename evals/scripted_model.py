"""A language model that says what a script tells it to, in small pieces, and fails when it is told to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from api.errors import LanguageModelDown
from api.llm.chat_model import ChatDelta, ChatRequest, Usage

_PIECE = 17  # characters, so that no piece ends where a statement does


@dataclass(slots=True)
class ScriptedModel:
    """Give `outputs` one after the other, the last one for good; `breaks_off` ends the stream without its last piece.

    `requests` keeps what was asked.
    """

    outputs: Sequence[str]
    breaks_off: bool = False
    fails: str = ""
    name: str = "scripted"
    requests: list[ChatRequest] = field(default_factory=list)

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        """Yield the next output in pieces."""
        self.requests.append(request)
        if self.fails:
            raise LanguageModelDown(self.fails)
        said = self.outputs[min(len(self.requests), len(self.outputs)) - 1] if self.outputs else ""
        for start in range(0, len(said), _PIECE):
            yield ChatDelta(said[start : start + _PIECE])
        if not self.breaks_off:
            yield ChatDelta("", Usage(100, len(said) // 4))
