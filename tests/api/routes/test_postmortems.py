"""The routes of drafts, over a desk with a real database."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.investigating.drafting import Drafts
from api.routes.postmortems import postmortem_routes
from api.routes.problems import install_problem_handlers
from api.routes.workers import Workers
from tests.api.investigated import FakeInvestigator
from tests.api.investigating.offices import Office, open_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(open_office(tmp_path, FakeInvestigator())) as opened:
        yield opened


@pytest.fixture
def http(office: Office) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(postmortem_routes(Drafts(office.desk), Workers(2)))
    install_problem_handlers(app)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_a_draft_is_given_as_json_and_as_markdown(http: TestClient, office: Office) -> None:
    name = office.ended(office.ask().id).id

    draft = http.get(f"/v1/investigations/{name}/postmortem").json()
    text = http.get(f"/v1/investigations/{name}/postmortem.md")

    assert draft["investigation"] == name
    assert draft["statements"] > draft["questions"] > 0
    assert [one["kind"] for one in draft["sections"]][:3] == ["summary", "impact", "detection"]
    assert text.headers["content-type"].startswith("text/markdown")
    assert text.text.startswith("# Draft: Incident one\n")


def test_one_that_is_not_there_or_not_done_says_so(http: TestClient) -> None:
    assert http.get("/v1/investigations/nobody/postmortem").status_code == 404
