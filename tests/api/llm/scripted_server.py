"""A language model's server on this machine: it speaks like three providers, and goes wrong when a test wants it to.

    with serving(Script("Restart it."), Script(status=429)) as server:
        server.openai_url, server.anthropic_url, server.ollama_url

Each request takes the next script, the last one over and over; `server.asked` is what arrived.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from tests.api.llm.scripted_wire import DEFAULT_WORDS, WIRES, Said, Wire


class Fault(StrEnum):
    """How a server misbehaves."""

    NONE = "none"
    RESET_BEFORE = "it closes the connection without a word"
    STALL_BEFORE = "it takes the request and never answers"
    CUT = "it closes the connection in the middle of the answer"
    SILENT_END = "it ends the stream properly, without having said that the answer ends"
    STALL_INSIDE = "it stops in the middle of the answer and keeps the connection"
    STALL_AFTER = "it sends the whole answer and keeps the connection"
    ENDLESS = "it never stops sending words"
    ALIVE = "it sends signs of life for ever, and no words"
    BROKEN_JSON = "it sends an event that is no JSON"
    WRONG_SHAPE = "it sends JSON of another shape"
    WRONG_TYPE = "it answers with a web page"
    HUGE_LINE = "it sends one line without an end"
    DEEP = "it sends JSON that is nested a hundred thousand deep"
    ERROR_EVENT = "it tells of a failure inside of the stream"
    REDIRECT = "it sends the caller to another address"
    COMPRESSED = "it compresses the answer though nobody asked for that"


@dataclass(frozen=True)
class Script:
    """How one request is answered: with words, or with a status and a message, or wrongly."""

    text: str = DEFAULT_WORDS
    finish: str = "stop"
    refusal: str = ""
    usage: tuple[int, int] | None = (11, 7)
    status: int = 200
    message: str = "scripted failure"
    kind: str = "scripted_error"
    headers: tuple[tuple[str, str], ...] = ()
    fault: Fault = Fault.NONE
    pieces: tuple[str, ...] = ()

    @property
    def said(self) -> Said:
        """The answer, cut into words unless the pieces are given."""
        words = self.pieces or tuple(f"{word} " for word in self.text.split(" "))
        if not self.pieces and words:
            words = (*words[:-1], words[-1][:-1])
        return Said(words, self.finish, self.refusal, self.usage)


@dataclass(frozen=True)
class AskedModel:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def words(self) -> str:
        """Every text of the request, system prompt and messages."""
        system = self.body.get("system", "")
        return "\n".join([system if isinstance(system, str) else json.dumps(system), json.dumps(self.body["messages"])])


Answering = Callable[[AskedModel], Script]


@dataclass
class ScriptedServer:
    """A running server."""

    url: str
    scripts: list[Script]
    answering: Answering | None = None
    asked: list[AskedModel] = field(default_factory=list)
    released: Event = field(default_factory=Event)

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        return self.url

    @property
    def ollama_url(self) -> str:
        return self.url

    def script_for(self, asked: AskedModel) -> Script:
        """Note a request and return how it is answered."""
        self.asked.append(asked)
        if self.answering is not None:
            return self.answering(asked)
        return self.scripts[min(len(self.asked), len(self.scripts)) - 1]


@contextmanager
def serving(*scripts: Script, answering: Answering | None = None) -> Iterator[ScriptedServer]:
    """Run a server for the length of a test; `answering` decides by the request instead of by turn."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.state = ScriptedServer(
            f"http://127.0.0.1:{server.server_address[1]}", list(scripts) or [Script()], answering
        )
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.state
        finally:
            server.state.released.set()
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    state: ScriptedServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a caller who hangs up is what many tests want."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = AskedModel(self.path, headers, json.loads(body))
        script = self.server.state.script_for(asked)
        self.close_connection = True
        wire = WIRES.get(self.path)
        if wire is None:
            return self._whole(404, "text/plain", b"404 page not found")
        if script.fault is Fault.RESET_BEFORE:
            return None
        if script.fault is Fault.STALL_BEFORE:
            self.server.state.released.wait(60)
            return None
        if script.status != 200:
            return self._whole(
                script.status, "application/json", wire.refused(script.status, script.message, script.kind), script
            )
        if script.fault is Fault.WRONG_TYPE:
            return self._whole(200, "text/html", b"<html><body>Please log in</body></html>")
        if script.fault is Fault.REDIRECT:
            return self._whole(307, "text/plain", b"", Script(headers=(("location", "http://192.0.2.1/v1"),)))
        if asked.body.get("stream", self.path == "/api/chat"):
            return self._stream(wire, script)
        return self._whole(200, "application/json", wire.whole(script.said), script)

    def do_GET(self) -> None:
        self._whole(404, "text/plain", b"404 page not found")

    def log_message(self, format: str, *words: object) -> None:
        """Say nothing."""

    def _whole(self, status: int, media_type: str, body: bytes, script: Script | None = None) -> None:
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        for name, value in script.headers if script else ():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, wire: Wire, script: Script) -> None:
        self.send_response(200)
        self.send_header("content-type", wire.media_type)
        self.send_header("transfer-encoding", "chunked")
        if script.fault is Fault.COMPRESSED:
            self.send_header("content-encoding", "gzip")
        self.end_headers()
        for event in filter(None, self._events(wire, script)):  # an empty chunk would end the stream
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.flush()
        if script.fault is not Fault.CUT:
            self.wfile.write(b"0\r\n\r\n")

    def _events(self, wire: Wire, script: Script) -> Iterator[bytes]:
        said = script.said
        words = [wire.piece(text) for text in said.pieces]
        closing = wire.closing(said)
        yield from wire.opening(said)
        if script.fault in (Fault.NONE, Fault.COMPRESSED, Fault.STALL_AFTER):
            yield from (*words, *closing)
        else:
            yield from words[: len(words) // 2]
            yield from self._misbehave(wire, script)
        if script.fault in (Fault.STALL_INSIDE, Fault.STALL_AFTER):
            self.server.state.released.wait(60)

    def _misbehave(self, wire: Wire, script: Script) -> Iterator[bytes]:
        if script.fault is Fault.ENDLESS:
            while not self.server.state.released.is_set():
                yield wire.piece("and so on " * 40)
        elif script.fault is Fault.ALIVE:
            while not self.server.state.released.wait(0.02):
                yield wire.comment()
        elif script.fault is Fault.HUGE_LINE:
            yield wire.line("x").split(b"x")[0]
            while not self.server.state.released.is_set():
                yield b"x" * 65_536
        elif script.fault is Fault.BROKEN_JSON:
            yield wire.line('{"message": {"content": "half')
        elif script.fault is Fault.WRONG_SHAPE:
            yield wire.line('[1, "two", null]')
        elif script.fault is Fault.DEEP:
            yield wire.line("[" * 100_000)
        elif script.fault is Fault.ERROR_EVENT:
            yield wire.error(script.message, script.kind)
