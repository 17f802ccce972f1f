"""What a request passes before a route sees it, and a response before it leaves: plain ASGI, no body held twice."""

import hashlib
import hmac
import logging
import time
import uuid
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import NotAllowed
from api.metrics import Metrics
from api.routes.investigations import UPLOAD_PATH
from api.routes.otlp import OTLP_PATHS
from api.routes.problems import problem_response
from api.routes.webhook_door import LONG_PATHS, MAX_WEBHOOK_BYTES, WEBHOOK_PATHS
from api.schemas.feedback import Problem
from api.schemas.problems import problem_of

MAX_BODY_BYTES = 1_000_000
# Who sends alerts has a door of its own.
_OPEN_PATHS = frozenset({"/healthz", "/readyz", "/docs", "/openapi.json"}) | WEBHOOK_PATHS
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
_log = logging.getLogger(__name__)


class Observed:
    """Count every request, and put the security headers on every response."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            seconds = time.perf_counter() - started
            self._metrics.count_request(route=route, method=_method(scope), status=status, seconds=seconds)


class Failures:
    """Turn what nobody foresaw into a problem that hides it, with an id under which it is logged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:  # the outermost handler: whatever it is, the caller gets a problem and the log the rest
            if scope["type"] != "http":
                raise
            number = uuid.uuid4().hex[:12]
            _log.exception("id=%s path=%s unforeseen failure", number, scope["path"])
            if started:
                raise
            await problem_response(_unforeseen(number, scope["path"]))(scope, receive, send)


class LocalHost:
    """Refuse requests that name another host, so that a page on the web cannot reach an open API here.

    DNS rebinding lets a page call 127.0.0.1 under its own name; the Host header then holds that name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else "localhost"
        if _name(host) in _LOCAL_NAMES:
            await self._app(scope, receive, send)
            return
        problem = Problem(
            type="/problems/host",
            title="Misdirected request",
            status=421,
            detail=f"this API serves this machine only, and the request is for host {host[:80]!r}",
            next_step="Ask http://127.0.0.1, or serve with --host and GROUNDWATCH_API_KEYS.",
        )
        await problem_response(problem)(scope, receive, send)


class Keys:
    """Let a request pass that presents one of the keys; health and the description stay open."""

    def __init__(self, app: ASGIApp, keys: Sequence[str]) -> None:
        self._app = app
        self._digests = tuple(_digest(key) for key in keys)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] in _OPEN_PATHS or self._opens(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        error = NotAllowed(
            "the API key is missing or wrong; set GROUNDWATCH_API_KEY to one of the keys that the API accepts"
        )
        problem = problem_of(error, instance=scope["path"])
        await problem_response(problem, {"WWW-Authenticate": "Bearer"})(scope, receive, send)

    def _opens(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        shown = [token.strip()] if scheme.lower() == "bearer" else []
        shown.append(headers.get("x-api-key", ""))
        # Every key is compared in full, so that the time taken tells nothing about them.
        matches = [hmac.compare_digest(_digest(one), known) for one in shown for known in self._digests]
        return any(matches)


class BodyLimit:
    """Refuse bodies that are too long, whether the request says how long it is or not; uploads go to disk.

    The door of OTLP measures its bodies itself: it answers in another form.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] == UPLOAD_PATH or scope["path"] in OTLP_PATHS:
            await self._app(scope, receive, send)
            return
        most = MAX_WEBHOOK_BYTES if scope["path"] in LONG_PATHS else MAX_BODY_BYTES
        said = Headers(scope=scope).get("content-length", "0")
        body = None if said.isdigit() and int(said) > most else await _read(receive, most)
        if body is None:
            problem = Problem(
                type="/problems/too-large",
                title="Body too large",
                status=413,
                detail=f"the body is larger than {most:,} bytes",
                instance=scope["path"],
                next_step="Send the alert's name, summary and expression, or the error line.",
            )
            await problem_response(problem, {"Connection": "close"})(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)


async def _read(receive: Receive, most: int) -> bytes | None:
    """Return the whole body, or None where it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a receive that gives the body once, and then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _unforeseen(number: str, path: str) -> Problem:
    return Problem(
        type="/problems/unforeseen",
        title="Internal error",
        status=500,
        detail=f"something failed that was not foreseen; the log has it under id {number}",
        instance=path,
        next_step="Look up the id in the log of groundwatch serve, and report it.",
    )


def _name(host: str) -> str:
    """Return a Host header without its port."""
    name = host[: host.find("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".")


def _digest(key: str) -> bytes:
    """Return a digest of set length, so that comparing tells nothing about the length of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _method(scope: Scope) -> str:
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return scope["method"] if scope["method"] in known else "OTHER"
