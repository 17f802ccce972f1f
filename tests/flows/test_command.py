"""The command `groundwatch ingest` without Prefect: messages, exit codes, output, and what it imports."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.command import ingest

REPOSITORY = Path(__file__).resolve().parents[2]
RUN = "import sys; from flows.command import ingest; ingest(prog_name='groundwatch ingest')"


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of two documents; knowledge goes to a folder beside it."""
    monkeypatch.setenv("GROUNDWATCH_DATA_DIR", str(tmp_path / "data"))
    folder = tmp_path / "wiki"
    folder.mkdir()
    (folder / "disk.md").write_text("# Disk full\n\nDelete old logs.\n")
    (folder / "cpu.md").write_text("# CPU high\n\nLook with `top`.\n")
    return folder


# Wrong use


def test_a_path_that_does_not_exist_is_a_usage_error(wiki: Path) -> None:
    outcome = run(wiki / "typo")

    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("Error: no such file or folder: '")


def test_no_path_and_nothing_known_says_what_to_run(wiki: Path) -> None:
    outcome = run()

    assert outcome.exit_code == 2
    assert "run: groundwatch ingest PATH" in outcome.stderr


def test_options_about_paths_need_paths() -> None:
    outcome = run("--source", "x")

    assert outcome.exit_code == 2
    assert "run: groundwatch ingest PATH" in outcome.stderr


def test_a_wrong_setting_is_named(wiki: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWATCH_MAX_DELETED_SHARE", "many")

    outcome = run(wiki)

    assert outcome.exit_code == 2
    assert "GROUNDWATCH_MAX_DELETED_SHARE" in outcome.stderr


# Nothing that could be ingested


def test_a_folder_without_documents_fails_with_what_to_check(wiki: Path) -> None:
    outcome = run(wiki, "--exclude", "*.md")

    assert outcome.exit_code == 1
    assert "no documents found in 'wiki'; check the path and the exclusions" in outcome.stderr


def test_documents_that_all_fail_are_listed_with_reasons_and_the_run_fails(wiki: Path) -> None:
    for number in range(25):
        (wiki / f"empty{number:02}.md").write_text("")
    outcome = run(wiki, "--exclude", "disk.md", "--exclude", "cpu.md")

    assert outcome.exit_code == 1
    assert "wiki/empty19.md" in outcome.stdout
    assert "is empty" in outcome.stdout
    assert "wiki/empty20.md" not in outcome.stdout
    assert "… and 5 more: groundwatch status" in outcome.stdout
    assert "none of the 25 documents could be read" in outcome.stderr


def test_a_data_folder_that_cannot_be_made_is_a_failure_with_the_path(wiki: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")

    outcome = run(wiki)

    assert outcome.exit_code == 1
    assert "cannot use the manifest" in outcome.stderr


# Good runs


@pytest.mark.model
def test_a_run_is_summed_up_and_can_be_repeated_without_paths(wiki: Path) -> None:
    (wiki / "broken.md").write_bytes(b"")

    first, again = run(wiki, "--kind", "runbook"), run("--json")

    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    assert first.stderr.splitlines()[0].startswith("read: 3 documents, ")
    assert [line.split() for line in first.stdout.splitlines()[:2]] == [
        ["source", "indexed", "unchanged", "removed", "failed", "passages"],
        ["wiki", "2", "0", "0", "1", "2"],
    ]
    assert "Serving generation 1; 2 passages embedded, 0 reused" in first.stdout
    record = json.loads(again.stdout)
    assert (record["embedded"], record["generation"]) == (0, 1)
    assert record["sources"][0] | {"problems": []} == {
        "source": "wiki",
        "indexed": 0,
        "unchanged": 2,
        "removed": 0,
        "passages": 0,
        "problems": [],
        "failed": [{"path": "broken.md", "reason": "is empty"}],
    }


@pytest.mark.model
def test_quiet_shows_nothing_where_all_is_well(wiki: Path) -> None:
    outcome = run(wiki, "--quiet")

    assert (outcome.exit_code, outcome.output) == (0, "")


# As a process


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("flows.command", "ingest"),
        ("flows.serve", "serve"),
        ("flows.sync_command", "sync"),
        ("flows.knowledge_command", "knowledge"),
    ],
)
def test_help_answers_without_loading_anything_heavy(module: str, name: str) -> None:
    code = (
        f"import sys; from {module} import {name} as c; r = c.main(['--help'], standalone_mode=False); "
        "print(*[m for m in ('prefect', 'numpy', 'rich', 'pydantic', 'torch') if m in sys.modules], file=sys.stderr)"
    )

    done = process("-c", code)
    _, heavy = done.communicate(timeout=60)

    assert (done.returncode, heavy.strip()) == (0, "")


def test_ctrl_c_says_that_nothing_is_lost(wiki: Path, tmp_path: Path) -> None:
    for number in range(3000):
        (wiki / f"page{number}.md").write_text(f"# Page {number}\n\nText {number}.\n")

    running = process("-c", RUN, str(wiki), "--direct")
    wait_for(tmp_path / "data" / "knowledge" / "ingest.lock")
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=60)

    assert running.returncode == 130, stderr
    assert "nothing that is embedded by now is embedded again" in " ".join(stderr.split())
    assert "Traceback" not in stderr


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(ingest, ["--direct", *map(str, arguments)])


def process(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline, f"{file} never came"
        time.sleep(0.02)
