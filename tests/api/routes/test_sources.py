"""/v1/sources and /webhooks/changes over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.investigating.connected import ConnectedSources
from api.routes.problems import install_problem_handlers
from api.routes.sources import source_routes
from api.routes.workers import Workers
from api.telemetry.live.told_changes import ChangeStore
from tests.api.telemetry.live.live_sources import FakeSource


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(
        source_routes(ConnectedSources([FakeSource("a")], ChangeStore(tmp_path / "c.sqlite")), Workers(2))
    )
    install_problem_handlers(app)
    with TestClient(app) as opened:
        yield opened


def test_sources_are_listed_with_how_they_are(client: TestClient) -> None:
    told = client.get("/v1/sources").json()["sources"]

    assert told == [
        {
            "name": "a", "kind": "fake", "url": "http://fake", "gives": ["change", "metric"], "version": "1.0",
            "problem": "", "seconds": 0.0,
        }
    ]  # fmt: skip


def test_one_change_or_several_are_kept(client: TestClient) -> None:
    one = client.post("/webhooks/changes", json={"title": "flag on", "ref": "f1", "kind": "feature-flag"})
    several = client.post("/webhooks/changes", json={"changes": [{"title": "a"}, {"title": "b"}]})

    assert (one.status_code, one.json()) == (202, {"kept": 1, "known": 0})
    assert several.json() == {"kept": 2, "known": 0}


@pytest.mark.parametrize(
    "body", [{}, {"changes": []}, {"title": ""}, {"title": "x", "when": 1}, {"title": "x", "time": "yesterday"}, [1]]
)
def test_a_malformed_change_is_a_problem_that_names_the_field(client: TestClient, body: object) -> None:
    answer = client.post("/webhooks/changes", json=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
