"""A run is kept whole or not at all, and only so many of them."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.evaluations import EvaluationHistory
from api.schemas.comparisons import Comparison
from evals.quality.history import keep, kept_cases, new_run_id, prune, read_cases
from ingest.errors import StorageFailed
from tests.evals.quality.material import case, report


def keep_run(history: EvaluationHistory, id: str) -> Path:
    cases = kept_cases("mine", [case("1", places_resolve=1)])
    return keep(
        history,
        report(id),
        cases=cases,
        comparison=Comparison(id=id, suites=[]),
        text="# Run\n",
        plots={"a.svg": "<svg/>"},
    )


def run_id(number: int) -> str:
    return f"20260101T0000{number:02}Z-abcd"


@pytest.fixture
def history(tmp_path: Path) -> EvaluationHistory:
    return EvaluationHistory(tmp_path / "history")


def test_a_run_is_kept_with_its_report_cases_text_and_plots(history: EvaluationHistory) -> None:
    folder = keep_run(history, run_id(1))

    assert history.report(run_id(1)) == report(run_id(1))
    assert [one.id for one in read_cases(history, run_id(1))] == ["1"]
    assert (folder / "report.md").read_text() == "# Run\n"
    assert (folder / "plots" / "a.svg").read_text() == "<svg/>"


def test_names_of_runs_sort_by_time() -> None:
    early = new_run_id(datetime(2026, 1, 9, tzinfo=UTC))
    late = new_run_id(datetime(2026, 1, 10, tzinfo=UTC))

    assert early < late


def test_a_run_that_is_killed_while_writing_leaves_nothing_to_see(history: EvaluationHistory) -> None:
    keep_run(history, run_id(1))
    half = history.folder / f".writing-{run_id(2)}-77"
    half.mkdir()
    (half / "report.json").write_text('{"version": 1, "id"')

    assert history.ids() == [run_id(1)]
    assert history.page(offset=0, limit=10).unreadable == []


def test_what_a_killed_run_left_is_removed_a_day_later(history: EvaluationHistory) -> None:
    old, fresh = (history.folder / f".writing-{run_id(n)}-77" for n in (1, 2))
    old.mkdir(parents=True)
    fresh.mkdir()
    os.utime(old, (time.time() - 100_000,) * 2)

    keep_run(history, run_id(3))

    assert not old.exists()
    assert fresh.exists()


def test_a_run_that_cannot_be_written_leaves_nothing_half(history: EvaluationHistory) -> None:
    keep_run(history, run_id(1))

    with pytest.raises(StorageFailed, match="cannot keep the evaluation"):
        keep_run(history, run_id(1))  # its folder is there already

    assert [entry.name for entry in history.folder.iterdir()] == [run_id(1)]


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("")

    with pytest.raises(StorageFailed, match="choose --data-dir"):
        keep_run(EvaluationHistory(tmp_path / "history"), run_id(1))


def test_the_oldest_runs_are_removed(history: EvaluationHistory) -> None:
    for number in range(5):
        keep_run(history, run_id(number))

    assert prune(history, 2) == [run_id(2), run_id(1), run_id(0)]
    assert history.ids() == [run_id(4), run_id(3)]
    assert len(list(history.folder.iterdir())) == 2


def test_cases_that_cannot_be_read_are_none(history: EvaluationHistory) -> None:
    folder = keep_run(history, run_id(1))
    (folder / "cases.jsonl").write_bytes(b"\xff\x00{")

    assert read_cases(history, run_id(1)) == []
