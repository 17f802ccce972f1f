"""A real `groundwatch serve` as a child process on loopback, ready to be asked."""

import os
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import KnowledgeError

if TYPE_CHECKING:
    import httpx

START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class ServedApi:
    """A running API: its process id, and a client of it."""

    pid: int
    client: "httpx.Client"


def serve_command() -> Path:
    """Return the console script of this environment."""
    return Path(sysconfig.get_path("scripts")) / "groundwatch"


@contextmanager
def api_serving(data_dir: Path) -> Iterator[ServedApi]:
    """Serve the knowledge below `data_dir`; yields the API once it is ready. Nobody else may hold the index open.

    Raises KnowledgeError where the API does not start; its log is serve.log in the data directory.
    """
    import httpx

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {"GROUNDWATCH_DATA_DIR": str(data_dir), "GROUNDWATCH_PORT": str(port)}
    command = [str(serve_command()), "serve"]
    with (data_dir / "serve.log").open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
                _await_ready(process, client)
                yield ServedApi(process.pid, client)
        finally:
            process.terminate()
            process.wait(timeout=30)


def found_by_search(client: "httpx.Client", word: str) -> bool:
    """Tell whether a search for `word` finds a passage that holds it; raises KnowledgeError where it fails."""
    response = client.post("/v1/search", json={"query": word, "limit": 3})
    if response.is_error:
        raise KnowledgeError(f"the API answered {response.status_code} to a search for {word!r}: {response.text}")
    return any(word in str(hit) for hit in response.json()["hits"])


def _await_ready(process: "subprocess.Popen[bytes]", client: "httpx.Client") -> None:
    import httpx

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise KnowledgeError(f"the API ended with exit code {process.returncode}; see serve.log in its data folder")
        try:
            if client.get("/readyz").is_success:
                return
        except httpx.TransportError:
            pass  # not listening yet
        time.sleep(0.2)
    raise KnowledgeError(f"the API was not ready after {START_SECONDS:.0f} s; see serve.log in its data folder")
