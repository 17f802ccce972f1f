"""Tests of the commands `app` and `up`."""

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from ui.command import app, streamlit_command, up


def test_help_of_both_names_every_option() -> None:
    runner = CliRunner()

    assert "--port" in runner.invoke(app, ["--help"]).output
    assert "--api-port" in runner.invoke(up, ["--help"]).output


def test_the_app_is_served_without_browser_and_telemetry() -> None:
    command = streamlit_command("127.0.0.1", 8501)

    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert Path(command[4]).is_file()
    pairs = dict(zip(command[5::2], command[6::2], strict=True))
    assert pairs["--browser.gatherUsageStats"] == "false"
    assert pairs["--server.headless"] == "true"


def test_importing_the_commands_loads_nothing_heavy() -> None:
    code = "import sys, ui.command; print([m for m in ('streamlit', 'pydantic', 'httpx') if m in sys.modules])"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


def test_no_module_of_the_app_hides_a_top_level_package() -> None:
    # Streamlit puts the folder of app.py first on sys.path.
    names = {path.stem for path in Path(streamlit_command("x", 1)[4]).parent.iterdir()}

    assert names.isdisjoint({"api", "ingest", "flows", "evals", "tests", "streamlit"})


def test_no_folder_beside_the_app_is_run_by_streamlit_instead_of_it() -> None:
    # A folder called pages makes Streamlit run its modules as pages of their own until the app was run once.
    assert not (Path(streamlit_command("x", 1)[4]).parent / "pages").exists()
