"""The command line: exit codes, one line an error, nothing heavy for help, the running API where there is one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli import run
from api.running import announce
from tests.api.world import app_of, open_world, served

HEAVY = ("fastapi", "httpx", "numpy", "pydantic", "qdrant_client", "qdrant_edge", "rich", "sqlalchemy", "torch")


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GROUNDWATCH_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def running(data_dir: Path) -> Iterator[str]:
    """Serve the documents, announced as `groundwatch serve` does it."""
    with served(app_of(open_world(data_dir))) as url:
        announce(data_dir / "serve.json", url, "tests")
        yield url


@pytest.mark.parametrize("command", [["--help"], ["search", "--help"], ["ask", "--help"], ["serve", "--help"]])
def test_help_imports_nothing_heavy(command: list[str]) -> None:
    code = (
        f"import sys; from api.cli import run; run({command!r})\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "Usage: groundwatch" in done.stdout
    assert done.stderr.strip() == "[]"


def test_help_lists_every_command_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["--help"])

    listed = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert code == 0
    assert {"ask", "doctor", "search", "serve", "status"} <= {line[0] for line in listed if len(line) == 2}


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("groundwatch, version ")


@pytest.mark.parametrize(
    "command",
    [
        ["nothing"],
        ["ask"],
        ["search", "x", "--limit", "0"],
        ["search", "x", "--kind", "poem"],
        ["serve", "--port", "x"],
        ["serve", "--host", "0.0.0.0"],
    ],
)
def test_wrong_use_exits_with_two_and_says_why(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command) == 2
    assert "Error: " in capsys.readouterr().err


def test_a_wrong_setting_exits_with_two_and_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROUNDWATCH_PORT", "abc")

    assert run(["status"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "Error: GROUNDWATCH_PORT='abc': input should be a valid integer, unable to parse string as an integer; "
        "correct it or unset it"
    ]


def test_before_the_first_ingest_a_question_exits_with_one_and_says_what_to_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["ask", "why?"]) == 1
    assert capsys.readouterr().err == "Error: nothing was ingested yet: run groundwatch ingest PATH\n"


def test_before_the_first_ingest_the_status_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["status"]) == 0
    assert capsys.readouterr().out.startswith("Nothing was ingested yet. Run: groundwatch ingest PATH")


def test_where_nothing_runs_the_status_is_read_from_the_index(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["status"]) == 0

    out = capsys.readouterr().out
    assert "Serving generation 1: 6 documents" in out
    assert "- docs/runbooks/empty.md: " in out


@pytest.mark.usefixtures("running")
def test_where_an_api_runs_it_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "What do I do when DbDiskFull fires?"]) == 0

    out = capsys.readouterr().out
    assert out.startswith("Answered: ")
    assert "DESTRUCTIVE: " in out
    assert "docs/runbooks/DbDiskFull.md:" in out
    assert "\x1b" not in out


@pytest.mark.usefixtures("running")
def test_a_question_is_read_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = tmp_path / "question"
    text.write_bytes(b"DbDiskFull \xff fires\n")
    with text.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code = run(["ask", "-", "--json"])

    assert code == 0
    assert json.loads(capsys.readouterr().out)["question"].startswith("DbDiskFull")


@pytest.mark.usefixtures("running")
def test_json_holds_the_whole_result(capsys: pytest.CaptureFixture[str]) -> None:
    run(["search", "cache failover", "--limit", "2", "--exclude", "runbooks/cache-failover-old.md", "--json"])

    hits = json.loads(capsys.readouterr().out)["hits"]
    assert hits[0]["path"] == "runbooks/cache-failover-new.md"
    assert {"score", "passage_id", "quote", "line_start", "char_end", "revision", "url"} <= set(hits[0])


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["ask", ""], "the question is empty"),
        (["ask", "why " * 2500], "at most 8,000"),
        (["search", "x", "--source", "wiki"], "unknown source 'wiki'; known: 'docs'"),
        (["search", "x", "--exclude", "nope.md"], "'nope.md'"),
    ],
)
def test_what_the_api_refuses_is_wrong_use_here_too(
    command: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command) == 2

    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1


def test_an_address_where_nothing_answers_exits_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROUNDWATCH_URL", "http://127.0.0.1:1")

    assert run(["status"]) == 1
    assert "groundwatch serve" in capsys.readouterr().err


def test_a_second_process_that_opens_the_index_is_told_what_to_do(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = open_world(data_dir)
    with world.knowledge.reading():
        code = run(["status"])
    world.assistant.close()

    assert code == 1
    assert "open in another process" in capsys.readouterr().err


def test_a_closed_pipe_is_no_noise(data_dir: Path) -> None:
    command = f"'{sys.executable}' -c 'from api.cli import main; main([\"status\", \"--json\"])' | true"
    root = Path(__file__).resolve().parents[2]

    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=root, check=False)

    assert done.stderr == ""
