"""Send telemetry by OTLP to a real server, kill it with SIGKILL now and then, and count what was acknowledged and lost.

`groundwatch serve` runs in a process of its own on a fresh data directory; this process sends batches that were made
before, over some connections that are kept open, and counts what was answered with 200. Each round ends with SIGKILL in
the middle of the load; the server is started again on the same directory. At the end all that is stored is counted:
each record has a number of its own. The peer in the same run is a program that appends the same requests to a file
and synchronises it after each, one after the other, on the same disk.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from api.telemetry.otlp.requests import PROTOBUF, OtlpSignal, message_of
from api.telemetry.otlp.tables import convert, tables_in

_START_SECONDS = 60.0
_ATTRIBUTES = 6


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load: records a second that were acknowledged, how many of all, and how many of these are gone."""

    signal: str
    batch: int
    seconds: float
    sent: int
    acknowledged: int
    refused: int
    lost: int
    kills: int
    per_second: float
    peer_per_second: float
    p50_ms: float
    p99_ms: float
    memory_mb: float


@click.command(context_settings={"show_default": True})
@click.option("--signal", "name", type=click.Choice([one.value for one in OtlpSignal]), default="traces")
@click.option("--seconds", type=float, default=30.0, help="Length of the load in all.")
@click.option("--batch", type=int, default=512, help="Records of a request: the default of the SDKs' exporters.")
@click.option("--connections", type=int, default=4)
@click.option("--kills", type=int, default=2, help="How often the server is killed.")
@click.option("--json", "to_json", is_flag=True, help="Tell it as JSON.")
def main(name: str, seconds: float, batch: int, connections: int, kills: int, to_json: bool) -> None:
    """Measure, and end with 1 where something acknowledged is lost."""
    with tempfile.TemporaryDirectory(prefix="otlp-load-") as folder:
        told = measure(OtlpSignal(name), Path(folder), seconds, batch, connections, kills)
    click.echo(json.dumps(asdict(told)) if to_json else text(told))
    sys.exit(1 if told.lost else 0)


def measure(kind: OtlpSignal, folder: Path, seconds: float, batch: int, connections: int, kills: int) -> Load:
    """Return what came of a load in a folder that is empty."""
    port, data = free_port(), folder / "data"
    senders = [Sender(kind, port, batch, number) for number in range(connections)]
    server, memory = served(data, port), 0.0
    for round_ in range(kills + 1):
        stop = threading.Event()
        threads = [threading.Thread(target=one.send, args=(stop,), daemon=True) for one in senders]
        for thread in threads:
            thread.start()
        time.sleep(seconds / (kills + 1))
        memory = max(memory, memory_mb(server.pid))
        if round_ < kills:
            server.send_signal(signal.SIGKILL)
        stop.set()
        for thread in threads:
            thread.join(30)
        if round_ < kills:
            server.wait(30)
            server = served(data, port)
    loaded = sum(one.seconds for one in senders) / connections
    server.send_signal(signal.SIGTERM)
    server.wait(120)
    kept = _kept(kind, data / "otlp")
    acknowledged = {number for one in senders for number in one.acknowledged}
    waits = sorted(wait for one in senders for wait in one.waits)
    return Load(
        signal=kind.value,
        batch=batch,
        seconds=round(loaded, 2),
        sent=sum(one.sent for one in senders),
        acknowledged=len(acknowledged) * batch,
        refused=sum(one.refused for one in senders),
        lost=sum(batch - kept.get(number, 0) for number in acknowledged),
        kills=kills,
        per_second=round(len(acknowledged) * batch / loaded),
        peer_per_second=_peer(folder / "peer", senders[0].body(10**6), batch),
        p50_ms=round(1e3 * waits[len(waits) // 2], 1),
        p99_ms=round(1e3 * waits[len(waits) * 99 // 100], 1),
        memory_mb=round(memory),
    )


def text(told: Load) -> str:
    """Return a load in words."""
    return (
        f"{told.acknowledged:,} {told.signal} in batches of {told.batch} acknowledged in {told.seconds:g} s: "
        f"{told.per_second:,.0f} a second, {told.per_second / told.peer_per_second:.2f} times a program that appends "
        f"and synchronises each ({told.peer_per_second:,.0f}); p50 {told.p50_ms:g} ms, p99 {told.p99_ms:g} ms; "
        f"{told.refused} requests refused with 503; {told.kills} SIGKILLs; acknowledged and lost: {told.lost}; "
        f"server {told.memory_mb:g} MB at most"
    )


class Sender:
    """One connection that is kept open; each request has a number, which stands in the name or text of its records."""

    def __init__(self, kind: OtlpSignal, port: int, batch: int, number: int) -> None:
        self._kind, self._port, self._batch = kind, port, batch
        self._next = number * 10_000_000
        self._template = _request(kind, batch)
        self.acknowledged: list[int] = []
        self.waits: list[float] = []
        self.sent = self.refused = 0
        self.seconds = 0.0
        self._connection: http.client.HTTPConnection | None = None

    def body(self, number: int) -> bytes:
        """Return a request: the template with its number, of a set width, in place of the one that was made with."""
        return self._template.replace(b"batch-000000000", b"batch-%09d" % number)

    def send(self, stop: threading.Event) -> None:
        """Send until told to stop, or until the server is gone."""
        began = time.monotonic()
        while not stop.is_set() and self.send_one():
            pass
        self.seconds += time.monotonic() - began
        self.close()

    def send_one(self) -> bool:
        """Send one request and count what came of it; tell whether the server is there."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        self._next += 1
        at = time.monotonic()
        try:
            path, headers = f"/otlp/v1/{self._kind.value}", {"Content-Type": PROTOBUF}
            self._connection.request("POST", path, self.body(self._next), headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        self.sent += self._batch
        if answer.status == 200:
            self.acknowledged.append(self._next)
            self.waits.append(time.monotonic() - at)
        else:
            self.refused += 1
            time.sleep(min(1.0, float(answer.headers.get("Retry-After", 1))))
        return True

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _request(kind: OtlpSignal, batch: int) -> bytes:
    """Return a request whose records carry a number of a set width."""
    request, now = message_of(kind)(), time.time_ns()
    resource = getattr(request, f"resource_{'spans' if kind is OtlpSignal.TRACES else kind.value}").add()
    service = resource.resource.attributes.add(key="service.name")
    service.value.string_value = "checkout"
    for place in range(batch):
        if kind is OtlpSignal.TRACES:
            if place == 0:
                spans = resource.scope_spans.add().spans
            one = spans.add(trace_id=os.urandom(16), span_id=os.urandom(8), name="batch-000000000", kind=2)
            one.start_time_unix_nano, one.end_time_unix_nano = now, now + 1_000_000
        elif kind is OtlpSignal.LOGS:
            if place == 0:
                records = resource.scope_logs.add().log_records
            one = records.add(time_unix_nano=now, severity_number=9)
            one.body.string_value = "batch-000000000 took an order of 3 items from the basket"
        else:
            metric = (resource.scope_metrics.add() if place == 0 else resource.scope_metrics[0]).metrics.add()
            metric.name = "batch-000000000"
            one = metric.gauge.data_points.add(time_unix_nano=now, as_double=place)
        for number in range(_ATTRIBUTES):
            attribute = one.attributes.add(key=f"http.attribute.{number}")
            attribute.value.string_value = f"a value such as {place}"
    return bytes(request.SerializeToString())


def _kept(kind: OtlpSignal, folder: Path) -> dict[int, int]:
    """Return how many records of each batch are stored; a journal that is left is made tables first."""
    from pyarrow import parquet  # type: ignore[import-untyped]  # ships no hints

    for journal in sorted((folder / "journal").glob("*.journal")):
        convert(journal, folder)
    column = {OtlpSignal.TRACES: "operation", OtlpSignal.LOGS: "text", OtlpSignal.METRICS: "metric"}[kind]
    found: dict[int, int] = {}
    for table in tables_in(folder, kind):
        names: Sequence[str] = parquet.read_table(table.path, columns=[column]).column(column).to_pylist()
        for name in names:
            number = int(name[6:15])
            found[number] = found.get(number, 0) + 1
    return found


def served(data: Path, port: int) -> "subprocess.Popen[bytes]":
    """Start the API and wait until it answers."""
    environment = {**os.environ, "GROUNDWATCH_DATA_DIR": str(data)}
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return server
        except OSError:
            time.sleep(0.1)
    server.kill()
    raise click.ClickException(f"the API did not answer on port {port} within {_START_SECONDS:g} s")


def _peer(file: Path, body: bytes, batch: int) -> float:
    """Return records a second of a program that appends requests to a file and synchronises it after each."""
    opened, began, count = os.open(file, os.O_CREAT | os.O_WRONLY, 0o600), time.monotonic(), 0
    while time.monotonic() - began < 2.0:
        os.write(opened, body)
        os.fdatasync(opened)
        count += 1
    os.close(opened)
    return round(count * batch / (time.monotonic() - began))


def memory_mb(pid: int, *, peak: bool = True) -> float:
    """Return the resident megabytes of a process, the most that it ever had or those of now; 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    name = "VmHWM" if peak else "VmRSS"
    line = next((one for one in status.splitlines() if one.startswith(name)), f"{name}: 0 kB")
    return int(line.split()[1]) / 1e3


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


if __name__ == "__main__":
    main()
