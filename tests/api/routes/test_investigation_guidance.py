"""The route to guidance: what documents advise for an investigation that is done, over a real index."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.investigating.advising import Advice
from api.retrieval.search import Searcher
from api.routes.investigation_guidance import guidance_routes
from api.routes.investigations import investigation_routes
from api.routes.problems import install_problem_handlers
from api.routes.workers import Workers
from api.schemas.investigation_guidance import InvestigationGuidance
from api.schemas.investigation_runs import RunState
from tests.api.investigated import FakeInvestigator
from tests.api.investigating.offices import open_office, wait_until
from tests.small_knowledge import build_knowledge

RUNBOOK = """---
kind: runbook
---
# CartCpuHigh: the CPU of cart is used up

## Steps

1. Look at the CPU of cart with `kubectl top pod cart`.
2. Delete the old pods with `kubectl delete pod --all`.
"""


@pytest.fixture
def http(tmp_path: Path) -> Iterator[TestClient]:
    investigator = FakeInvestigator()
    investigator.gate.set()
    searcher = build_knowledge(tmp_path / "knowledge", {"runbooks/CartCpuHigh.md": RUNBOOK})
    with closing(open_office(tmp_path, investigator)) as office:
        (tmp_path / "bundles" / "one").mkdir()

        @contextmanager
        def searching() -> Iterator[Searcher]:
            yield searcher

        app, workers = FastAPI(), Workers(2)
        app.include_router(investigation_routes(office.desk, workers))
        app.include_router(guidance_routes(Advice(office.desk, searching), workers))
        install_problem_handlers(app)
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client


def test_a_runbook_comes_with_its_steps_and_their_places(http: TestClient) -> None:
    started = http.post("/v1/investigations", json={"bundle": "one"}).json()["id"]
    wait_until(
        lambda: http.get(f"/v1/investigations/{started}").json()["investigation"]["state"] == RunState.DONE.value
    )

    found = InvestigationGuidance.model_validate_json(http.get(f"/v1/investigations/{started}/guidance").content)

    (runbook,) = found.runbooks
    assert runbook.source.path == "runbooks/CartCpuHigh.md"
    assert any("kubectl top pod cart" in step.text for step in runbook.steps)
    assert any(step.destructive for step in runbook.steps if "delete" in step.text)
    assert all(step.source.first_line > 0 for step in runbook.steps)
    assert "## Appendix: what documents advise" in http.get(f"/v1/investigations/{started}/report.md?guidance=1").text


def test_one_that_is_not_there_is_not_found(http: TestClient) -> None:
    assert http.get("/v1/investigations/nothing/guidance").status_code == 404
