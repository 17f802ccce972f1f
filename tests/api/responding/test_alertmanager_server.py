"""A real Prometheus rule fires through a real Alertmanager: an incident opens, and resolves when the rule does."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.incidents.incidents import IncidentState, Rules
from api.responding.incidents import Incidents
from api.routes.problems import install_problem_handlers
from api.routes.webhook_door import WebhookDoor
from api.routes.webhooks import webhook_routes
from api.routes.workers import Workers
from api.storage.database import Database
from tests.api.alerting import FakeStarter, minutes
from tests.api.investigating.offices import wait_until
from tests.api.world import served

pytestmark = pytest.mark.servers

_PATIENCE = 60.0
_RULE = """
groups:
  - name: shop
    interval: 1s
    rules:
      - alert: CheckoutDown
        expr: {expression}
        labels: {{severity: critical, service: checkout}}
        annotations: {{summary: "Checkout gives no answer"}}
      - alert: Watchdog
        expr: vector(1)
        labels: {{severity: none}}
"""
_PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{folder}/rules.yaml]
alerting:
  alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]}}]
"""
_ALERTMANAGER = """
route: {{receiver: groundwatch, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 2s}}
receivers:
  - name: groundwatch
    webhook_configs:
      - url: {url}/webhooks/alertmanager
        send_resolved: true
        http_config: {{authorization: {{credentials: token}}}}
"""


@pytest.fixture
def incidents(tmp_path: Path) -> Iterator[Incidents]:
    rules = Rules(quiet=minutes(0.01))
    starter = FakeStarter()
    database = Database(f"sqlite:///{tmp_path / 'groundwatch.sqlite'}")
    with closing(Incidents(database, rules=rules, starter=starter, every=0.1)) as opened:
        opened.open()
        yield opened


@pytest.fixture
def rules(tmp_path: Path, incidents: Incidents) -> Iterator["_Rules"]:
    """Run Alertmanager and Prometheus, which send to real routes."""
    if not (shutil.which("prometheus") and shutil.which("prometheus-alertmanager")):
        pytest.skip("Prometheus and Alertmanager are not installed (Debian: prometheus prometheus-alertmanager)")
    app = FastAPI()
    app.include_router(webhook_routes(incidents, Workers(4)))
    install_problem_handlers(app)
    app.add_middleware(WebhookDoor, keys=["key"], tokens={"alertmanager": ["token"]})
    alertmanager, prometheus = _free_port(), _free_port()
    with ExitStack() as stack:
        url = stack.enter_context(served(app))
        (tmp_path / "alertmanager.yaml").write_text(_ALERTMANAGER.format(url=url))
        (tmp_path / "prometheus.yaml").write_text(_PROMETHEUS.format(folder=tmp_path, alertmanager=alertmanager))
        found = _Rules(tmp_path / "rules.yaml", f"http://127.0.0.1:{prometheus}")
        found.write("vector(0) > 1")
        stack.enter_context(
            _running(
                "prometheus-alertmanager",
                f"--config.file={tmp_path}/alertmanager.yaml",
                f"--storage.path={tmp_path}/alertmanager",
                f"--web.listen-address=127.0.0.1:{alertmanager}",
                "--cluster.listen-address=",
                ready=f"http://127.0.0.1:{alertmanager}/-/ready",
            )
        )
        stack.enter_context(
            _running(
                "prometheus",
                f"--config.file={tmp_path}/prometheus.yaml",
                f"--storage.tsdb.path={tmp_path}/prometheus",
                f"--web.listen-address=127.0.0.1:{prometheus}",
                "--web.enable-lifecycle",
                "--rules.alert.resend-delay=1s",
                ready=f"http://127.0.0.1:{prometheus}/-/ready",
            )
        )
        yield found


class _Rules:
    """The rules of a Prometheus."""

    def __init__(self, file: Path, url: str) -> None:
        self._file, self._url = file, url

    def write(self, expression: str) -> None:
        self._file.write_text(_RULE.format(expression=expression))

    def change(self, expression: str) -> None:
        """Let Prometheus read another expression."""
        self.write(expression)
        httpx.post(f"{self._url}/-/reload", timeout=_PATIENCE).raise_for_status()


def test_a_rule_that_fires_opens_an_incident_and_its_end_resolves_it(incidents: Incidents, rules: _Rules) -> None:
    rules.change("vector(1)")
    wait_until(lambda: incidents.find().total == 1, _PATIENCE)
    (one,) = incidents.find().incidents
    wait_until(lambda: incidents.summary(one.id).messages > 1, _PATIENCE)  # it is repeated every two seconds
    (kept,) = incidents.detail(one.id).alerts

    assert (one.title, one.service, one.severity.value) == ("CheckoutDown at checkout", "checkout", "critical")
    assert (kept.summary, kept.sender, kept.messages > 1) == ("Checkout gives no answer", "alertmanager", True)
    assert incidents.summary(one.id).investigation.id is not None

    rules.change("vector(0) > 1")
    wait_until(lambda: incidents.summary(one.id).state is IncidentState.RESOLVED, _PATIENCE)

    rules.change("vector(1)")
    wait_until(lambda: incidents.summary(one.id).state is IncidentState.OPEN, _PATIENCE)

    again = incidents.summary(one.id)
    assert (incidents.find().total, again.alerts, again.flaps, again.reopened) == (1, 1, 1, 1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(*command: str, ready: str) -> Iterator[None]:
    """Run a server until it is ready, and end it afterwards."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _answers(ready):
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{command[0]} is not ready in time"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False
