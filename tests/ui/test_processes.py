"""Tests of services that run together, with real child processes."""

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from ui.processes import Service, ServiceFailed, run_together

SERVER = """
import http.server, os, pathlib, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *args): pass
pathlib.Path(sys.argv[2]).write_text(f"{os.getpid()} {os.environ.get('GROUNDWATCH_URL', '')}")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server(name: str, folder: Path) -> Service:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    return Service(name, [sys.executable, "-c", SERVER, str(port), str(folder / name)], url, f"{url}/health")


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_both_are_started_named_and_stopped_on_sigterm(tmp_path: Path) -> None:
    services = [server("api", tmp_path), server("app", tmp_path)]
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if line == "Stop with Ctrl-C.":
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()

    run_together(services, environment={"GROUNDWATCH_URL": "http://x"}, say=say)

    assert said == [f"api: {services[0].url}", f"app: {services[1].url}", "Stop with Ctrl-C.", "Stopping."]
    for name in ("api", "app"):
        process, url = (tmp_path / name).read_text().split()
        assert url == "http://x"
        assert not alive(int(process))


def test_when_one_ends_the_other_is_stopped_and_the_reason_is_said(tmp_path: Path) -> None:
    services = [
        server("api", tmp_path),
        Service("app", [sys.executable, "-c", "raise SystemExit(3)"], "http://127.0.0.1:9", "http://127.0.0.1:9"),
    ]

    with pytest.raises(ServiceFailed, match="app ended with exit code 3"):
        run_together(services, environment={}, say=lambda line: None)

    deadline = time.monotonic() + 5
    while (tmp_path / "api").exists() and alive(int((tmp_path / "api").read_text().split()[0])):
        assert time.monotonic() < deadline, "the api still runs"
        time.sleep(0.05)


def test_a_port_in_use_is_refused_before_anything_starts(tmp_path: Path) -> None:
    service = server("api", tmp_path)
    port = int(service.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)), pytest.raises(ServiceFailed, match=f"Port {port} .* --api-port"):
        run_together([service], environment={}, say=lambda line: None)

    assert not (tmp_path / "api").exists()


def test_a_command_that_does_not_exist_is_named() -> None:
    service = Service("app", ["/nonexistent/streamlit"], f"http://127.0.0.1:{free_port()}", "http://127.0.0.1:9")

    with pytest.raises(ServiceFailed, match="'/nonexistent/streamlit'"):
        run_together([service], environment={}, say=lambda line: None)
