"""The history of evaluations is read as it is: newest first, and what cannot be read is named."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.errors import NotFound
from api.evaluations import EvaluationHistory
from api.schemas.evaluations import EvaluationReport, Score, SuiteReport
from ingest.errors import StorageFailed


def run_id(number: int) -> str:
    return f"20260101T0000{number:02}Z-abcd"


def report(id: str) -> EvaluationReport:
    scores = [Score(name="MRR@10", value=0.9, n=10, bar=0.8), Score(name="recall@1", value=0.7, n=10)]
    return EvaluationReport(
        id=id,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=2.0,
        trigger="schedule",
        embedding_model="words@1",
        generation=3,
        documents=4,
        passages=5,
        suites=[
            SuiteReport(name="mine", title="Mine", n=10, seconds=1.0, scores=scores),
            SuiteReport(name="skipped", title="Not run", n=0, seconds=0.0, scores=[], skipped="no corpus"),
        ],
    )


def write(history: EvaluationHistory, number: int, text: str | None = None) -> Path:
    folder = history.folder / run_id(number)
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(report(run_id(number)).model_dump_json() if text is None else text)
    return folder


@pytest.fixture
def history(tmp_path: Path) -> EvaluationHistory:
    return EvaluationHistory(tmp_path / "history")


def test_before_the_first_run_there_is_nothing(history: EvaluationHistory) -> None:
    page = history.page(offset=0, limit=10)

    assert (page.runs, page.total, page.unreadable) == ([], 0, [])


def test_runs_are_paged_newest_first(history: EvaluationHistory) -> None:
    for number in range(5):
        write(history, number)
    page = history.page(offset=1, limit=2)

    assert ([run.id for run in page.runs], page.total) == ([run_id(3), run_id(2)], 5)


def test_a_run_in_the_list_shows_the_scores_with_a_bar_of_suites_that_ran(history: EvaluationHistory) -> None:
    write(history, 1)
    (run,) = history.page(offset=0, limit=10).runs

    assert {suite: [score.name for score in scores] for suite, scores in run.scores.items()} == {"mine": ["MRR@10"]}


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"version": 1}', "\u0000" * 50, json.dumps({**json.loads(report("x").model_dump_json()), "mood": 1})],
)
def test_a_report_that_cannot_be_read_is_named_and_the_others_shown(history: EvaluationHistory, text: str) -> None:
    write(history, 1)
    write(history, 2, text)
    page = history.page(offset=0, limit=10)

    assert [run.id for run in page.runs] == [run_id(1)]
    assert run_id(2) in page.unreadable[0]
    assert "groundwatch evals run" in page.unreadable[0]
    with pytest.raises(StorageFailed, match="is not a report of version 1"):
        history.report(run_id(2))


def test_a_folder_without_a_report_is_named(history: EvaluationHistory) -> None:
    (write(history, 1) / "report.json").unlink()

    assert "cannot read report.json: No such file" in history.page(offset=0, limit=10).unreadable[0]


def test_a_huge_file_is_not_read(history: EvaluationHistory) -> None:
    file = write(history, 1) / "report.json"
    with file.open("r+b") as opened:
        opened.truncate(65_000_000)

    with pytest.raises(StorageFailed, match="larger than 64,000,000 bytes"):
        history.report(run_id(1))


@pytest.mark.parametrize("name", ["../secret", "", "20260101T000001Z-abcd/../x", ".writing-20260101T000001Z-abcd-7"])
def test_only_runs_can_be_named(history: EvaluationHistory, name: str) -> None:
    write(history, 1)

    with pytest.raises(NotFound, match="list them with GET /v1/evaluations"):
        history.report(name)


def test_drafts_and_strangers_are_no_runs(history: EvaluationHistory) -> None:
    write(history, 1)
    (history.folder / ".writing-20260101T000009Z-abcd-7").mkdir()
    (history.folder / "notes").mkdir()

    assert history.ids() == [run_id(1)]


def test_a_first_run_has_nothing_beside_it(history: EvaluationHistory) -> None:
    write(history, 1)

    assert history.comparison(run_id(1)).suites == []
    with pytest.raises(NotFound):
        history.comparison(run_id(2))


def test_a_report_that_was_replaced_is_read_anew(history: EvaluationHistory) -> None:
    folder = write(history, 1)
    history.page(offset=0, limit=10)
    changed = report(run_id(1)).model_copy(update={"passages": 99})
    (folder / "report.json").write_text(changed.model_dump_json())

    assert history.page(offset=0, limit=10).runs[0].passages == 99
