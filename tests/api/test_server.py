"""`groundwatch serve` as a process: announced, alone, ended by a signal, and clear about what is in its way."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.running import RunningApi, find_running

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def _serving(data_dir: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {
        "GROUNDWATCH_DATA_DIR": str(data_dir),
        "GROUNDWATCH_EMBEDDING_MODEL": str(data_dir / "no-model"),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", *options]
    data_dir.mkdir(exist_ok=True)
    process = subprocess.Popen(command, cwd=data_dir, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _announced(data_dir: Path, process: subprocess.Popen[str]) -> RunningApi:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        running = find_running(data_dir / "serve.json")
        if running is not None:
            return running
        time.sleep(0.1)
    raise AssertionError(f"the API was not announced: {process.communicate()[1]}")


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_is_found_while_it_runs_and_leaves_nothing_behind(tmp_path: Path, ending: signal.Signals) -> None:
    with _serving(tmp_path / "data", "--port", "0") as process:
        running = _announced(tmp_path / "data", process)
        alive = httpx.get(f"{running.url}/healthz")
        process.send_signal(ending)
        code = process.wait(timeout=30)

    assert alive.json()["instance"] == running.instance
    assert code == 0
    assert not (tmp_path / "data" / "serve.json").exists()


@pytest.mark.slow
def test_a_second_one_on_the_same_data_says_where_the_first_one_is(tmp_path: Path) -> None:
    with _serving(tmp_path / "data", "--port", "0") as first:
        running = _announced(tmp_path / "data", first)
        with _serving(tmp_path / "data", "--port", "0") as second:
            told = second.communicate(timeout=60)[1]

    assert second.returncode == 1
    assert running.url in told


@pytest.mark.slow
def test_a_port_in_use_is_told_with_a_way_out(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        _serving(tmp_path / "data", "--port", str(taken.getsockname()[1])) as process,
    ):
        told = process.communicate(timeout=60)[1]

    assert process.returncode == 1
    assert "address already in use" in told
    assert "--port" in told
