"""Child processes that run together: started in order, awaited until ready, stopped together."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from urllib.parse import urlsplit

READY_WITHIN_SECONDS = 120.0
STOP_WITHIN_SECONDS = 10.0
_POLL_SECONDS = 0.2
# The services run on this machine; a proxy of the environment must not come between.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServiceFailed(RuntimeError):
    """A service could not be started, or ended by itself; its text is fit for a person."""


@dataclass(frozen=True, slots=True)
class Service:
    """A command that serves `url` and is ready once `health_url` answers."""

    name: str
    command: Sequence[str]
    url: str
    health_url: str


@dataclass(frozen=True, slots=True)
class _Running:
    service: Service
    process: subprocess.Popen[bytes]


def run_together(services: Sequence[Service], *, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Run `services` until Ctrl-C or SIGTERM, then stop them all; raises ServiceFailed if one ends by itself."""
    for service in services:
        _require_free_port(service)
    running: list[_Running] = []
    with _interruptible():
        try:
            for service in services:
                running.append(_start(service, environment))
            for one in running:
                _await_ready(one, running)
                say(f"{one.service.name}: {one.service.url}")
            say("Stop with Ctrl-C.")
            while True:
                _require_alive(running)
                time.sleep(_POLL_SECONDS)
        except KeyboardInterrupt:
            say("Stopping.")
        finally:
            _stop(running)


def _start(service: Service, environment: Mapping[str, str]) -> _Running:
    """Start a service in a session of its own, so that Ctrl-C reaches it through us and only once."""
    try:
        process = subprocess.Popen(service.command, env={**os.environ, **environment}, start_new_session=True)
    except OSError as error:
        raise ServiceFailed(f"{service.name} cannot be started ({service.command[0]!r}): {error}") from error
    return _Running(service, process)


def _await_ready(one: _Running, running: Sequence[_Running]) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not _answers(one.service.health_url):
        _require_alive(running)
        if time.monotonic() > deadline:
            raise ServiceFailed(
                f"{one.service.name} did not answer at {one.service.health_url} within "
                f"{READY_WITHIN_SECONDS:.0f} s. Its output is above."
            )
        time.sleep(_POLL_SECONDS)


def _answers(url: str) -> bool:
    try:
        with _OPENER.open(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _require_alive(running: Sequence[_Running]) -> None:
    for one in running:
        code = one.process.poll()
        if code is not None:
            raise ServiceFailed(f"{one.service.name} ended with exit code {code}. Its output is above.")


def _require_free_port(service: Service) -> None:
    """Refuse to start beside a stranger on the same port, whose answers would pass for the service's."""
    address = urlsplit(service.url)
    with socket.socket(socket.AF_INET6 if ":" in (address.hostname or "") else socket.AF_INET) as probe:
        probe.settimeout(1)
        if probe.connect_ex((address.hostname or "127.0.0.1", address.port or 80)) == 0:
            option = "--api-port" if service.name == "api" else "--port"
            raise ServiceFailed(
                f"Port {address.port} for the {service.name} is in use. Stop what runs there, or choose another "
                f"with {option}."
            )


def _stop(running: Sequence[_Running]) -> None:
    """Ask all to stop, last started first; kill what does not."""
    for one in reversed(running):
        if one.process.poll() is None:
            one.process.terminate()
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    for one in reversed(running):
        try:
            one.process.wait(max(0.1, deadline - time.monotonic()))
        except (subprocess.TimeoutExpired, KeyboardInterrupt):  # a second Ctrl-C means: now
            one.process.kill()
            one.process.wait()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C while the context is open, and Ctrl-C as such even where a shell had it ignored."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
