"""The memory of a real API process after it answered questions over HTTP."""

import os
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import KnowledgeError

if TYPE_CHECKING:
    import httpx

START_SECONDS = 120.0

_SIZE = {"kB": 1024}


@dataclass(frozen=True, slots=True)
class ApiMemory:
    """Resident set in bytes of the API and its child processes: after `asks` questions, and at its highest."""

    asks: int
    resident: int
    peak: int


def measure_api_memory(data_dir: Path, questions: Sequence[str]) -> ApiMemory:
    """Serve the knowledge below `data_dir` on loopback, ask every question, and read /proc.

    Nobody else may hold the index open. Raises KnowledgeError where the API does not start or answer.
    """
    import httpx

    with _serving(data_dir) as (process, url), httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        _await_ready(process, client)
        for question in questions:
            response = client.post("/v1/ask", json={"question": question})
            if response.is_error:
                raise KnowledgeError(f"the API answered {response.status_code} to {question[:60]!r}: {response.text}")
        pids = [process.pid, *_children(process.pid)]
        return ApiMemory(
            asks=len(questions),
            resident=sum(_status(pid, "VmRSS") for pid in pids),
            peak=sum(_status(pid, "VmHWM") for pid in pids),
        )


def serve_command() -> Path:
    """Return the console script of this environment."""
    return Path(sysconfig.get_path("scripts")) / "groundwatch"


@contextmanager
def _serving(data_dir: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    port = _free_port()
    environment = os.environ | {"GROUNDWATCH_DATA_DIR": str(data_dir), "GROUNDWATCH_PORT": str(port)}
    log = data_dir / "serve.log"
    with log.open("wb") as output:
        command = [str(serve_command()), "serve"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _await_ready(process: "subprocess.Popen[bytes]", client: "httpx.Client") -> None:
    import httpx

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise KnowledgeError(
                f"the API ended with exit code {process.returncode}; see serve.log in its data directory"
            )
        try:
            if client.get("/readyz").is_success:
                return
        except httpx.TransportError:
            pass  # not listening yet
        time.sleep(0.2)
    raise KnowledgeError(f"the API was not ready after {START_SECONDS:.0f} s; see serve.log in its data directory")


def _children(pid: int) -> list[int]:
    children = [
        int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
    ]
    return [found for child in children for found in (child, *_children(child))]


def _status(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            number, unit = value.split()
            return int(number) * _SIZE[unit]
    raise KnowledgeError(f"/proc/{pid}/status has no {field!r}; this measure needs Linux")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
