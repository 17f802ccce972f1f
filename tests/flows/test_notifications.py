"""Notices of failed runs: what is posted, what is tried again, and that a bad webhook never holds up a run."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from flows.notifications import Counts, FailedDocument, Notice, Outcome, post, shortened

NOTICE = Notice(
    flow="refresh knowledge",
    outcome=Outcome.REFUSED,
    reason="check 'retrieval' failed: 3 of 10 questions lost their document",
    sources=("wiki",),
    check="retrieval",
    served="Generation 4 serves on.",
    counts=Counts(indexed=2, failed=1),
    failures=(FailedDocument("wiki", "disk.md", "is empty"),),
)


@dataclass
class Webhook:
    """A server that answers with the given statuses in turn and keeps what it was sent; 200 in the end."""

    statuses: list[int] = field(default_factory=list)
    received: list[dict[str, object]] = field(default_factory=list)
    url: str = ""
    location: str = ""


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """Serve a webhook on the loopback address."""
    state = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            state.received.append(json.loads(self.rfile.read(length)))
            self.send_response(state.statuses.pop(0) if state.statuses else 200)
            if state.location:
                self.send_header("Location", state.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/hook/T0/s3cr3t-part"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_notice_says_what_failed_where_and_what_is_served(webhook: Webhook) -> None:
    assert post(webhook.url, NOTICE, pause=0)

    assert webhook.received == [
        {
            "text": "Groundwatch: refresh knowledge (wiki) was not promoted: check 'retrieval' failed: 3 of 10 "
            "questions lost their document\n- wiki/disk.md: is empty\nGeneration 4 serves on.",
            "flow": "refresh knowledge",
            "outcome": "refused",
            "reason": "check 'retrieval' failed: 3 of 10 questions lost their document",
            "sources": ["wiki"],
            "check": "retrieval",
            "run_url": "",
            "served": "Generation 4 serves on.",
            "counts": {"indexed": 2, "unchanged": 0, "removed": 0, "failed": 1},
            "failures": [{"source": "wiki", "path": "disk.md", "reason": "is empty"}],
        }
    ]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(webhook: Webhook, status: int) -> None:
    webhook.statuses = [status, status]

    assert post(webhook.url, NOTICE, pause=0)
    assert len(webhook.received) == 3


def test_three_failures_are_enough(webhook: Webhook, caplog: pytest.LogCaptureFixture) -> None:
    webhook.statuses = [500] * 9

    assert not post(webhook.url, NOTICE, pause=0)
    assert len(webhook.received) == 3
    assert "HTTP 500" in caplog.text


@pytest.mark.parametrize("status", [400, 404, 410])
def test_what_stays_wrong_is_not_tried_again(webhook: Webhook, status: int) -> None:
    webhook.statuses = [status]

    assert not post(webhook.url, NOTICE, pause=0)
    assert len(webhook.received) == 1


def test_a_redirect_is_not_followed(webhook: Webhook) -> None:
    webhook.statuses, webhook.location = [302], f"{webhook.url}/elsewhere"

    assert not post(webhook.url, NOTICE, pause=0)
    assert len(webhook.received) == 1


def test_nobody_at_the_address_is_logged_without_the_secret_part(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://user:pa55@127.0.0.1:{free.getsockname()[1]}/hook/s3cr3t-part"

        assert not post(url, NOTICE, pause=0)

    assert "the webhook at 127.0.0.1 was not taken: ConnectError" in caplog.text
    assert "s3cr3t" not in caplog.text
    assert "pa55" not in caplog.text


@pytest.mark.parametrize("url", ["", "not a url", "ftp://127.0.0.1/x", "http://[::1", "http://127.0.0.1:99999/"])
def test_an_address_that_is_none_is_logged(url: str, caplog: pytest.LogCaptureFixture) -> None:
    assert not post(url, NOTICE, pause=0)
    assert caplog.records[0].levelno == logging.WARNING


@pytest.mark.parametrize(
    "drip",
    [pytest.param(b"H", id="never ends its first line"), pytest.param(b"", id="says nothing")],
)
def test_a_server_that_never_finishes_is_left_after_the_deadline(drip: bytes) -> None:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=_drip, args=(listener, drip, stop))
        server.start()
        started = time.monotonic()

        taken = post(f"http://127.0.0.1:{listener.getsockname()[1]}/", NOTICE, deadline=0.5)

        assert not taken
        assert time.monotonic() - started < 2
        stop.set()
        server.join()


def test_an_answer_without_an_end_is_not_read() -> None:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=_drip, args=(listener, b"x" * 1000, stop, b"HTTP/1.1 200 OK\r\n\r\n"))
        server.start()

        assert post(f"http://127.0.0.1:{listener.getsockname()[1]}/", NOTICE, deadline=5)

        stop.set()
        server.join()


def test_long_lists_and_reasons_are_cut(webhook: Webhook) -> None:
    many = tuple(FailedDocument("wiki", f"{number}.md", "is empty") for number in range(50))
    post(webhook.url, Notice("f", Outcome.FAILED, shortened("x" * 100_000), failures=many), pause=0)

    sent = webhook.received[0]
    assert len(str(sent["reason"])) == 2000
    assert len(sent["failures"]) == 10  # type: ignore[arg-type]  # what JSON holds has no type


def _drip(listener: socket.socket, drip: bytes, stop: threading.Event, first: bytes = b"") -> None:
    """Answer one connection with `first`, then with `drip` again and again until told to stop."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        try:
            connection.sendall(first)
            while not stop.wait(0.05):
                connection.sendall(drip)
        except OSError:
            return
