"""A run measures every suite it can, says why it leaves one out, and keeps all of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from api.evaluations import EvaluationHistory
from evals.quality.declaration import Declaration, Knowledge, Suite
from evals.quality.knowledge import Premises, Subject, Wanted
from evals.quality.results import Progress
from evals.quality.running import run
from ingest.errors import KnowledgeMissing, UsageError
from tests.evals.quality.material import SmallDoor, opener, plan, suite

QUESTIONS = "".join(
    json.dumps(row) + "\n"
    for row in (
        {"id": "cart", "question": "cart service down", "documents": ["runbooks/cart.md"]},
        {"id": "queue", "question": "order queue full", "documents": ["docs/runbooks/queue.md"]},
        {"id": "moon", "question": "moon phase", "documents": []},
    )
)


@contextmanager
def nothing_served(_kind: Knowledge, _p: Premises, _w: Wanted, _progress: Progress | None) -> Iterator[Subject]:
    raise KnowledgeMissing("nothing is served yet; run groundwatch ingest PATH")
    yield


@pytest.fixture
def history(tmp_path: Path) -> EvaluationHistory:
    return EvaluationHistory(tmp_path / "history")


def test_a_site_measures_its_own_knowledge(tmp_path: Path, history: EvaluationHistory) -> None:
    answers = suite(tmp_path, "answers-of-ours", QUESTIONS, left_out=True)
    found = suite(tmp_path, "search-of-ours", QUESTIONS, kind="retrieval")
    done = run(plan(tmp_path, answers, found), history, open_knowledge=opener())

    by_name = {one.name: one for one in done.report.suites}
    assert {score.name: score.value for score in by_name["search-of-ours"].scores}["MRR@10"] == 1.0
    assert by_name["answers-of-ours"].n == 5
    assert (done.report.documents, done.report.embedding_model) == (3, "words@1")
    assert history.report(done.report.id) == done.report
    assert (done.folder / "report.md").read_text().startswith(f"# Evaluation {done.report.id}")
    assert list((done.folder / "plots").glob("*.svg"))


def test_the_second_run_is_compared_with_the_first(tmp_path: Path, history: EvaluationHistory) -> None:
    ours = plan(tmp_path, suite(tmp_path, "ours", QUESTIONS))
    first = run(ours, history, open_knowledge=opener())
    second = run(ours, history, open_knowledge=opener(SmallDoor(misquotes=True)))
    (beside,) = history.comparison(second.report.id).suites

    assert beside.against == first.report.id
    assert set(beside.newly_failed) == {"cart", "queue"}


def test_a_suite_that_cannot_run_is_reported_with_the_reason(tmp_path: Path, history: EvaluationHistory) -> None:
    done = run(plan(tmp_path, suite(tmp_path, "ours", QUESTIONS)), history, open_knowledge=nothing_served)

    assert "groundwatch ingest PATH" in done.report.suites[0].skipped
    assert done.report.documents == 0


def test_a_suite_whose_folder_is_not_given_is_left_out(tmp_path: Path, history: EvaluationHistory) -> None:
    declared = Declaration(title="x", kind="retrieval", knowledge="corpus", format="folder")
    done = run(plan(tmp_path, Suite("corpus", tmp_path, declared, built_in=True)), history, open_knowledge=opener())

    assert "give --questions" in done.report.suites[0].skipped


def test_a_question_that_is_not_in_order_stops_the_run_before_it_starts(
    tmp_path: Path, history: EvaluationHistory
) -> None:
    broken = suite(tmp_path, "ours", '{"id": "x"}\n')

    with pytest.raises(UsageError, match=r"questions\.jsonl', line 1"):
        run(plan(tmp_path, broken), history, open_knowledge=opener())
    assert history.ids() == []


def test_a_script_that_nobody_wrote_is_named(tmp_path: Path, history: EvaluationHistory) -> None:
    ours = suite(tmp_path)
    scripted = replace(ours, declared=Declaration(title="x", kind="scripted", script="rm"))

    with pytest.raises(UsageError, match="no script is called 'rm'"):
        run(plan(tmp_path, scripted), history, open_knowledge=opener())


def test_followups_are_a_scripted_suite(tmp_path: Path, history: EvaluationHistory) -> None:
    scripted = replace(suite(tmp_path), declared=Declaration(title="x", kind="scripted", script="followups"))
    (report,) = run(plan(tmp_path, scripted), history, open_knowledge=opener()).report.suites

    assert report.n > 50
    assert {score.name for score in report.scores} == {"follow-up resolved", "standalone question left alone"}
    assert {score.group for score in report.scores} == {"", "dev", "heldout"}
