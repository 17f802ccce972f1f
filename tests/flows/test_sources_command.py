"""`groundwatch sources`: what is printed of the declarations, and how the command exits."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.sources_command import sources


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    for name in ("a.md", "b.md"):
        (tmp_path / "docs" / name).write_text("text")
    declare(tmp_path, "  - {name: docs, type: folder, path: docs, kind: runbook, schedule: {every: 30m}}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def declare(folder: Path, lines: str) -> None:
    (folder / "groundwatch.yaml").write_text(f"version: 1\nsources:\n{lines}")


def run(*args: str) -> Result:
    return CliRunner().invoke(sources, args)


def test_the_list_names_type_location_and_schedule(site: Path) -> None:
    shown = run("list")

    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[1].split() == ["docs", "folder", "docs", "every", "30m", "yes"]


def test_the_list_is_json_on_request(site: Path) -> None:
    assert json.loads(run("list", "--json").stdout) == [
        {"name": "docs", "type": "folder", "location": "docs", "schedule": "every 30m", "enabled": True}
    ]


def test_a_check_explains_each_source_and_counts_its_documents(site: Path) -> None:
    shown = run("check")

    assert (shown.exit_code, shown.stdout) == (
        0,
        "docs (folder) reads the files below the folder 'docs'; each document is taken as runbook; every 30m.\n"
        "  lists 2 documents\n",
    )


def test_an_offline_check_opens_nothing(site: Path) -> None:
    declare(site, "  - {name: docs, type: folder, path: gone}\n")

    shown = run("check", "--offline")

    assert (shown.exit_code, "lists" in shown.stdout) == (0, False)


def test_a_source_that_cannot_be_read_is_told_beside_those_that_can(site: Path) -> None:
    declare(site, "  - {name: gone, type: folder, path: gone}\n  - {name: docs, type: folder, path: docs}\n")

    shown = run("check")

    assert shown.exit_code == 1
    assert "cannot be read: source 'gone': 'gone' is no file or folder" in shown.stdout
    assert "lists 2 documents" in shown.stdout


def test_a_disabled_source_is_explained_and_not_opened(site: Path) -> None:
    declare(site, "  - {name: gone, type: folder, path: gone, enabled: false}\n")

    shown = run("check")

    assert shown.exit_code == 0
    assert "it is disabled, so nothing is read now." in shown.stdout


def test_problems_of_single_documents_are_told(site: Path) -> None:
    (site / "docs" / "c.md").symlink_to(site / "nowhere")

    assert "  problem: c.md: cannot be read: No such file or directory\n" in run("check").stdout


def test_only_the_sources_named_are_checked(site: Path) -> None:
    declare(site, "  - {name: gone, type: folder, path: gone}\n  - {name: docs, type: folder, path: docs}\n")

    assert run("check", "docs").exit_code == 0
    assert run("check", "doc").exit_code == 2


def test_a_check_in_json_holds_the_same(site: Path) -> None:
    found = json.loads(run("check", "--json").stdout)

    (source,) = found["sources"]
    assert (found["file"], source["documents"], source["complete"], source["error"]) == (
        "groundwatch.yaml",
        2,
        True,
        "",
    )


def test_a_wrong_file_is_told_line_by_line_and_exits_with_2(site: Path) -> None:
    declare(site, "  - {name: docs, type: folder, pth: docs}\n  - {name: docs, type: mail}\n")

    shown = run("check")

    assert shown.exit_code == 2
    assert "groundwatch.yaml:3: sources[0].pth: unknown key 'pth'; did you mean 'path'?" in shown.stderr
    assert "groundwatch.yaml:4: sources[1].type: 'mail' is no type of source" in shown.stderr


def test_a_file_that_is_not_there_exits_with_2(site: Path) -> None:
    shown = run("list", "--file", "other.yaml")

    assert shown.exit_code == 2
    assert "'other.yaml' cannot be read: No such file or directory" in shown.stderr


def test_the_setting_names_another_file(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "groundwatch.yaml").rename(site / "sources.yaml")
    monkeypatch.setenv("GROUNDWATCH_SOURCES_FILE", "sources.yaml")

    assert run("list").exit_code == 0


def test_the_file_of_the_repository_counts_in_its_folders(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / ".git").mkdir()
    monkeypatch.chdir(site / "docs")

    assert "lists 2 documents" in run("check").stdout
