"""The command `groundwatch evals`: what it prints, keeps and exits with."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.evaluations import EvaluationHistory
from api.schemas.comparisons import Change, Comparison, SuiteComparison
from api.schemas.evaluations import SuiteReport
from evals.command import evals
from evals.quality.history import keep
from tests.evals.quality.material import report, score


def called(*arguments: str | Path) -> Result:
    return CliRunner().invoke(evals, [str(one) for one in arguments])


def keep_run(folder: Path, id: str, changes: Sequence[Change] = ()) -> None:
    low = score(value=0.7, bar=0.9, low=0.6, high=0.8)
    suite = SuiteReport(name="mine", title="Mine", n=10, seconds=1.0, scores=[low])
    made = report(id, suite)
    beside = SuiteComparison(
        suite="mine",
        against="20251231T000000Z-aaaa",
        against_started_at=made.started_at,
        cases=10,
        changes=list(changes),
        newly_failed=["a"],
        mended=[],
    )
    comparison = Comparison(id=id, suites=[beside] if changes else [])
    keep(EvaluationHistory(folder / "history"), made, cases=[], comparison=comparison, text="", plots={})


WORSE = Change(
    name="places resolve", group="", before=0.9, after=0.7, difference=-0.2, low=-0.3, high=-0.1, n=10, verdict="worse"
)
RUN = "20260101T000000Z-aaaa"


def test_followups_are_measured_and_kept_without_a_model(tmp_path: Path) -> None:
    done = called("run", "followups", "--data-dir", tmp_path)

    assert done.exit_code == 0, done.output
    assert "standalone question left alone (heldout)" in done.output
    assert "nothing to compare with" in done.output
    assert len(EvaluationHistory(tmp_path / "history").ids()) == 1


def test_a_second_run_is_compared_with_the_first_and_old_ones_are_removed(tmp_path: Path) -> None:
    for _ in range(3):
        done = called("run", "followups", "--data-dir", tmp_path, "--keep", "2", "--fail-on-regression")

    assert done.exit_code == 0
    assert "0 of 4 scores moved beyond noise" in done.output
    assert len(EvaluationHistory(tmp_path / "history").ids()) == 2


def test_a_run_can_be_printed_as_json(tmp_path: Path) -> None:
    done = called("run", "followups", "--data-dir", tmp_path, "--json")

    assert json.loads(done.output)["suites"][0]["name"] == "followups"


def test_suites_and_runs_are_listed(tmp_path: Path) -> None:
    empty = called("list", "--data-dir", tmp_path)
    keep_run(tmp_path, RUN)
    (tmp_path / "history" / "20260102T000000Z-bbbb").mkdir()
    full = called("list", "--data-dir", tmp_path)

    assert "handbook" in empty.output
    assert "No run is kept yet" in empty.output
    assert RUN in full.output
    assert "not readable: evaluation '20260102T000000Z-bbbb'" in full.output


def test_a_run_is_shown_as_markdown_or_json(tmp_path: Path) -> None:
    keep_run(tmp_path, RUN)

    assert called("show", "--data-dir", tmp_path).output.startswith(f"# Evaluation {RUN}")
    assert json.loads(called("show", RUN, "--data-dir", tmp_path, "--json").output)["id"] == RUN


def test_a_regression_fails_only_where_asked(tmp_path: Path) -> None:
    keep_run(tmp_path, RUN, [WORSE])

    assert called("compare", "--data-dir", tmp_path).exit_code == 0
    failing = called("compare", "--data-dir", tmp_path, "--fail-on-regression")
    assert failing.exit_code == 1
    assert "worse: places resolve 0.900 -> 0.700" in failing.output
    assert "1 cases newly failed" in failing.output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("show",), 2, "no run is kept in"),
        (("show", "20200101T000000Z-abcd"), 2, "no run is kept in"),
        (("run", "nothing"), 2, "no suite is called 'nothing'"),
        (("run", "--suites", "/nowhere"), 2, "GROUNDWATCH_EVALS_SUITES"),
        (("run", "--sample", "0"), 2, "0 is not in the range"),
    ],
)
def test_wrong_use_is_one_line_and_its_own_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = called(*arguments, "--data-dir", tmp_path)

    assert done.exit_code == code
    assert words in done.output
    assert "Traceback" not in done.output


def test_a_wrong_setting_names_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWATCH_EVALS_KEEP", "many")
    done = called("list", "--data-dir", tmp_path)

    assert done.exit_code == 2
    assert "GROUNDWATCH_EVALS_KEEP" in done.output
