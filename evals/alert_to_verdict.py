"""How long an alert takes to become something on the screen: the first observation, and the verdict.

A real `groundwatch serve` on a fresh data directory is sent the telemetry of a made-up shop by OTLP, and then an alert
at /webhooks/alertmanager, as an Alertmanager sends it. The clock starts when the alert is sent. There is no language
model.
"""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import httpx

from api.telemetry.otlp.requests import PROTOBUF
from evals.made_up_shop import GUILTY, telemetry
from evals.otlp_load import free_port, served

FIRST_SECONDS, VERDICT_SECONDS = 2.0, 15.0
"""The limits: seconds from the alert to the first observation, and to the verdict."""

_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Reaction:
    """One run: seconds from the alert until each of these could be read, and the verdict."""

    acknowledged: float
    incident: float
    first_observation: float
    verdict: float
    state: str
    component: str


@click.command(context_settings={"show_default": True})
@click.option("--runs", type=int, default=3)
@click.option("--healthy-minutes", type=int, default=40)
@click.option("--json", "to_json", is_flag=True, help="Tell it as JSON.")
def main(runs: int, healthy_minutes: int, to_json: bool) -> None:
    """Measure, and end with 1 where the median of the runs misses a limit."""
    found = [measure(healthy_minutes) for _ in range(runs)]
    click.echo(json.dumps([asdict(one) for one in found]) if to_json else text(found))
    late = _median([one.first_observation for one in found]) > FIRST_SECONDS
    sys.exit(1 if late or _median([one.verdict for one in found]) > VERDICT_SECONDS else 0)


def measure(healthy_minutes: int) -> Reaction:
    """Return one run over a fresh server."""
    with tempfile.TemporaryDirectory(prefix="alert-to-verdict-") as folder:
        port = free_port()
        server = served(Path(folder) / "data", port)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
                feed(http, healthy_minutes=healthy_minutes)
                return _react(http)
        finally:
            server.terminate()
            server.wait(60)


def feed(http: httpx.Client, *, healthy_minutes: int = 40, trouble_minutes: int = 8) -> None:
    """Send the telemetry of the shop."""
    headers = {"Content-Type": PROTOBUF}
    for signal, body in telemetry(time.time(), healthy_minutes=healthy_minutes, trouble_minutes=trouble_minutes):
        http.post(f"/otlp/v1/{signal.value}", content=body, headers=headers).raise_for_status()


def alert(service: str = "shop", *, minutes_ago: int = 6) -> dict[str, object]:
    """Return what an Alertmanager sends of one alert that fires."""
    began = datetime.fromtimestamp(time.time() - 60 * minutes_ago, UTC).isoformat()
    labels = {"alertname": "ShopErrors", "service": service, "severity": "critical"}
    one = {
        "status": "firing", "labels": labels, "annotations": {"summary": "orders fail and take long"},
        "startsAt": began, "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": "f0",
    }  # fmt: skip
    return {
        "version": "4", "groupKey": "{}:{alertname=\"ShopErrors\"}", "truncatedAlerts": 0, "status": "firing",
        "receiver": "groundwatch", "groupLabels": {"alertname": "ShopErrors"}, "commonLabels": labels,
        "commonAnnotations": {}, "externalURL": "", "alerts": [one],
    }  # fmt: skip


def text(found: Sequence[Reaction]) -> str:
    """Return runs in words, with the median of each time."""
    lines = [
        f"{name.replace('_', ' ')}: {_median([getattr(one, name) for one in found]):.2f} s{limit}"
        for name, limit in (
            ("acknowledged", ""),
            ("incident", ""),
            ("first_observation", f" (limit {FIRST_SECONDS:g})"),
            ("verdict", f" (limit {VERDICT_SECONDS:g})"),
        )
    ]
    settled = ", ".join(f"{one.state} {one.component}" for one in found)
    return "\n".join([f"median of {len(found)} runs, from the alert on", *lines, f"verdicts: {settled} (is: {GUILTY})"])


def _react(http: httpx.Client) -> Reaction:
    began = time.monotonic()
    http.post("/webhooks/alertmanager", json=alert()).raise_for_status()
    acknowledged = time.monotonic() - began
    incident = first = 0.0
    while time.monotonic() - began < _PATIENCE:
        found = http.get("/v1/incidents").json()["incidents"]
        now = time.monotonic() - began
        if found:
            incident = incident or now
            inquest = found[0]["investigation"]
            if inquest["id"] and not first and _has_observation(http, inquest["id"]):
                first = time.monotonic() - began
            if inquest["verdict"]:
                return Reaction(
                    acknowledged, incident, first or now, now, inquest["verdict"], inquest["component"] or ""
                )
        time.sleep(0.05)
    raise click.ClickException(f"there was no verdict after {_PATIENCE:g} s")


def _has_observation(http: httpx.Client, investigation_id: str) -> bool:
    with http.stream("GET", f"/v1/investigations/{investigation_id}/events") as stream:
        began = time.monotonic()
        for line in stream.iter_lines():
            if '"stage":"observation"' in line:
                return True
            if time.monotonic() - began > 0.2 or line.startswith("event: end"):
                return False
    return False


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    main()
