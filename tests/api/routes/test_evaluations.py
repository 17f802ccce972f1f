"""Tests of the routes to evaluations, over a history on disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.evaluations import EvaluationHistory
from api.routes.evaluations import evaluation_routes
from api.routes.problems import install_problem_handlers
from api.routes.workers import Workers
from api.schemas.comparisons import Comparison
from api.schemas.evaluations import EvaluationPage, EvaluationReport
from tests.api.test_evaluations import report, run_id, write


class Desk:
    """The evaluations of one folder."""

    def __init__(self, history: EvaluationHistory) -> None:
        self._history = history

    def evaluations(self, *, offset: int, limit: int) -> EvaluationPage:
        return self._history.page(offset=offset, limit=limit)

    def evaluation(self, run_id: str) -> EvaluationReport:
        return self._history.report(run_id)

    def evaluation_comparison(self, run_id: str) -> Comparison:
        return self._history.comparison(run_id)


@pytest.fixture
def http(tmp_path: Path) -> Iterator[TestClient]:
    history = EvaluationHistory(tmp_path)
    for number in range(3):
        write(history, number)
    write(history, 9, "{")
    app = FastAPI()
    app.include_router(evaluation_routes(Desk(history), Workers(2)))
    install_problem_handlers(app)
    with TestClient(app) as client:
        yield client


def test_the_list_is_paged_and_names_what_cannot_be_read(http: TestClient) -> None:
    page = EvaluationPage.model_validate_json(http.get("/v1/evaluations", params={"limit": 2}).content)

    assert page.total == 4
    assert [run.id for run in page.runs] == [run_id(2)]
    assert run_id(9) in page.unreadable[0]


def test_one_run_is_given_whole(http: TestClient) -> None:
    found = EvaluationReport.model_validate_json(http.get(f"/v1/evaluations/{run_id(1)}").content)

    assert found == report(run_id(1))


def test_a_run_has_its_comparison(http: TestClient) -> None:
    assert http.get(f"/v1/evaluations/{run_id(1)}/comparison").json() == {"id": run_id(1), "suites": []}


@pytest.mark.parametrize("name", ["nothing", "20990101T000000Z-abcd", "..%2F..%2Fetc"])
def test_an_unknown_run_is_a_problem(http: TestClient, name: str) -> None:
    answer = http.get(f"/v1/evaluations/{name}")

    assert answer.status_code == 404


def test_an_unreadable_run_is_a_problem_that_says_what_to_do(http: TestClient) -> None:
    answer = http.get(f"/v1/evaluations/{run_id(9)}")

    assert answer.status_code == 503
    assert "groundwatch evals run" in answer.json()["detail"]


@pytest.mark.parametrize("parameters", [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": "x"}])
def test_pages_out_of_range_are_refused(http: TestClient, parameters: dict[str, str]) -> None:
    assert http.get("/v1/evaluations", params=parameters).status_code == 422
