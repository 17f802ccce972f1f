"""`groundwatch telemetry`: whether each connected system answers."""

from pathlib import Path

from click.testing import CliRunner

from api.commands.telemetry import telemetry
from tests.api.telemetry.live.local_server import Reply, serving


def test_systems_are_listed_with_whether_they_answer(tmp_path: Path) -> None:
    good_file, bad_file = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    bad_file.write_text("sources:\n  - {name: gone, kind: loki, url: 'http://127.0.0.1:9'}\n")

    with serving(lambda _asked: Reply({"status": "success", "data": []})) as server:
        good_file.write_text(f"sources:\n  - {{name: prom-eu, kind: prometheus, url: '{server.url}'}}\n")
        good = CliRunner().invoke(telemetry, ["--sources", str(good_file)], standalone_mode=False)
    bad = CliRunner().invoke(telemetry, ["--sources", str(bad_file)], standalone_mode=False)

    told = " ".join(good.stdout.split())
    assert "prom-eu (prometheus, http://127.0.0.1" in told
    assert "can't be reached" not in told
    assert "can't be reached" in " ".join(bad.stdout.split())
    assert bad.return_value == 1 or bad.exit_code == 1
