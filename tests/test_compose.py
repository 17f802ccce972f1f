"""The set for a team: docker-compose.yml read, and each of its commands tried without containers."""

import importlib
import importlib.util
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

REPOSITORY = Path(__file__).resolve().parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
PROBED_BY_HTTP = sorted(name for name in OURS if "healthcheck" in SERVICES[name])


def test_the_set_is_complete() -> None:
    assert set(SERVICES) == {"api", "app", "qdrant", "postgres", "prefect-server", "worker"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_built_from_a_stage_that_exists_or_is_a_pinned_image(name: str) -> None:
    service = SERVICES[name]
    stages = re.findall(r"^FROM \S+ AS (\S+)$", (REPOSITORY / "docker/Dockerfile").read_text("utf-8"), re.MULTILINE)

    if "build" in service:
        assert service["build"]["target"] in stages
    else:
        assert re.fullmatch(r"[a-z/]+:v?\d+(\.\d+)*", service["image"])


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"worker"}))  # the worker listens on no port
def test_a_service_that_others_wait_for_says_when_it_is_healthy(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_nobody_waits_for_a_service_that_is_not_there_or_never_says_it_is_healthy() -> None:
    waits = [(name, other) for name, service in SERVICES.items() for other in service.get("depends_on", {})]

    assert [(name, other) for name, other in waits if "healthcheck" not in SERVICES.get(other, {})] == []


def test_ports_are_published_on_loopback_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_every_volume_is_declared() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}

    assert {name for name in used if not name.startswith("$")} == set(COMPOSE["volumes"])


def test_no_secret_has_a_value_and_each_is_asked_for_with_a_message() -> None:
    values = [
        (name, key, value)
        for name, service in SERVICES.items()
        for key, value in service.get("environment", {}).items()
        if re.search("PASSWORD|KEY|SECRET|DATABASE_URL", key)
    ]

    assert len(values) >= 5
    assert [value for value in values if not re.search(r"\$\{\w+:\?[^}]+\}", value[2])] == []


def test_env_example_lists_exactly_what_compose_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (REPOSITORY / "docker-compose.yml").read_text("utf-8")))
    listed = re.findall(r"^(\w+)=$", (REPOSITORY / ".env.example").read_text("utf-8"), re.MULTILINE)

    assert set(listed) == asked


@pytest.mark.parametrize("name", OURS)
def test_every_groundwatch_variable_is_a_setting(name: str) -> None:
    variables = {key for key in SERVICES[name].get("environment", {}) if key.startswith("GROUNDWATCH_")}

    assert variables - _known_settings() == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", OURS)
def test_the_command_of_a_service_runs_here(name: str) -> None:
    command = [*_here(SERVICES[name]["command"]), "--help"]

    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout.lower()
    options = {word for word in SERVICES[name]["command"] if word.startswith("--")}
    assert {option for option in options if option not in done.stdout} == set()


@pytest.mark.parametrize("name", PROBED_BY_HTTP)
@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_a_health_check_believes_the_status_of_the_service(name: str, status: int, healthy: bool) -> None:
    probe = _here(SERVICES[name]["healthcheck"]["test"][1:])

    with _server(status) as port:
        command = [re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{port}", word) for word in probe]
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)

    assert (done.returncode == 0) is healthy


def _here(command: list[str]) -> list[str]:
    """Return the command with its program taken from the environment that runs the tests."""
    program = command[0]
    if program == "python":
        return [sys.executable, *command[1:]]
    found = shutil.which(program, path=str(Path(sys.executable).parent))
    assert found, f"{program!r} is not installed beside {sys.executable!r}: run `make setup`"
    return [found, *command[1:]]


def _known_settings() -> set[str]:
    """Return the environment variables that the settings classes of the packages read."""
    known: set[str] = set()
    for package in ("ingest", "flows", "api", "ui"):
        if importlib.util.find_spec(f"{package}.settings") is None:
            continue
        for thing in vars(importlib.import_module(f"{package}.settings")).values():
            if isinstance(thing, type) and issubclass(thing, BaseSettings):
                prefix = thing.model_config.get("env_prefix") or ""
                known.update(f"{prefix}{field}".upper() for field in thing.model_fields)
    return known


@contextmanager
def _server(status: int) -> Iterator[int]:
    """Serve `status` to every request on a free port of this machine."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep the output of the tests clean."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
