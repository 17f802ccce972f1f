"""`groundwatch investigate` over connected systems, here a server on loopback that speaks as Prometheus does."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.commands.investigate import investigate
from api.errors import UsageError
from api.schemas.investigations import InvestigationResult
from api.telemetry.bundles import open_bundle
from tests.api.telemetry.live.local_server import Asked, Reply, serving

WINDOW = ("--from", "2026-09-22T10:00:00Z", "--to", "2026-09-22T10:30:00Z")
FRONT = {
    "status": "resolved",
    "labels": {"alertname": "CartSlow", "app": "cart", "severity": "critical"},
    "annotations": {"summary": "cart is slow"},
    "startsAt": "2026-09-22T10:10:00Z",
    "endsAt": "2026-09-22T10:30:00Z",
}
LATER = {**FRONT, "labels": {"alertname": "Later"}}


def _prometheus(asked: Asked) -> Reply:
    if asked.path == "/api/v1/label/__name__/values":
        return Reply({"status": "success", "data": ["queue_depth"]})
    if asked.path == "/api/v1/labels":
        return Reply({"status": "success", "data": ["service"]})
    if asked.path == "/api/v1/query_range" and "queue_depth" in asked.query["query"]:
        start, end, step = (int(float(asked.query[name])) for name in ("start", "end", "step"))
        points = [[at, "9" if at >= 1_790_071_200 else f"1.{at // 15 % 3}"] for at in range(start, end, step)]
        return Reply({"status": "success", "data": {"result": [{"metric": {"service": "cart"}, "values": points}]}})
    return Reply({"status": "success", "data": {"result": []}})


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    with serving(_prometheus) as server:
        text = f"sources:\n  - {{name: prom-eu, kind: prometheus, url: '{server.url}'}}\n"
        (tmp_path / "telemetry.yaml").write_text(text)
        yield tmp_path / "telemetry.yaml"


def _run(*arguments: str, said: str = "") -> Result:
    return CliRunner().invoke(investigate, list(arguments), input=said, standalone_mode=False)


def test_a_window_is_investigated_and_kept_as_a_bundle(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"

    result = _run(*WINDOW, "--component", "cart", "--sources", str(file), "--keep", str(kept), "--json")

    found = InvestigationResult.model_validate_json(result.stdout)
    assert found.incident.symptom.component == "cart"
    assert any("queue_depth of cart rose" in one.claim for one in found.findings)
    assert "metrics" in result.stderr
    bundle = open_bundle(kept / "recorded")
    assert [one.metric for one in bundle.telemetry.series(bundle.incident.window)] == ["queue_depth"]


def test_an_alert_tells_component_window_and_words(file: Path, tmp_path: Path) -> None:
    alert = tmp_path / "alert.json"
    alert.write_text(json.dumps({"version": "4", "alerts": [FRONT, LATER]}))

    result = _run("--alert", str(alert), "--sources", str(file), "--json")

    incident = InvestigationResult.model_validate_json(result.stdout).incident
    assert (incident.symptom.alert, incident.symptom.component, incident.symptom.text) == (
        "CartSlow", "cart", "cart is slow",
    )  # fmt: skip
    assert (incident.window.end - incident.window.start) / 60_000_000 == 30


def test_an_alert_is_read_from_standard_input_and_exported_with_its_telemetry(file: Path, tmp_path: Path) -> None:
    result = _run("--alert", "-", "--sources", str(file), "--export", str(tmp_path / "out"), said=json.dumps(FRONT))

    assert result.stdout.startswith("# ")
    assert open_bundle(tmp_path / "out").incident.symptom.component == "cart"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "give one of BUNDLE"),
        (("--from", "yesterday"), "'yesterday' is no time; write it as"),
        ((*WINDOW, "--source", "gone"), "no source 'gone'; there are 'prom-eu', .*'told changes'"),
    ],
)
def test_what_is_wrong_with_the_options_is_said(file: Path, arguments: tuple[str, ...], why: str) -> None:
    result = _run(*arguments, "--sources", str(file))

    assert isinstance(result.exception, UsageError)
    assert re.search(why, str(result.exception))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("[]", "no alert to investigate"),
        ('{"alerts": []}', "no alert to investigate"),
        ('{"alerts": [{"labels": 3}]}', "must be an object"),
        (
            '{"labels": {"alertname": "Watchdog"}, "startsAt": "2026-09-22T10:00:00Z", "status": "firing"}',
            "sign of life",
        ),
        ("\x00\x01", "not JSON"),
    ],
)
def test_a_file_that_is_no_alert_is_named(file: Path, tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "alert.json").write_text(text)

    result = _run("--alert", str(tmp_path / "alert.json"), "--sources", str(file))

    assert isinstance(result.exception, UsageError)
    assert why in str(result.exception)
