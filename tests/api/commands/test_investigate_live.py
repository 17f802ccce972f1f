"""The commands over connected systems, here a server on loopback that speaks as Prometheus does."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.commands.investigate_live import investigate_live
from api.commands.telemetry import telemetry
from api.errors import UsageError
from api.schemas.investigations import InvestigationResult
from api.telemetry.bundles import open_bundle
from tests.api.telemetry.live.local_server import Asked, Reply, serving

WINDOW = "2026-09-22T10:00:00Z/2026-09-22T10:30:00Z"
FRONT = {
    "status": "resolved",
    "labels": {"alertname": "CartSlow", "app": "cart", "severity": "critical"},
    "annotations": {"summary": "cart is slow"},
    "startsAt": "2026-09-22T10:10:00Z",
    "endsAt": "2026-09-22T10:30:00Z",
}
CART = {**FRONT, "labels": {"alertname": "Later"}}


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


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(investigate_live, list(arguments), standalone_mode=False)


def test_a_window_is_investigated_and_kept_as_a_bundle(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"

    result = _run("--window", WINDOW, "--component", "cart", "--sources", str(file), "--keep", str(kept), "--json")

    found = InvestigationResult.model_validate_json(result.stdout)
    assert found.incident.symptom.component == "cart"
    assert any("queue_depth of cart rose" in one.claim for one in found.findings)
    assert "metrics" in result.stderr
    bundle = open_bundle(kept / "recorded")
    assert [one.metric for one in bundle.telemetry.series(bundle.incident.window)] == ["queue_depth"]


def test_an_alert_tells_component_window_and_words(file: Path, tmp_path: Path) -> None:
    alert = tmp_path / "alert.json"
    alert.write_text(json.dumps({"version": "4", "alerts": [FRONT, CART]}))

    result = _run("--alert", str(alert), "--sources", str(file), "--json")

    incident = InvestigationResult.model_validate_json(result.stdout).incident
    assert (incident.symptom.alert, incident.symptom.component, incident.symptom.text) == (
        "CartSlow", "cart", "cart is slow",
    )  # fmt: skip
    assert (incident.window.end - incident.window.start) / 60_000_000 == 30


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "one of both"),
        (("--window", "yesterday"), "'yesterday'.*write it as"),
        (("--window", WINDOW, "--source", "gone"), "no source 'gone'; there are 'prom-eu', 'told changes'"),
    ],
)
def test_what_is_wrong_with_the_options_is_said(file: Path, arguments: tuple[str, ...], why: str) -> None:
    result = _run(*arguments, "--sources", str(file))

    assert isinstance(result.exception, UsageError)
    assert re.search(why, str(result.exception))


@pytest.mark.parametrize("text", ["", "[]", '{"alerts": []}', '{"labels": {"a": "b"}}', '{"alerts": [{"labels": 3}]}'])
def test_a_file_that_is_no_alert_is_named(file: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "alert.json").write_text(text)

    result = _run("--alert", str(tmp_path / "alert.json"), "--sources", str(file))

    assert isinstance(result.exception, UsageError)
    assert "Alertmanager's webhook" in str(result.exception)


def test_systems_are_listed_with_whether_they_answer(file: Path) -> None:
    down = file.parent / "down.yaml"
    down.write_text("sources:\n  - {name: gone, kind: loki, url: 'http://127.0.0.1:9'}\n")

    good = CliRunner().invoke(telemetry, ["--sources", str(file)], standalone_mode=False)
    bad = CliRunner().invoke(telemetry, ["--sources", str(down)], standalone_mode=False)

    assert "prom-eu (prometheus, http://127.0.0.1" in good.stdout
    assert good.return_value != 1
    assert "can't be reached" in " ".join(bad.stdout.split())
    assert bad.return_value == 1 or bad.exit_code == 1
