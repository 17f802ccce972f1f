"""The application that settings describe tells of an alert's incident; client and command show and test messages."""

import base64
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from api.app import create_app_from_settings
from api.client import ApiClient
from api.commands.notifications import notifications as command
from api.errors import GroundwatchError, NotFound, UsageError
from api.schemas.notifications import NotificationState, NotificationTest
from api.settings import ApiSettings
from tests.api.investigating.offices import wait_until
from tests.api.telemetry.live.local_server import Asked, LocalServer, Reply, serving
from tests.api.world import served

pytestmark = pytest.mark.slow  # the whole application loads its libraries

ALERT = {"alerts": [{"status": "firing", "labels": {"alertname": "Slow\x1b[31m", "service": "cart"}}]}


def _answer(asked: Asked) -> Reply:
    return Reply("no", 403) if asked.path == "/broken" else Reply("ok")


@pytest.fixture(scope="module")
def receiver() -> Iterator[LocalServer]:
    with serving(_answer) as server:
        yield server


@pytest.fixture
def url(tmp_path: Path, receiver: LocalServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("HOOK_SECRET", "whsec_" + base64.b64encode(b"k" * 32).decode())
    file = tmp_path / "notifications.yaml"
    file.write_text(
        "destinations:\n"
        f"  - {{name: own, kind: webhook, url: '{receiver.url}/hook', secrets: ['${{HOOK_SECRET}}']}}\n"
        f"  - {{name: broken, kind: slack, url: '{receiver.url}/broken'}}\n"
    )
    settings = ApiSettings(data_dir=tmp_path, notifications_file=file, public_url="https://gw.example")
    with served(create_app_from_settings(settings)) as address:
        monkeypatch.setenv("GROUNDWATCH_URL", address)
        yield address


def test_an_alert_is_told_and_the_client_shows_what_became_of_it(url: str, receiver: LocalServer) -> None:
    with closing(ApiClient(url)) as client:
        assert client.test_notification(NotificationTest(destination="own")).delivered
        httpx.post(f"{url}/webhooks/alertmanager", json=ALERT)
        wait_until(lambda: client.notifications(state=NotificationState.SENT, destination="own").total == 1)
        wait_until(lambda: client.notifications(state=NotificationState.FAILED, destination="broken").total >= 1)
        failed = client.notifications(state=NotificationState.FAILED).notifications[0]

        assert "HTTP 403" in failed.told
        assert client.retry_notification(failed.id).id == failed.id
        with pytest.raises(NotFound):
            client.retry_notification("none")
    assert "groundwatch.incident_opened" in [one.json.get("type") for one in receiver.asked]


def test_the_command_lists_tests_and_retries(url: str) -> None:
    runner = CliRunner()

    listed = runner.invoke(command, ["list"], catch_exceptions=False)
    as_json = runner.invoke(command, ["list", "--json", "--state", "failed"], catch_exceptions=False)
    tested = runner.invoke(command, ["test", "own"], catch_exceptions=False)

    assert url
    assert "own (webhook): 0 waiting, 0 failed" in listed.output
    assert '"notifications"' in as_json.output
    assert "own: delivered" in tested.output
    with pytest.raises(GroundwatchError, match="HTTP 403"):
        runner.invoke(command, ["test", "broken"], catch_exceptions=False)
    with pytest.raises(UsageError, match="about"):
        runner.invoke(command, ["test", "own", "--about", "../x"], catch_exceptions=False)
    with pytest.raises(NotFound):
        runner.invoke(command, ["retry", "none"], catch_exceptions=False)
