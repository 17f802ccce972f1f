"""The MCP server on standard input and output: one JSON-RPC message a line, and nothing else on standard output.

The descriptors are waited for instead of read in threads, so that a signal ends the process while a client is silent
or reads nothing.
"""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
from pydantic import ValidationError

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.server.lowlevel.server import Server
    from mcp.shared.message import SessionMessage

MAX_LINE_BYTES = 1_000_000
"""Longest message that is read, as over HTTP."""

_READ = 65_536
_WRITE = 4_096  # POSIX: so many bytes fit into a pipe that can be written to
_FINISH_SECONDS = 30.0  # for answers that are being made when the client closes its end


async def serve_stdio(server: "Server[Any]") -> None:
    """Serve until standard input ends or the process is told to end; answers at work are finished at its end."""
    import signal

    with _own_descriptors() as wire:
        async with anyio.create_task_group() as group:

            async def serve() -> None:
                await _serve(server, wire)
                group.cancel_scope.cancel()

            group.start_soon(serve)
            with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
                async for _signal in signals:
                    group.cancel_scope.cancel()


@dataclass(frozen=True, slots=True)
class _Descriptors:
    """Where the client writes to and reads from."""

    read: int
    write: int


@contextmanager
def _own_descriptors() -> Iterator[_Descriptors]:
    """Take the standard descriptors: whoever else prints meanwhile prints to standard error, and reads nothing."""
    sys.stdout.flush()
    wire = _Descriptors(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        yield wire
    finally:
        os.close(nothing)
        sys.stdout.flush()
        os.dup2(wire.read, 0)
        os.dup2(wire.write, 1)
        os.close(wire.read)
        os.close(wire.write)


@dataclass(slots=True)
class _Unanswered:
    """Requests that were read and not answered yet."""

    ids: set[int | str] = field(default_factory=set)
    changed: anyio.Event = field(default_factory=anyio.Event)

    def note(self, message: Any, *, sent: bool) -> None:
        """Note a message that came, or one that was sent."""
        from mcp_types import JSONRPCError, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

        if isinstance(message, JSONRPCRequest) and not sent:
            self.ids.add(message.id)
        elif isinstance(message, JSONRPCResponse | JSONRPCError) and sent and message.id is not None:
            self.ids.discard(message.id)
        elif isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled" and not sent:
            self.ids.discard((message.params or {}).get("requestId", ""))
        self.changed.set()
        self.changed = anyio.Event()

    async def none_left(self) -> None:
        """Wait until all is answered, but not for ever."""
        with anyio.move_on_after(_FINISH_SECONDS):
            while self.ids:
                await self.changed.wait()


async def _serve(server: "Server[Any]", wire: _Descriptors) -> None:
    from mcp.shared.message import SessionMessage

    incoming_end, incoming = anyio.create_memory_object_stream["SessionMessage | Exception"](0)
    outgoing, outgoing_end = anyio.create_memory_object_stream[SessionMessage](0)
    unanswered = _Unanswered()
    async with anyio.create_task_group() as group:
        group.start_soon(_read_messages, wire.read, incoming_end, outgoing.clone(), unanswered)
        group.start_soon(_write_messages, wire.write, outgoing_end, unanswered, group.cancel_scope)
        await server.run(incoming, outgoing, server.create_initialization_options())
        group.cancel_scope.cancel()


async def _read_messages(
    descriptor: int,
    to: "MemoryObjectSendStream[SessionMessage | Exception]",
    answers: "MemoryObjectSendStream[SessionMessage]",
    unanswered: _Unanswered,
) -> None:
    from mcp.shared.message import SessionMessage
    from mcp_types import PARSE_ERROR, ErrorData, JSONRPCError, jsonrpc_message_adapter

    async with to, answers:
        async for line in _lines(descriptor):
            try:
                if line is None:
                    raise ValueError(f"a message may have {MAX_LINE_BYTES:,} bytes")
                message = jsonrpc_message_adapter.validate_json(line, by_name=False)
            except (ValidationError, ValueError) as error:
                reason = "it is no JSON-RPC" if isinstance(error, ValidationError) else str(error)
                told = ErrorData(code=PARSE_ERROR, message=f"the message cannot be read: {reason}")
                await answers.send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=None, error=told)))
                continue
            unanswered.note(message, sent=False)
            await to.send(SessionMessage(message))
        await unanswered.none_left()


async def _write_messages(
    descriptor: int,
    messages: "MemoryObjectReceiveStream[SessionMessage]",
    unanswered: _Unanswered,
    everything: anyio.CancelScope,
) -> None:
    async with messages:
        async for sent in messages:
            line = sent.message.model_dump_json(by_alias=True, exclude_unset=True)
            try:
                await _write(descriptor, line.encode() + b"\n")
            except ConnectionError:
                everything.cancel()  # nobody is there any more who could be answered
            unanswered.note(sent.message, sent=True)


async def _lines(descriptor: int) -> AsyncIterator[bytes | None]:
    """Yield lines that are not empty; None for one that is too long."""
    held, skipping = bytearray(), False
    while data := await _read(descriptor):
        *ended, rest = data.split(b"\n")
        for part in ended:
            line, held = bytes(held) + part, bytearray()
            if skipping or len(line) > MAX_LINE_BYTES:
                skipping = False
                yield None
            elif line.strip():
                yield line
        held += rest
        if len(held) > MAX_LINE_BYTES:
            held, skipping = bytearray(), True
    if held.strip():
        yield bytes(held)


async def _read(descriptor: int) -> bytes:
    try:
        await anyio.wait_readable(descriptor)
    except PermissionError:
        await anyio.lowlevel.checkpoint()  # a regular file cannot be waited for, and need not be
    try:
        return os.read(descriptor, _READ)
    except ConnectionError:
        return b""  # the client is gone


async def _write(descriptor: int, data: bytes) -> None:
    """Write all of it; raises BrokenPipeError where nobody reads any more."""
    while data:
        try:
            await anyio.wait_writable(descriptor)
        except PermissionError:
            await anyio.lowlevel.checkpoint()
        data = data[os.write(descriptor, data[:_WRITE]) :]
