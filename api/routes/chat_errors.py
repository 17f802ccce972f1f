"""Problems as the error objects that OpenAI clients read, on their routes only."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.schemas.chat import ChatError, ChatErrorBody
from api.schemas.feedback import Problem
from api.schemas.problems import MEDIA_TYPE

COMPLETIONS, MODELS = "/v1/chat/completions", "/v1/models"

_STATUSES: Mapping[int, int] = {422: 400}  # OpenAI's status for every request that is wrong
_TYPES: Mapping[int, str] = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_CODES: Mapping[str, str] = {"usage": "invalid_value", "malformed": "invalid_json", "not-allowed": "invalid_api_key"}


class ChatErrors:
    """Put every problem of these routes into OpenAI's form, whoever found it: a guard, validation or the route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not is_chat_path(scope["path"]):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Translated(send))


def chat_error(problem: Problem) -> ChatErrorBody:
    """Return a problem as OpenAI clients read it."""
    kind = problem.type.removeprefix("/problems/")
    place, colon, _ = problem.detail.partition(": ")
    fallback = "server_error" if problem.status >= 500 else "invalid_request_error"
    return ChatErrorBody(
        error=ChatError(
            message=problem.detail.removeprefix("body."),
            type=_TYPES.get(problem.status, fallback),
            param=place.removeprefix("body.") if colon and place.startswith("body.") else None,
            code=_CODES.get(kind, kind.replace("-", "_")) if kind != "about:blank" else None,
        )
    )


class _Translated:
    """A `send` that holds back a problem until it is whole, and lets all else pass."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if Headers(raw=message["headers"]).get("content-type", "").startswith(MEDIA_TYPE):
                self._start = message
                return
        elif self._start is not None:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._finish(self._start)
            return
        await self._send(message)

    async def _finish(self, start: Message) -> None:
        problem = Problem.model_validate_json(b"".join(self._parts))
        body = chat_error(problem).model_dump_json().encode()
        replaced = (b"content-type", b"content-length")
        headers = [(name, value) for name, value in start["headers"] if name.lower() not in replaced]
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        status = _STATUSES.get(start["status"], start["status"])
        await self._send({**start, "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def is_chat_path(path: str) -> bool:
    """Tell whether a path, or its template, is one that answers in OpenAI's form."""
    return path in (COMPLETIONS, MODELS) or path.startswith(f"{MODELS}/")
