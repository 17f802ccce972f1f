"""The command `groundwatch sync`: which sources it reads, what it prints, how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.sync_command import sync

TEXT = """
version: 1
sources:
  - {name: wiki, type: folder, path: wiki}
  - {name: notes, type: folder, path: notes}
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with declarations and two sources; it is the working directory."""
    (tmp_path / "groundwatch.yaml").write_text(TEXT)
    for source in ("wiki", "notes"):
        (tmp_path / source).mkdir()
        (tmp_path / source / "disk.md").write_text(f"# Disk full, says {source}\n\nDelete old logs.\n")
    monkeypatch.setenv("GROUNDWATCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_dry_run_prints_every_document_and_writes_no_generation(site: Path) -> None:
    outcome = run("--dry-run")

    assert (outcome.exit_code, outcome.stdout.splitlines()) == (
        0,
        [
            "wiki: 1 added, 0 changed, 0 removed, 0 retried, 0 cut again, 0 unchanged",
            "  + disk.md",
            "notes: 1 added, 0 changed, 0 removed, 0 retried, 0 cut again, 0 unchanged",
            "  + disk.md",
        ],
    )
    assert not (site / "data" / "knowledge" / "generations").exists()


def test_a_dry_run_of_one_source_as_json_leaves_the_others_out(site: Path) -> None:
    outcome = run("notes", "--dry-run", "--json")

    assert [one["source"] for one in json.loads(outcome.stdout)["sources"]] == ["notes"]


def test_a_source_that_nobody_declared_is_named_with_those_there_are(site: Path) -> None:
    outcome = run("wikki")

    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "no source is called 'wikki'; there are: 'wiki', 'notes'" in outcome.stderr


def test_nothing_declared_and_nothing_known_says_what_to_run(site: Path) -> None:
    (site / "groundwatch.yaml").unlink()

    outcome = run()

    assert outcome.exit_code == 2
    assert "groundwatch ingest PATH" in outcome.stderr


def test_another_file_of_declarations_can_be_named(site: Path) -> None:
    (site / "groundwatch.yaml").rename(site / "other.yaml")

    assert "wiki: 1 added" in run("--file", "other.yaml", "--dry-run").stdout


def test_cancel_without_a_run_says_so(site: Path) -> None:
    outcome = run("--cancel")

    assert (outcome.exit_code, outcome.stdout) == (0, "No run is at work.\n")


@pytest.mark.parametrize("flags", [("--dry-run", "--watch"), ("--cancel", "--dry-run"), ("wiki", "--rebuild")])
def test_wishes_that_do_not_go_together_are_refused(site: Path, flags: tuple[str, ...]) -> None:
    assert run(*flags).exit_code == 2


@pytest.mark.model
def test_a_sync_reads_what_is_declared_and_the_next_only_what_changed(site: Path) -> None:
    first = run("--json")
    (site / "notes" / "disk.md").write_text("# Disk full\n\nGrow the volume.\n")
    again = run()

    assert first.exit_code == 0, first.output
    record = json.loads(first.stdout)
    assert [(one["source"], one["indexed"]) for one in record["sources"]] == [("wiki", 1), ("notes", 1)]
    assert [line.split() for line in again.stdout.splitlines()[:3]] == [
        ["source", "indexed", "unchanged", "removed", "failed", "passages"],
        ["wiki", "0", "1", "0", "0", "0"],
        ["notes", "1", "0", "0", "0", "1"],
    ]


def test_watching_without_a_folder_says_what_to_do_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.settings import settings_with
    from flows.sync_command import Watched
    from ingest.errors import UsageError

    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError, match="give sources a schedule"):
        Watched(settings_with(None), [], direct=True, as_json=False, quiet=True).whenever_files_change()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(sync, ["--direct", *arguments])
