"""`groundwatch mcp` as a child process: the protocol and nothing else on its output, and a clean end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from api.mcp.stdio_wire import MAX_LINE_BYTES
from api.schemas.answers import Answer
from ingest.knowledge.generation_files import copy_tree
from tests.api.world import app_of, open_world, served

pytestmark = pytest.mark.slow  # each test starts a process

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-c", "from api.commands.mcp import mcp; mcp()"]
HELLO = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}
SEARCH = {"name": "search_knowledge", "arguments": {"query": "DbDiskFull"}}


@pytest.fixture(scope="module")
def api(written_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("stdio") / "data"
    copy_tree(written_once, folder)
    with served(app_of(open_world(folder, check_every=60.0))) as url:
        yield url


def _environment(data_dir: Path, url: str = "") -> dict[str, str]:
    more = {"GROUNDWATCH_URL": url} if url else {}
    return os.environ | {"GROUNDWATCH_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)} | more


@contextmanager
def _process(data_dir: Path, url: str = "") -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        COMMAND,
        env=_environment(data_dir, url),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _lines(*messages: object) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


def _call(number: int, params: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_official_client_asks_the_running_api(api: str, tmp_path: Path, mode: str) -> None:
    start = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=_environment(tmp_path, api))
    async with Client(start, mode=mode) as client:
        tools = (await client.list_tools()).tools
        result = await client.call_tool("ask", {"question": "What do I do when DbDiskFull fires?"})
        resources = (await client.list_resources()).resources
        found: list[bool] = []

        async def search() -> None:
            found.append((await client.call_tool(SEARCH["name"], SEARCH["arguments"])).is_error)  # type: ignore[arg-type]  # the names are text

        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(search)

    assert len(tools) >= 8
    assert Answer.model_validate(result.structured_content).outcome == "answered"
    assert any(one.name == "docs/runbooks/DbDiskFull.md" for one in resources)
    assert found == [False] * 8


async def test_without_an_api_the_index_is_opened_here(data_dir: Path) -> None:
    start = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=_environment(data_dir))
    async with Client(start) as client:
        read = await client.call_tool("get_document", {"document": "runbooks/DbDiskFull.md"})
        searched = await client.call_tool("search_knowledge", {"query": "DbDiskFull"})

    assert not read.is_error
    assert searched.is_error  # the index is of another model
    assert searched.content[0].type == "text"
    assert "GROUNDWATCH_EMBEDDING_MODEL" in searched.content[0].text


async def test_before_the_first_ingest_the_next_step_is_told(tmp_path: Path) -> None:
    start = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=_environment(tmp_path))
    async with Client(start) as client:
        status = await client.call_tool("knowledge_status", {})
        asked = await client.call_tool("search_knowledge", {"query": "x"})

    assert not status.is_error
    assert asked.is_error
    assert asked.content[0].type == "text"
    assert "groundwatch ingest" in asked.content[0].text


def test_requests_that_came_before_the_end_of_the_input_are_answered(api: str, tmp_path: Path) -> None:
    with _process(tmp_path, api) as process:
        out, err = process.communicate(_lines(HELLO, READY, *(_call(n, SEARCH) for n in range(1, 6))), timeout=60)

    answers = [json.loads(line) for line in out.splitlines()]
    assert process.returncode == 0
    assert sorted(answer["id"] for answer in answers) == [0, 1, 2, 3, 4, 5]
    assert all(not answer["result"].get("isError") for answer in answers)
    assert err == b""


def test_a_file_can_be_the_input(api: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(_lines(HELLO, READY, _call(1, SEARCH)).rstrip(b"\n"))
    with (tmp_path / "in").open("rb") as given, (tmp_path / "out").open("wb") as taken:
        code = subprocess.run(
            COMMAND, env=_environment(tmp_path, api), stdin=given, stdout=taken, timeout=60, check=False
        ).returncode

    assert code == 0
    assert [json.loads(line)["id"] for line in (tmp_path / "out").read_bytes().splitlines()] == [0, 1]


def test_an_empty_input_ends_it(tmp_path: Path) -> None:
    with _process(tmp_path) as process:
        out, err = process.communicate(b"", timeout=60)

    assert (process.returncode, out, err) == (0, b"", b"")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_while_the_client_is_silent(tmp_path: Path, ending: signal.Signals) -> None:
    with _process(tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(_lines(HELLO))
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(ending)
        code = process.wait(timeout=20)

    assert code == 0


def test_a_signal_ends_it_while_the_client_reads_nothing(tmp_path: Path) -> None:
    listing = {"jsonrpc": "2.0", "method": "tools/list"}
    with _process(tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(_lines(HELLO, READY))
        process.stdin.flush()
        process.stdout.readline()
        process.stdin.write(_lines(*(listing | {"id": number} for number in range(1, 20))))  # more than a pipe holds
        process.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=20)

    assert code == 0


def test_a_client_that_went_away_ends_it(tmp_path: Path) -> None:
    with _process(tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(_lines(HELLO))
        process.stdin.flush()
        code = process.wait(timeout=20)
        assert process.stderr is not None
        told = process.stderr.read()
        process.stdout = None

    assert code == 0
    assert told == b""


def test_what_is_no_message_is_answered_and_the_rest_goes_on(api: str, tmp_path: Path) -> None:
    rubbish = b"\xff\xfe\n{\n[]\n\n7\n" + b"x" * (MAX_LINE_BYTES + 5) + b"\n"
    with _process(tmp_path, api) as process:
        out, _ = process.communicate(rubbish + _lines(HELLO, READY, _call(1, SEARCH)), timeout=60)

    answers = [json.loads(line) for line in out.splitlines()]
    unread = [answer["error"] for answer in answers if answer["id"] is None]
    assert len(unread) == 5
    assert all(error["code"] == -32700 for error in unread)
    assert "1,000,000 bytes" in unread[-1]["message"]
    assert [answer["id"] for answer in answers if answer["id"] is not None] == [0, 1]


def test_what_others_print_stays_off_the_protocol(tmp_path: Path) -> None:
    noisy = (
        "import os, sys, api.mcp.tools as tools\n"
        "calls = tools._status\n"
        "def loud(desk, given):\n"
        "    print('to the output'); os.write(1, b'to the descriptor\\n')\n"
        "    assert sys.stdin.read() == ''\n"
        "    return calls(desk, given)\n"
        "tools._status = loud\n"
        "from api.commands.mcp import mcp; mcp()"
    )
    given = _lines(HELLO, READY, _call(1, {"name": "knowledge_status", "arguments": {}}))
    done = subprocess.run(
        [sys.executable, "-c", noisy],
        env=_environment(tmp_path),
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [0, 1]
    assert b"to the output" in done.stderr
    assert b"to the descriptor" in done.stderr


def test_a_wrong_setting_is_told_on_standard_error(tmp_path: Path) -> None:
    code = "from api.cli import run; from api.commands.mcp import mcp\nimport sys\nmcp.main(standalone_mode=False)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=_environment(tmp_path) | {"GROUNDWATCH_PORT": "no"},
        input=b"",
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout == b""
    assert b"GROUNDWATCH_PORT" in done.stderr
