"""The MCP server at /mcp of the API: streamable HTTP, each request by itself, behind the guards of all routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.routes.problems import problem_response
from api.schemas.feedback import Problem

if TYPE_CHECKING:
    from mcp.server.lowlevel.server import Server

PATH = "/mcp"


class McpDoor:
    """An ASGI application that is open while `opened` is entered.

    It keeps no sessions, so that a client may talk to any of several replicas and to one that was restarted.
    """

    def __init__(self, server: "Server[Any]") -> None:
        self._server = server
        self._app: ASGIApp | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Serve until the context ends; requests at work are then cancelled."""
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        manager = StreamableHTTPSessionManager(self._server, stateless=True)
        async with manager.run():
            self._app = manager.handle_request
            try:
                yield
            finally:
                self._app = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        problem = self._problem(scope)
        if problem is not None:
            await problem_response(problem, {"Allow": "POST"} if problem.status == 405 else None)(scope, receive, send)
            return
        assert self._app is not None
        await self._app(scope, receive, send)

    def _problem(self, scope: Scope) -> Problem | None:
        if scope["method"] != "POST":
            return Problem(
                type="/problems/method",
                title="Method not allowed",
                status=405,
                detail=f"{scope['method'][:20]} {PATH}: there are no sessions to listen to or to end",
                instance=PATH,
                next_step="Send each message with POST, as an MCP client does.",
            )
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
            return Problem(
                type="/problems/origin",
                title="Foreign page",
                status=403,
                detail=f"the request comes from a page of {origin[:80]!r}, which may not use this API",
                instance=PATH,
                next_step="Use an MCP client outside the browser.",
            )
        if self._app is None:
            return Problem(
                type="/problems/closed",
                title="Not open",
                status=503,
                detail="the MCP server is not open: the API is starting or stopping",
                instance=PATH,
                next_step="Try again in some seconds.",
            )
        return None
