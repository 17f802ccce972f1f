"""The three interfaces as their providers document them: what each sends for a scripted answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

DEFAULT_WORDS = "Restart the checkout pod, then watch the error rate."


@dataclass(frozen=True, slots=True)
class Said:
    """An answer without its wire format; `finish` is stop, length, filter or refusal."""

    pieces: tuple[str, ...]
    finish: str = "stop"
    refusal: str = ""
    usage: tuple[int, int] | None = (11, 7)


class Wire(Protocol):
    """How a provider writes its answers."""

    media_type: str

    def opening(self, said: Said) -> list[bytes]:
        """Return what is sent before the first words."""

    def piece(self, text: str) -> bytes:
        """Return a few words."""

    def closing(self, said: Said) -> list[bytes]:
        """Return what is sent behind the last words."""

    def line(self, text: str) -> bytes:
        """Return a text in the frame of an event, whatever it holds."""

    def comment(self) -> bytes:
        """Return what keeps a connection alive and says nothing."""

    def error(self, message: str, kind: str) -> bytes:
        """Return a failure that is told inside of a stream."""

    def refused(self, status: int, message: str, kind: str) -> bytes:
        """Return the body of a failure."""

    def whole(self, said: Said) -> bytes:
        """Return the answer to a caller who did not ask for a stream."""


class OpenAIWire:
    """Chat completions of OpenAI and of the many servers that speak like it."""

    media_type = "text/event-stream"

    def opening(self, said: Said) -> list[bytes]:
        refusal = [self._chunk({"refusal": said.refusal})] if said.refusal else []
        return [self._chunk({"role": "assistant", "content": ""}), *refusal]

    def piece(self, text: str) -> bytes:
        return self._chunk({"content": text})

    def closing(self, said: Said) -> list[bytes]:
        finish = {"stop": "stop", "length": "length", "filter": "content_filter", "refusal": "stop"}[said.finish]
        events = [self._chunk({}, finish)]
        if said.usage is not None:
            events.append(self._event({**_OPENAI_HEAD, "choices": [], "usage": _openai_usage(said.usage)}))
        return [*events, b"data: [DONE]\n\n"]

    def line(self, text: str) -> bytes:
        return f"data: {text}\n\n".encode()

    def comment(self) -> bytes:
        return b": still here\n\n"

    def error(self, message: str, kind: str) -> bytes:
        return self._event({"error": {"message": message, "type": kind}})

    def refused(self, status: int, message: str, kind: str) -> bytes:
        return json.dumps({"error": {"message": message, "type": kind, "code": kind, "param": None}}).encode()

    def whole(self, said: Said) -> bytes:
        message = {"role": "assistant", "content": "".join(said.pieces), "refusal": said.refusal or None}
        finish = {"stop": "stop", "length": "length", "filter": "content_filter", "refusal": "stop"}[said.finish]
        body: dict[str, Any] = {"id": "c1", "object": "chat.completion", "created": 1, "model": "scripted"}
        body["choices"] = [{"index": 0, "message": message, "finish_reason": finish}]
        if said.usage is not None:
            body["usage"] = _openai_usage(said.usage)
        return json.dumps(body).encode()

    def _chunk(self, delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        return self._event({**_OPENAI_HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    def _event(self, value: Mapping[str, Any]) -> bytes:
        return self.line(json.dumps(value))


class AnthropicWire:
    """Anthropic's messages."""

    media_type = "text/event-stream"

    def opening(self, said: Said) -> list[bytes]:
        head = {**_ANTHROPIC_HEAD, "content": [], "stop_reason": None, "stop_sequence": None}
        head["usage"] = {"input_tokens": said.usage[0], "output_tokens": 1} if said.usage else None
        block = {"type": "text", "text": ""}
        return [
            self._event("message_start", {"message": head}),
            self._event("content_block_start", {"index": 0, "content_block": block}),
            self._event("ping", {}),
        ]

    def piece(self, text: str) -> bytes:
        return self._event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": text}})

    def closing(self, said: Said) -> list[bytes]:
        usage = {"output_tokens": said.usage[1]} if said.usage else None
        delta = {"stop_reason": _ANTHROPIC_STOP[said.finish], "stop_sequence": None}
        return [
            self._event("content_block_stop", {"index": 0}),
            self._event("message_delta", {"delta": delta, "usage": usage}),
            self._event("message_stop", {}),
        ]

    def line(self, text: str) -> bytes:
        return f"event: content_block_delta\ndata: {text}\n\n".encode()

    def comment(self) -> bytes:
        return self._event("ping", {})

    def error(self, message: str, kind: str) -> bytes:
        return self._event("error", {"error": {"type": kind, "message": message}})

    def refused(self, status: int, message: str, kind: str) -> bytes:
        return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()

    def whole(self, said: Said) -> bytes:
        body = {**_ANTHROPIC_HEAD, "content": [{"type": "text", "text": "".join(said.pieces)}]}
        body |= {"stop_reason": _ANTHROPIC_STOP[said.finish], "stop_sequence": None}
        tokens = said.usage or (0, 0)
        return json.dumps({**body, "usage": {"input_tokens": tokens[0], "output_tokens": tokens[1]}}).encode()

    def _event(self, kind: str, value: Mapping[str, Any]) -> bytes:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **value})}\n\n".encode()


class OllamaWire:
    """Ollama's chat: one JSON object a line."""

    media_type = "application/x-ndjson"

    def opening(self, said: Said) -> list[bytes]:
        return []

    def piece(self, text: str) -> bytes:
        return self._event({**_OLLAMA_HEAD, "message": {"role": "assistant", "content": text}, "done": False})

    def closing(self, said: Said) -> list[bytes]:
        return [self._event(self._end(said, ""))]

    def line(self, text: str) -> bytes:
        return f"{text}\n".encode()

    def comment(self) -> bytes:
        return self.piece("")

    def error(self, message: str, kind: str) -> bytes:
        return self._event({"error": f"{kind}: {message}"})

    def refused(self, status: int, message: str, kind: str) -> bytes:
        return json.dumps({"error": message}).encode()

    def whole(self, said: Said) -> bytes:
        return self._event(self._end(said, "".join(said.pieces)))

    def _end(self, said: Said, text: str) -> dict[str, Any]:
        reason = {"stop": "stop", "length": "length", "filter": "content_filter", "refusal": "refusal"}[said.finish]
        message = {"role": "assistant", "content": text}
        end: dict[str, Any] = {**_OLLAMA_HEAD, "message": message, "done": True, "done_reason": reason}
        if said.usage is not None:
            end |= {"prompt_eval_count": said.usage[0], "eval_count": said.usage[1]}
        return end

    def _event(self, value: Mapping[str, Any]) -> bytes:
        return self.line(json.dumps(value))


_OPENAI_HEAD = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
_ANTHROPIC_HEAD: dict[str, Any] = {"id": "m1", "type": "message", "role": "assistant", "model": "scripted"}
_ANTHROPIC_STOP = {"stop": "end_turn", "length": "max_tokens", "filter": "refusal", "refusal": "refusal"}
_OLLAMA_HEAD = {"model": "scripted", "created_at": "2026-01-01T00:00:00Z"}

WIRES: Mapping[str, Wire] = {
    "/v1/chat/completions": OpenAIWire(),
    "/v1/messages": AnthropicWire(),
    "/api/chat": OllamaWire(),
}
"""The wire format of each path that a server answers."""


def _openai_usage(usage: Sequence[int]) -> dict[str, int]:
    return {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
