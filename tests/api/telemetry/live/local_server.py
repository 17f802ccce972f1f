"""A system on loopback that answers as a test says: pages, errors, slowly, by half, without end."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

_PIECE = b" " * 65_536


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its query and form as first values, its headers in lower case, its body."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `half` breaks it off in the middle, `slow` sends nothing until the server ends, `endless` this many
    bytes of blanks before the body."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    half: bool = False
    slow: bool = False
    endless: int = 0


Answering = Callable[[Asked], Reply]


@dataclass(slots=True)
class LocalServer:
    """A running server: where it is, what it was asked, and how many bytes it sent."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    sent: int = 0
    at_once: int = 0
    most_at_once: int = 0
    ending: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        with self.lock:
            return [one.path for one in self.asked]


@contextmanager
def serving(answering: Answering) -> Iterator[LocalServer]:
    """Serve until the block ends."""
    served = LocalServer("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _serve(self, served, answering)

        def do_POST(self) -> None:
            _serve(self, served, answering)

        def do_DELETE(self) -> None:
            _serve(self, served, answering)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            return  # a client that hangs up is what some tests are about

    server = Server(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _serve(handler: BaseHTTPRequestHandler, served: LocalServer, answering: Answering) -> None:
    body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    parts = urlsplit(handler.path)
    query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if handler.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        query |= {key: values[0] for key, values in parse_qs(body.decode()).items()}
    asked = Asked(
        handler.command, parts.path, query, {key.lower(): value for key, value in handler.headers.items()}, body
    )
    with served.lock:
        served.asked.append(asked)
        served.at_once += 1
        served.most_at_once = max(served.most_at_once, served.at_once)
    try:
        _send(handler, served, answering(asked))
    except OSError:
        handler.close_connection = True
    finally:
        with served.lock:
            served.at_once -= 1


def _send(handler: BaseHTTPRequestHandler, served: LocalServer, reply: Reply) -> None:
    if reply.slow:
        served.ending.wait()
        handler.close_connection = True
        return
    data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
    handler.send_response(reply.status)
    handler.send_header("Content-Type", "application/json")
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data) + reply.endless))
    handler.end_headers()
    for _ in range(reply.endless // len(_PIECE)):
        handler.wfile.write(_PIECE)
        served.sent += len(_PIECE)
    if reply.half:
        handler.wfile.write(data[: len(data) // 2])
        handler.close_connection = True
        return
    handler.wfile.write(data)
