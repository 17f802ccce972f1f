"""The flow and its deployments against a real `prefect server start`, with SQLite and with PostgreSQL."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.model]

REPOSITORY = Path(__file__).resolve().parents[2]
SYNC = "import sys; from flows.sync_command import sync; sync(sys.argv[1:], prog_name='groundwatch sync')"
PATIENCE = 300.0  # seconds; a machine with much else to do starts a server in sixty

DECLARATIONS = """
version: 1
sources:
  - name: wiki
    type: folder
    path: wiki
    schedule: {every: 15m}
  - name: notes
    type: folder
    path: notes
    schedule: {cron: "15 3 * * *"}
  - name: old
    type: folder
    path: nowhere
    enabled: false
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running Prefect server and the environment in which our processes find it."""

    url: str
    environment: Mapping[str, str]

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        """Return the answer to a request as JSON."""
        return httpx.post(f"{self.url}{path}", json=body, timeout=30).raise_for_status().json()

    def deployments(self) -> dict[str, Any]:
        """Return all deployments by name."""
        return {one["name"]: one for one in self.post("/deployments/filter", {})}

    def states(self) -> list[str]:
        """Return the states of all runs that are not waiting for their time, oldest first."""
        runs = self.post("/flow_runs/filter", {"sort": "EXPECTED_START_TIME_ASC"})
        return [run["state_type"] for run in runs if run["state_type"] != "SCHEDULED"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Start a Prefect server with a home and a database of its own."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="groundwatch-", ignore_cleanup_errors=True)))
        environment = {
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "PREFECT_HOME": str(home / "prefect"),
            "PREFECT_UI_ENABLED": "false",
            "GROUNDWATCH_DATA_DIR": str(home / "data"),
        }
        if request.param == "postgresql":
            environment["PREFECT_API_DATABASE_CONNECTION_URL"] = stack.enter_context(_postgresql())
        port = _free_port()
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
        stack.enter_context(_process(command, environment, home / "server.log"))
        url = f"http://127.0.0.1:{port}/api"
        _wait_until(lambda: _answers(f"{url}/health"), home / "server.log")
        yield Server(url, environment | {"PREFECT_API_URL": url})


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with declarations and two sources, a new one for each server."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "groundwatch.yaml").write_text(DECLARATIONS)
    for name, text in (
        ("wiki/disk.md", "# Disk full\n\nDelete old logs.\n"),
        ("notes/cpu.md", "# CPU high\n\n`top`\n"),
    ):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text)
    return folder


def test_a_sync_is_recorded_with_its_artifacts_and_limits(server: Server, site: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SYNC, "wiki", "--json"],
        cwd=site,
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sources"][0]["indexed"] == 1
    assert server.states() == ["COMPLETED"]
    keys = {one["key"] for one in server.post("/artifacts/filter", {})}
    assert keys == {"ingest-progress", "ingest-sources", "ingest-changes", "ingest-timings", "ingest-checks"}
    limits = {one["name"]: one["limit"] for one in server.post("/v2/concurrency_limits/filter", {})}
    assert limits["groundwatch-sync"] == 1


def test_each_source_has_a_deployment_that_runs_on_its_own(server: Server, site: Path) -> None:
    command = [sys.executable, "-m", "flows.serve"]
    log = site / "serve.log"
    with _process(command, server.environment, log, cwd=site) as worker:
        _wait_until(lambda: len(server.deployments()) == 3, log, worker)
        found = server.deployments()
        schedules = {name: [one["schedule"] for one in deployed["schedules"]] for name, deployed in found.items()}

        assert schedules["wiki"][0]["interval"] == 900.0
        assert schedules["notes"][0]["cron"] == "15 3 * * *"
        assert schedules["all"] == []
        assert set(found["wiki"]["tags"]) == {"groundwatch", "source:wiki", "type:folder"}
        assert found["wiki"]["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
        assert found["all"]["concurrency_options"]["collision_strategy"] == "ENQUEUE"
        assert not found["wiki"]["paused"]

        before = len(server.states())
        (site / "wiki" / "new.md").write_text("# New page\n\nText.\n")
        server.post(f"/deployments/{found['wiki']['id']}/create_flow_run", {})
        _wait_until(
            lambda: len(server.states()) > before and server.states()[-1] in ("COMPLETED", "FAILED"), log, worker
        )
        assert server.states()[before:] == ["COMPLETED"]

    assert "wiki/new.md" in _listed(server, site)
    assert all(one["paused"] for one in server.deployments().values()), "nobody is there to run them"


def _listed(server: Server, site: Path) -> str:
    code = "import sys; from flows.knowledge_command import knowledge; knowledge(sys.argv[1:])"
    command = [sys.executable, "-c", code, "list", "--source", "wiki"]
    return subprocess.run(
        command, cwd=site, env=server.environment, capture_output=True, text=True, timeout=PATIENCE, check=True
    ).stdout


@contextmanager
def _process(
    command: list[str], environment: Mapping[str, str], log: Path, cwd: Path | None = None
) -> "Iterator[subprocess.Popen[bytes]]":
    """Run a process meanwhile, and end it as Ctrl-C would."""
    with log.open("wb") as stream:
        running = subprocess.Popen(command, env=dict(environment), cwd=cwd, stdout=stream, stderr=stream)
        try:
            yield running
        finally:
            running.send_signal(signal.SIGINT)
            try:
                running.wait(60)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


@contextmanager
def _postgresql() -> Iterator[str]:
    """Run PostgreSQL meanwhile and yield its URL; skips the test where it is not installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: float(one.parent.name), reverse=True)
    found = shutil.which("initdb")
    programs = [Path(found).parent] if found else programs
    if not programs:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    # It refuses to run as root; not below pytest's folder, which only its owner may enter.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="groundwatch-postgresql-") as name:
        data, port = Path(name) / "data", _free_port()
        if as_user:
            shutil.chown(name, "postgres")

        def run(program: str, *arguments: str) -> None:
            command = [*as_user, str(programs[0] / program), "-D", str(data), *arguments]
            subprocess.run(command, cwd=name, check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL)

        run("initdb", "--auth=trust", "--username=postgres", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={name} -c fsync=off"
        run("pg_ctl", "start", "-w", "-o", options, "-l", f"{name}/log")
        try:
            yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", "-m", "fast", "-w")


def _wait_until(happened: Callable[[], object], log: Path, running: "subprocess.Popen[bytes] | None" = None) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        ended = running is not None and running.poll() is not None
        if ended or time.monotonic() > deadline:
            pytest.fail(log.read_text()[-4000:])
        time.sleep(0.5)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
