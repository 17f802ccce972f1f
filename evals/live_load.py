"""A load on the live part of the API: alerts and OTLP for minutes, then many investigations at once.

A real `groundwatch serve` on a fresh data directory with the sample handbook. In the first part alerts come at a set
rate, in groups as an Alertmanager sends them, a third of them resolved later, and spans by OTLP; the resident memory of
the server is read every few seconds. In the second part, on another fresh server with the telemetry of a made-up shop,
so many investigations are asked for at once while searches go on, whose times are compared with those of the same
server when it was idle.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import httpx

from api.telemetry.otlp.requests import OtlpSignal
from evals.alert_to_verdict import feed
from evals.otlp_load import Sender, free_port, memory_mb, served

GROWTH = 0.05
"""Share by which memory may grow over the last half of a load and still counts as bounded: garbage comes and goes."""

SLOWER = 5.0
"""Times its idle 99th percentile that a search may take while investigations run."""

_GROUP = 20  # alerts of one message
_SERVICES = 40
_KINDS = 25  # alerts of one service
_QUERIES = ("disk is full", "roll back a deploy", "payments time out", "who is on call")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of the first part; memory in MB, at the middle and at the end as means of the quarter before."""

    seconds: float
    alerts: int
    alerts_refused: int
    records: int
    records_refused: int
    incidents: int
    memory_start: float
    memory_middle: float
    memory_end: float
    memory_most: float

    @property
    def is_bounded(self) -> bool:
        """Whether memory did not grow over the last half."""
        return self.memory_end <= self.memory_middle * (1 + GROWTH)


@dataclass(frozen=True, slots=True)
class Crowd:
    """What came of the second part; milliseconds are the 99th percentile of a search."""

    asked: int
    ended: dict[str, int]
    seconds: float
    idle_p99: float
    busy_p99: float

    @property
    def ratio(self) -> float:
        """How many times its idle value the 99th percentile of a search is."""
        return self.busy_p99 / self.idle_p99


@click.command(context_settings={"show_default": True})
@click.option("--minutes", type=float, default=10.0)
@click.option("--alerts", type=int, default=200, help="Alerts a second.")
@click.option("--records", type=int, default=10_000, help="Spans a second by OTLP.")
@click.option("--investigations", type=int, default=100, help="Asked for at once, after the load.")
@click.option("--json", "to_json", is_flag=True, help="Tell it as JSON.")
def main(minutes: float, alerts: int, records: int, investigations: int, to_json: bool) -> None:
    """Measure, and end with 1 where a limit is missed."""
    with tempfile.TemporaryDirectory(prefix="live-load-") as folder:
        loaded, crowd = None, None
        if minutes:
            with _server(Path(folder) / "load") as (port, pid):
                loaded = _load(port, pid, 60 * minutes, alerts, records)
        if investigations:
            with _server(Path(folder) / "crowd") as (port, _):
                crowd = _crowd(port, investigations)
    told = {"load": asdict(loaded) if loaded else None, "crowd": asdict(crowd) if crowd else None}
    click.echo(json.dumps(told) if to_json else text(loaded, crowd))
    missed = (loaded is not None and not loaded.is_bounded) or (crowd is not None and crowd.ratio > SLOWER)
    sys.exit(1 if missed else 0)


@contextmanager
def _server(data: Path) -> Iterator[tuple[int, int]]:
    """Serve the handbook from a fresh data directory; yield port and process id."""
    _ingest(data)
    port = free_port()
    server = served(data, port)
    try:
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(120)


def text(loaded: Loaded | None, crowd: Crowd | None) -> str:
    """Return both parts in words."""
    lines = []
    if loaded is not None:
        per_second, a_second = loaded.alerts / loaded.seconds, loaded.records / loaded.seconds
        lines += [
            f"{loaded.seconds:.0f} s: {loaded.alerts:,} alerts ({per_second:.0f} a second, {loaded.alerts_refused:,} "
            f"refused) in {loaded.incidents} incidents, {loaded.records:,} spans ({a_second:,.0f} a second, "
            f"{loaded.records_refused:,} refused)",
            f"memory: {loaded.memory_start:.0f} MB before, {loaded.memory_middle:.0f} at half, {loaded.memory_end:.0f} "
            f"at the end, {loaded.memory_most:.0f} at most: {'bounded' if loaded.is_bounded else 'it grows'}",
        ]
    if crowd is not None:
        ended = ", ".join(f"{count} {state}" for state, count in sorted(crowd.ended.items()))
        lines.append(
            f"{crowd.asked} investigations at once: {ended} after {crowd.seconds:.0f} s; search p99 "
            f"{crowd.idle_p99:.0f} ms idle, {crowd.busy_p99:.0f} ms meanwhile: {crowd.ratio:.1f} times "
            f"(limit {SLOWER:g})"
        )
    return "\n".join(lines)


def _load(port: int, pid: int, seconds: float, alerts: int, records: int) -> Loaded:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        before = memory_mb(pid, peak=False)
        sender, telling = Sender(OtlpSignal.TRACES, port, 512, 1), _Alerts(http)
        stop = threading.Event()
        threads = [
            threading.Thread(target=_paced, args=(telling.send, _GROUP / alerts, stop), daemon=True),
            threading.Thread(target=_paced, args=(sender.send_one, 512 / records, stop), daemon=True),
        ]
        for thread in threads:
            thread.start()
        began, seen = time.monotonic(), [before]
        while time.monotonic() - began < seconds:
            time.sleep(min(5.0, seconds / 40))
            seen.append(memory_mb(pid, peak=False))
        stop.set()
        for thread in threads:
            thread.join(60)
        took = time.monotonic() - began
        incidents = http.get("/v1/incidents").json()["total"]
    half, quarter = len(seen) // 2, max(1, len(seen) // 4)
    return Loaded(
        seconds=took,
        alerts=telling.taken,
        alerts_refused=telling.refused,
        records=len(sender.acknowledged) * 512,
        records_refused=sender.refused * 512,
        incidents=incidents,
        memory_start=before,
        memory_middle=_mean(seen[half - quarter : half]),
        memory_end=_mean(seen[-quarter:]),
        memory_most=max(seen),
    )


class _Alerts:
    """Groups of alerts of some services, that fire, fire again and are resolved in turn."""

    def __init__(self, http: httpx.Client) -> None:
        self._http, self._number = http, 0
        self.taken = self.refused = 0

    def send(self) -> None:
        """Send one group."""
        self._number += 1
        now = datetime.now(UTC).isoformat()
        service = f"service-{self._number % _SERVICES}"
        status = "resolved" if self._number // _SERVICES % 3 == 2 else "firing"
        alerts = [
            {
                "status": status,
                "labels": {"alertname": f"Alert{place % _KINDS}", "service": service, "severity": "warning"},
                "annotations": {"summary": f"number {self._number} of {service}"},
                "startsAt": now, "endsAt": now if status == "resolved" else "0001-01-01T00:00:00Z",
                "generatorURL": "", "fingerprint": f"{service}-{place % _KINDS}",
            }
            for place in range(_GROUP)
        ]  # fmt: skip
        body = {
            "version": "4", "groupKey": service, "truncatedAlerts": 0, "status": status, "receiver": "groundwatch",
            "groupLabels": {"service": service}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "",
            "alerts": alerts,
        }  # fmt: skip
        answer = self._http.post("/webhooks/alertmanager", json=body)
        self.taken += _GROUP * answer.is_success
        self.refused += _GROUP * (not answer.is_success)


def _crowd(port: int, count: int) -> Crowd:
    """Ask for many investigations of the last minutes at once, and search meanwhile."""
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=url, timeout=120) as http:
        feed(http, healthy_minutes=25)
        _searches(http, lambda done: done >= 20)  # what is loaded at the first of them
        idle = _searches(http, lambda done: done >= 200)
        start = datetime.fromtimestamp(time.time() - 600, UTC).isoformat()
        body = {"window": {"start": start}, "component": "shop", "symptom": "orders fail"}
        began = time.monotonic()
        ids = [http.post("/v1/investigations", json=body).raise_for_status().json()["id"] for _ in range(count)]
        ended: dict[str, str] = {}
        waits: list[float] = []
        while len(ended) < count and time.monotonic() - began < 900:
            waits += _searches(http, lambda done: done >= 10)
            for one in ids:
                if one not in ended:
                    found = http.get(f"/v1/investigations/{one}").json()["investigation"]
                    if found["ended_at"]:
                        ended[one] = found["state"]
                        continue
                break
        seconds = time.monotonic() - began
    return Crowd(count, dict(Counter(ended.values())), seconds, _p99(idle), _p99(waits))


def _searches(http: httpx.Client, enough: Callable[[int], bool]) -> list[float]:
    waits: list[float] = []
    while not enough(len(waits)):
        at = time.monotonic()
        http.post("/v1/search", json={"query": _QUERIES[len(waits) % len(_QUERIES)]}).raise_for_status()
        waits.append(time.monotonic() - at)
    return waits


def _paced(act: Callable[[], object], every: float, stop: threading.Event) -> None:
    """Do something every so many seconds, going on at once where it is late."""
    due = time.monotonic()
    while not stop.is_set():
        act()
        due += every
        stop.wait(max(0.0, due - time.monotonic()))


def _ingest(data: Path) -> None:
    handbook = Path(__file__).with_name("handbook")
    command = [
        sys.executable,
        "-c",
        "from api.cli import main; main()",
        "ingest",
        str(handbook),
        "--source",
        "handbook",
    ]
    environment = {**os.environ, "GROUNDWATCH_DATA_DIR": str(data)}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _p99(waits: Sequence[float]) -> float:
    return 1e3 * sorted(waits)[min(len(waits) - 1, len(waits) * 99 // 100)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


if __name__ == "__main__":
    main()
