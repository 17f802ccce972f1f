"""The MCP server over HTTP, through the official client against a real server, and behind the guards."""

import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import httpx2
import pytest
from fastapi import FastAPI
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from starlette.testclient import TestClient

from api.bootstrap import Local
from api.mcp.desk import Desk
from api.mcp.http_door import PATH, McpDoor
from api.mcp.server import mcp_server
from api.routes.workers import Workers
from api.schemas.answers import Answer, AskRequest
from api.schemas.search import SearchResponse
from ingest.knowledge.generation_files import copy_tree
from tests.api.world import app_of, open_world, served

MODES = ("legacy", "auto")


def _mcp_app(world: Local, *, keys: tuple[str, ...] = (), desk: Desk | None = None) -> FastAPI:
    app = app_of(world, keys=keys)
    if desk is not None:
        app.router.routes[:] = [route for route in app.routes if getattr(route, "path", "") != PATH]
    if PATH in {getattr(route, "path", "") for route in app.routes}:
        return app
    door = McpDoor(mcp_server(lambda: desk or world.assistant, Workers(4)))
    within = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(started: FastAPI) -> AsyncIterator[None]:
        async with within(started), door.opened():
            yield

    app.router.lifespan_context = lifespan
    app.add_route(PATH, door, include_in_schema=False)  # type: ignore[arg-type]  # an ASGI application is one too
    return app


@asynccontextmanager
async def _client(url: str, mode: str = "legacy", key: str = "") -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with (
        httpx2.AsyncClient(trust_env=False, headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{url}{PATH}", http_client=http), mode=mode) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def url(written_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mcp") / "data"
    copy_tree(written_once, folder)
    world = open_world(folder, check_every=60.0)
    with served(_mcp_app(world)) as address:
        yield address


@pytest.mark.parametrize("mode", MODES)
async def test_the_tools_are_listed_with_typed_results_and_all_but_one_as_read_only(url: str, mode: str) -> None:
    async with _client(url, mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

    assert {"search_knowledge", "ask", "get_document", "list_services", "list_alerts", "knowledge_status"} <= set(tools)
    writing = {name for name, tool in tools.items() if not (tool.annotations and tool.annotations.read_only_hint)}
    assert writing == {"investigate"}
    assert all(tool.output_schema and tool.output_schema["type"] == "object" for tool in tools.values())


@pytest.mark.parametrize("mode", MODES)
async def test_an_answer_comes_as_text_and_as_the_typed_answer(url: str, mode: str) -> None:
    async with _client(url, mode) as client:
        result = await client.call_tool("ask", {"question": "What do I do when DbDiskFull fires?"})

    answer = Answer.model_validate(result.structured_content)
    assert not result.is_error
    assert answer.outcome == "answered"
    assert result.content[0].type == "text"
    assert "du -sh /var/lib/db/*" in result.content[0].text


async def test_what_cannot_be_done_is_a_result_that_says_why(url: str) -> None:
    async with _client(url) as client:
        result = await client.call_tool("get_document", {"document": "nothing"})
        with pytest.raises(MCPError, match="there is no tool 'format_disk'"):
            await client.call_tool("format_disk", {})

    assert result.is_error
    assert result.content[0].type == "text"
    assert result.content[0].text.startswith("no document has the id 'nothing'")


async def test_documents_are_resources(url: str) -> None:
    async with _client(url) as client:
        listed = (await client.list_resources()).resources
        templates = (await client.list_resource_templates()).resource_templates
        disk = next(one for one in listed if one.name == "docs/runbooks/DbDiskFull.md")
        read = (await client.read_resource(f"{disk.uri}?line_start=6&line_end=7")).contents
        with pytest.raises(MCPError, match="no document has the id"):
            await client.read_resource("groundwatch://documents/nothing")

    assert templates[0].uri_template.startswith("groundwatch://documents/{id}")
    assert read[0].mime_type == "text/markdown"
    assert getattr(read[0], "text", "").startswith("# DbDiskFull")


async def test_many_clients_are_served_at_once(url: str) -> None:
    outcomes: list[int] = []

    async def ask(number: int) -> None:
        async with _client(url, MODES[number % 2]) as client:
            for _ in range(3):
                found = await client.call_tool("search_knowledge", {"query": "DbDiskFull", "limit": 2})
                outcomes.append(len(SearchResponse.model_validate(found.structured_content).hits))

    async with anyio.create_task_group() as group:
        for number in range(12):
            group.start_soon(ask, number)

    assert outcomes == [2] * 36


class _Slow:
    """A desk whose answers take until they are let go."""

    def __init__(self, world: Local) -> None:
        self._world = world
        self.asked, self.let_go = threading.Event(), threading.Event()

    def ask(self, request: AskRequest) -> Answer:
        self.asked.set()
        self.let_go.wait(20)
        return self._world.assistant.ask(request)

    def __getattr__(self, name: str) -> object:
        return getattr(self._world.assistant, name)


@pytest.mark.parametrize("mode", MODES)
async def test_a_cancelled_call_holds_up_nobody(world: Local, mode: str) -> None:
    slow = _Slow(world)
    with served(_mcp_app(world, desk=slow)) as address:  # type: ignore[arg-type]  # its other methods are delegated
        async with _client(address, mode) as client:
            with anyio.move_on_after(5) as scope:
                async with anyio.create_task_group() as group:
                    group.start_soon(client.call_tool, "ask", {"question": "DbDiskFull"})
                    await anyio.to_thread.run_sync(slow.asked.wait)
                    group.cancel_scope.cancel()
            started = time.perf_counter()
            found = await client.call_tool("search_knowledge", {"query": "DbDiskFull"})
            seconds = time.perf_counter() - started
            slow.let_go.set()

    assert not scope.cancelled_caught
    assert not found.is_error
    assert seconds < 2


async def test_a_key_is_asked_for_where_keys_are_set(world: Local) -> None:
    with served(_mcp_app(world, keys=("right",))) as address:
        async with _client(address, key="right") as client:
            listed = await client.list_tools()
        refused = httpx.post(f"{address}{PATH}", json={}, trust_env=False)

    assert listed.tools
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


_CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
_ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"host": "evil.example"}, 421),
        ({"content-type": "text/plain"}, 400),
        ({"accept": "text/html"}, 406),
    ],
)
def test_pages_of_others_are_refused(url: str, headers: dict[str, str], status: int) -> None:
    response = httpx.post(f"{url}{PATH}", content=json.dumps(_CALL), headers=_ACCEPT | headers, trust_env=False)

    assert response.status_code == status


def test_the_page_of_the_api_itself_may_call(url: str) -> None:
    response = httpx.post(f"{url}{PATH}", content=json.dumps(_CALL), headers=_ACCEPT | {"origin": url}, trust_env=False)

    assert response.status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_other_methods_are_told_that_there_are_no_sessions(url: str, method: str) -> None:
    response = httpx.request(method, f"{url}{PATH}", headers=_ACCEPT, trust_env=False)

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[]", b"7", b'{"jsonrpc":"2.0"}', b"[" * 100_000, b'{"id":' + b"9" * 5_000 + b"}"],
)
def test_what_is_no_message_is_refused_and_does_no_harm(url: str, content: bytes) -> None:
    response = httpx.post(f"{url}{PATH}", content=content, headers=_ACCEPT, trust_env=False)
    after = httpx.post(f"{url}{PATH}", content=json.dumps(_CALL), headers=_ACCEPT, trust_env=False)

    assert 400 <= response.status_code < 500
    assert after.status_code == 200


def test_a_message_that_is_too_large_is_refused(url: str) -> None:
    response = httpx.post(f"{url}{PATH}", content=b"x" * 1_100_000, headers=_ACCEPT, trust_env=False)

    assert response.status_code == 413


def test_before_it_is_open_it_says_so(world: Local) -> None:
    app = _mcp_app(world)

    response = TestClient(app, base_url="http://127.0.0.1").post(PATH, json=_CALL, headers=_ACCEPT)

    assert response.status_code == 503
    assert "not open" in response.json()["detail"]


def test_the_application_can_be_started_twice(world: Local) -> None:
    app = _mcp_app(world)

    statuses = []
    for _ in range(2):
        with TestClient(app, base_url="http://127.0.0.1") as client:
            statuses.append(client.post(PATH, json=_CALL, headers=_ACCEPT).status_code)

    assert statuses == [200, 200]
