"""Send alerts to a real server, kill it with SIGKILL now and then, and count what was acknowledged and is not there.

`groundwatch serve` runs in a process of its own on a fresh data directory, with SQLite. Some senders post messages as
Alertmanager does, each over a connection that is kept open, and send again what was not acknowledged with 202, as it
does too. Each round ends with SIGKILL in the middle of the load; the server is started again on the same directory. At
the end every alert, which has a number of its own, is looked up in the database, and what incidents count is compared
with the alerts that they have.
"""

import http.client
import json
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from evals.otlp_load import free_port, served


@dataclass(frozen=True, slots=True)
class Kept:
    """What a database holds: alerts by their number, and incidents whose counts differ from the alerts they have."""

    numbers: frozenset[int]
    alerts: int
    incidents: int
    miscounted: int


@dataclass(frozen=True, slots=True)
class Killed:
    """What came of a load: alerts acknowledged, those of them that are gone, and those that are there twice."""

    seconds: float
    kills: int
    acknowledged: int
    lost: int
    stored: int
    doubled: int
    incidents: int
    miscounted: int
    refused: int
    broken_off: int


@click.command(context_settings={"show_default": True})
@click.option("--seconds", type=float, default=30.0, help="Length of the load in all.")
@click.option("--kills", type=int, default=4, help="How often the server is killed.")
@click.option("--senders", type=int, default=8)
@click.option("--in-each", type=int, default=5, help="Alerts of a message.")
@click.option("--json", "to_json", is_flag=True, help="Tell it as JSON.")
def main(seconds: float, kills: int, senders: int, in_each: int, to_json: bool) -> None:
    """Measure, and end with 1 where something acknowledged is lost, is there twice, or is counted wrongly."""
    with tempfile.TemporaryDirectory(prefix="alert-kill-") as folder:
        told = measure(Path(folder), seconds, kills, senders, in_each)
    click.echo(json.dumps(asdict(told)) if to_json else text(told))
    sys.exit(1 if told.lost or told.doubled or told.miscounted else 0)


def measure(folder: Path, seconds: float, kills: int, senders: int, in_each: int) -> Killed:
    """Return what came of a load in a folder that is empty."""
    port, data = free_port(), folder / "data"
    posting = [Sender(port, in_each, number) for number in range(senders)]
    server = served(data, port)
    began = time.monotonic()
    for round_ in range(kills + 1):
        stop = threading.Event()
        threads = [threading.Thread(target=one.send, args=(stop,), daemon=True) for one in posting]
        for thread in threads:
            thread.start()
        time.sleep(seconds / (kills + 1))
        if round_ < kills:
            server.send_signal(signal.SIGKILL)
            server.wait(30)
        stop.set()
        for thread in threads:
            thread.join(60)
        if round_ < kills:
            server = served(data, port)
    server.send_signal(signal.SIGTERM)
    server.wait(120)
    acknowledged = {number for one in posting for number in one.acknowledged}
    kept = kept_in(data / "groundwatch.sqlite")
    return Killed(
        seconds=round(time.monotonic() - began, 1),
        kills=kills,
        acknowledged=len(acknowledged),
        lost=len(acknowledged - kept.numbers),
        stored=kept.alerts,
        doubled=kept.alerts - len(kept.numbers),
        incidents=kept.incidents,
        miscounted=kept.miscounted,
        refused=sum(one.refused for one in posting),
        broken_off=sum(one.broken_off for one in posting),
    )


def kept_in(file: Path) -> Kept:
    """Return what a database of incidents holds."""
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT incident_id, status, detail FROM incident_alerts").fetchall()
        incidents = database.execute("SELECT id, alerts, firing FROM incidents").fetchall()
    numbers = [int(dict(json.loads(detail)["labels"])["pod"].removeprefix("pod-")) for _, _, detail in rows]
    alerts: dict[str, int] = {}
    firing: dict[str, int] = {}
    for incident, status, _ in rows:
        alerts[incident] = alerts.get(incident, 0) + 1
        firing[incident] = firing.get(incident, 0) + (status == "firing")
    wrong = sum(
        counted != alerts.get(name, 0) or sum(map(int, fires.split(","))) != firing.get(name, 0)
        for name, counted, fires in incidents
    )
    return Kept(frozenset(numbers), len(rows), len(incidents), wrong)


def text(told: Killed) -> str:
    """Return a load in words."""
    return (
        f"{told.acknowledged:,} alerts acknowledged in {told.seconds:g} s with {told.kills} SIGKILLs "
        f"({told.broken_off} messages broken off and sent again, {told.refused} refused for a while); acknowledged "
        f"and lost: {told.lost}; there twice: {told.doubled}; {told.incidents} incidents, counted wrongly: "
        f"{told.miscounted}"
    )


class Sender:
    """One connection; it sends a message until that is acknowledged, and then the next."""

    def __init__(self, port: int, in_each: int, number: int) -> None:
        self._port, self._in_each = port, in_each
        self._next = number * 10_000_000
        self.acknowledged: list[int] = []
        self.refused = self.broken_off = 0

    def message(self) -> tuple[range, bytes]:
        """Return the numbers of the next message's alerts, and the message."""
        numbers = range(self._next, self._next + self._in_each)
        return numbers, json.dumps({"version": "4", "alerts": [_alert(one) for one in numbers]}).encode()

    def send(self, stop: threading.Event) -> None:
        """Send until told to stop, or until the server is gone; what was not acknowledged is the first next time."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        while not stop.is_set():
            numbers, body = self.message()
            try:
                connection.request("POST", "/webhooks/alertmanager", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                self.broken_off += 1
                break
            if answer.status == 202:
                self.acknowledged += numbers
                self._next += self._in_each
            else:
                self.refused += 1
                stop.wait(min(1.0, float(answer.headers.get("Retry-After", 1))))
        connection.close()


def _alert(number: int) -> dict[str, object]:
    service = f"service-{number % 100}"
    labels = {"alertname": "HighErrorRate", "service": service, "pod": f"pod-{number}", "severity": "critical"}
    return {"status": "firing", "labels": labels, "annotations": {"summary": "Too many errors"}}


if __name__ == "__main__":
    main()
