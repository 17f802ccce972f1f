"""A server on this machine that answers as a test says, and goes wrong when a test wants it to."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it arrived: `address` is what a test matches, path with query, then the body of a POST."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    address: str
    body: bytes = b""

    def number(self, name: str, default: int) -> int:
        return int(self.query.get(name, default))


@dataclass(frozen=True)
class Reply:
    """An answer; with `cut` only that many bytes of the body are sent, though its whole length is announced."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cut: int | None = None

    @classmethod
    def of(cls, value: object, *headers: tuple[str, str], status: int = 200) -> "Reply":
        return cls(json.dumps(value).encode(), status, (("content-type", "application/json"), *headers))


@dataclass
class Fault:
    """What goes wrong with the next `times` requests whose address matches `where`."""

    where: str
    change: Callable[[Reply], Reply]
    times: int = 1_000_000


@dataclass
class RestServer:
    """A running server: `asked` is what arrived, `faults` what goes wrong, `before` is called before each answer."""

    url: str
    answer: Callable[[Asked], Reply]
    asked: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    before: Callable[[Asked], None] = lambda asked: None

    def fail(self, where: str, change: Callable[[Reply], Reply] | Reply, *, times: int = 1_000_000) -> None:
        """Let the requests that match go wrong; a Reply stands for itself."""
        self.faults.append(Fault(where, (lambda _: change) if isinstance(change, Reply) else change, times))

    def count(self, where: str) -> int:
        """Return how many requests matched so far."""
        return sum(re.search(where, asked.address) is not None for asked in self.asked)

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        self.before(asked)
        for fault in self.faults:
            if fault.times > 0 and re.search(fault.where, asked.address):
                fault.times -= 1
                return fault.change(self.answer(asked))
        return self.answer(asked)


def cut_off(reply: Reply) -> Reply:
    """Send half of the body and close."""
    return Reply(reply.body, reply.status, reply.headers, cut=len(reply.body) // 2)


def half_json(reply: Reply) -> Reply:
    """Send half of the body as if it were the whole."""
    return Reply(reply.body[: len(reply.body) // 2], reply.status, reply.headers)


@contextmanager
def serving(answer: Callable[[Asked], Reply]) -> Iterator[RestServer]:
    """Run a server for the length of a test."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            address = f"{unquote(self.path)} {body.decode()}"
            reply = state.reply(Asked(self.command, parts.path, query, headers, address, body))
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state = RestServer(f"http://127.0.0.1:{server.server_address[1]}", answer)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
