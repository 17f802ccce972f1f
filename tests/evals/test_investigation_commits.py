"""The measure of blame: two small recorded cases, one with a guilty change and one without."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from api.investigation.suspects.blame import Rules
from evals.investigation_commits import VARIANTS, Blame, blame, main, read_cases, score, strangers

SMALLER = "@@ src/pool.py @@\n-ledger_connection_pool = 50\n+ledger_connection_pool = 5\n"
GUILTY, DECOY, OTHER = "a" * 12, "b" * 12, "c" * 12


def write_case(folder: Path, name: str, guilty: str, commits: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True)
    alert = {"fired_at": "2026-09-22T11:00:00Z", "service": "pay", "metric": "error_ratio", "summary": "pool exhausted"}
    (folder / "case.json").write_text(
        json.dumps({"benchmark": "rootcausebench", "case_id": name, "candidates": ["pay"], "anomaly": {"alert": alert}})
    )
    rows = "".join(
        f"2026-09-22T{10 + minute // 60}:{minute % 60:02}:00Z,pay,error_ratio,{0.5 if minute > 55 else 0.001}\n"
        for minute in range(70)
    )
    (folder / "metrics.csv").write_text(f"timestamp,service,metric,value\n{rows}")
    (folder / "logs.jsonl").write_text(
        "".join(
            json.dumps({"timestamp": f"2026-09-22T11:00:{second:02}Z", "service": "pay", "severity_text": "ERROR",
                        "msg": "connection pool of ledger exhausted"}) + "\n"
            for second in range(0, 60, 5)
        )
    )  # fmt: skip
    (folder / "traces.jsonl").write_text("")
    deploys = [{"commit_sha": OTHER, "service": "pay", "timestamp": "2026-09-22T10:50:00Z", "version": "v2"}]
    (folder / "events.json").write_text(
        json.dumps({"commits": commits, "deploys": deploys, "flags": [], "status_feed": None})
    )
    (folder / "truth.json").write_text(
        json.dumps(
            {"case_id": name, "fault_kind": "code_change", "root_cause_service": "pay", "root_cause_commit": guilty,
             "decoy_commits": [DECOY], "blast_radius": []}
        )
    )  # fmt: skip


def commit(sha: str, message: str, diff: str, minute: int) -> dict[str, Any]:
    return {
        "sha": sha, "author": "somebody", "message": message, "diff": diff, "files_changed": [diff.split()[1]],
        "timestamp": f"2026-09-22T10:{minute}:00Z",
    }  # fmt: skip


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases") / "rootcausebench"
    innocent = [
        commit(DECOY, "tidy connection names", "@@ src/sorting.py @@\n-x = first(name)\n+x = second(name)\n", 40),
        commit(OTHER, "sort names", "@@ src/names.py @@\n-a = 1 + b\n+a = b + 1\n", 45),
    ]
    write_case(folder / "one", "one", GUILTY, [*innocent, commit(GUILTY, "tidy", SMALLER, 42)])
    write_case(folder / "two", "two", "none", innocent)
    return folder


def test_the_guilty_change_is_blamed_and_nothing_where_there_is_none(cases: Path) -> None:
    found = [blame(case, Rules()) for case in read_cases(cases)]

    assert [one.blamed for one in found] == [GUILTY, None]


def test_with_the_guilty_change_hidden_nothing_is_to_be_blamed(cases: Path) -> None:
    found = [blame(case, Rules(), VARIANTS["guilty change hidden"]) for case in read_cases(cases)]
    told = score("hidden", found)

    assert [one.guilty for one in found] == [None, None]
    assert told.right is None
    assert told.silent is not None
    assert (told.silent.hits, told.silent.n) == (2, 2)


def test_the_guilty_changes_of_other_cases_are_added_with_a_deployment(cases: Path) -> None:
    first, second = read_cases(cases)
    vary = strangers([first, second], hidden=False)

    assert vary(first, [])[1] == []
    assert [(one.kind, one.ref) for one in vary(second, [])[1]] == [("commit", GUILTY), ("deploy", GUILTY)]


def test_a_decoy_and_another_innocent_change_count_apart() -> None:
    told = score(
        "by hand",
        [
            Blame("one", "a", "b", "b", True, ""),
            Blame("two", None, "c", "c", False, ""),
            Blame("three", "d", "d", "d", False, ""),
        ],
    )

    assert (told.decoys, told.wrong) == (1, 2)
    assert told.right is not None
    assert (told.right.hits, told.right.n) == (1, 2)


@pytest.mark.slow
def test_the_command_prints_every_variant(cases: Path) -> None:
    plain = CliRunner().invoke(main, ["--cases", str(cases)])
    told = CliRunner().invoke(main, ["--cases", str(cases), "--json"])

    assert plain.exit_code == 0, plain.output
    assert "as recorded" in plain.output
    assert "guilty change hidden" in plain.output
    assert len(json.loads(told.stdout)["blames"]) == 2
