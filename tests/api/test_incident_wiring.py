"""The application that settings describe takes alerts in, and its client and command show the incident."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from api.app import create_app_from_settings
from api.client import ApiClient
from api.commands.incidents import incidents as command
from api.errors import NotFound, UsageError
from api.incidents.incidents import IncidentState
from api.schemas.incidents import IncidentAction
from api.settings import ApiSettings
from tests.api.investigating.offices import wait_until
from tests.api.world import served

pytestmark = pytest.mark.slow  # the whole application loads its libraries

HEADERS = {"Authorization": "Bearer token"}
BODY = {
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "Slow\x1b[31m", "service": "cart", "severity": "critical"},
            "annotations": {"summary": "Cart is slow"},
        }
    ]
}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    settings = ApiSettings(data_dir=tmp_path, api_keys="key", webhook_tokens="alertmanager=token")  # type: ignore[arg-type]  # pydantic reads texts
    with served(create_app_from_settings(settings)) as address:
        yield address


def test_an_alert_becomes_an_incident_that_the_client_reads_and_acts_on(url: str) -> None:
    response = httpx.post(f"{url}/webhooks/alertmanager", json=BODY, headers=HEADERS)
    assert response.status_code == 202, response.text
    (name,) = response.json()["incidents"]

    with closing(ApiClient(url, "key")) as client:
        _act(client, name)


def _act(client: ApiClient, name: str) -> None:
    wait_until(lambda: client.incident(name).incident.investigation.problem != "")

    assert "no source is connected" in client.incident(name).incident.investigation.problem
    assert client.acknowledge_incident(name, IncidentAction(who="Ada")).state is IncidentState.ACKNOWLEDGED
    assert client.incidents(state=IncidentState.ACKNOWLEDGED).incidents[0].acknowledged_by == "Ada"
    assert client.resolve_incident(name, IncidentAction()).state is IncidentState.RESOLVED
    assert client.reopen_incident(name, IncidentAction()).state is IncidentState.OPEN
    with pytest.raises(NotFound):
        client.incident("none")


def test_the_command_lists_and_shows_incidents(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = httpx.post(f"{url}/webhooks/alertmanager", json=BODY, headers=HEADERS).json()["incidents"][0]
    monkeypatch.setenv("GROUNDWATCH_URL", url)
    monkeypatch.setenv("GROUNDWATCH_API_KEY", "key")

    listed = CliRunner().invoke(command, ["list", "--state", "open"], catch_exceptions=False)
    shown = CliRunner().invoke(command, ["show", name], catch_exceptions=False)
    as_json = CliRunner().invoke(command, ["show", name, "--json"], catch_exceptions=False)

    assert (listed.exit_code, shown.exit_code) == (0, 0)
    assert name in listed.output
    assert "critical" in listed.output
    assert "Cart is slow" in shown.output
    assert "\x1b[31m" not in listed.output + shown.output
    assert '"alerts"' in as_json.output


def test_without_a_running_api_the_command_says_what_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWATCH_DATA_DIR", str(tmp_path))

    with pytest.raises(UsageError, match="groundwatch serve"):
        CliRunner().invoke(command, ["list"], catch_exceptions=False)
