"""Investigations by /v1/chat/completions and within conversations of /v1/ask, through the application."""

import time
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.app import Exposure, Service, create_app
from api.investigating.bundle_places import BundlePlaces
from api.investigating.desk import Investigations
from api.storage.database import Database
from tests.api.investigated import CPU, FakeInvestigator, FakeOpener
from tests.api.shop import DISK_FULL
from tests.api.world import open_world, write_knowledge


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("chat")
    write_knowledge(folder, {"runbooks/DbDiskFull.md": DISK_FULL})
    (folder / "bundles" / "night").mkdir(parents=True)
    world = open_world(folder, check_every=60.0)
    places = BundlePlaces(folder / "bundles", folder / "uploads")
    desk = Investigations(Database(f"sqlite:///{folder / 'i.sqlite'}"), places, FakeOpener(), FakeInvestigator())
    service = Service(world.assistant, world.knowledge, desk, threads=4, refresh_seconds=5.0, instance="tests")
    with TestClient(create_app(service, Exposure()), base_url="http://127.0.0.1") as opened:
        yield opened


@pytest.fixture(scope="module")
def run(client: TestClient) -> str:
    """The id of an investigation that is done."""
    name: str = client.post("/v1/investigations", json={"bundle": "night"}).json()["id"]
    deadline = time.monotonic() + 10
    while client.get(f"/v1/investigations/{name}").json()["investigation"]["state"] != "done":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return name


def _chat(client: TestClient, *messages: tuple[str, str]) -> str:
    body = {"model": "groundwatch", "messages": [{"role": role, "content": text} for role, text in messages]}
    response = client.post("/v1/chat/completions", json=body)
    assert response.status_code == 200
    text: str = response.json()["choices"][0]["message"]["content"]
    return text


def test_without_sources_the_chat_says_what_to_connect(client: TestClient) -> None:
    assert "no source is connected" in _chat(client, ("user", "investigate the errors since 10:00"))


def test_a_chat_reads_an_investigation_and_goes_on_about_it(client: TestClient, run: str) -> None:
    first = _chat(client, ("user", f"what came of investigation {run}?"))
    second = _chat(client, ("user", "what came of it?"), ("assistant", first), ("user", "when did it begin?"))

    assert first.startswith("**Verdict: likely.**")
    assert CPU.id in first
    assert "shows from" in second


def test_a_stream_ends_with_the_same_words(client: TestClient, run: str) -> None:
    message = {"role": "user", "content": f"investigation {run}"}
    body = {"model": "groundwatch", "stream": True, "messages": [message]}

    text = client.post("/v1/chat/completions", json=body).text

    assert "Verdict: likely" in text
    assert text.rstrip().endswith("data: [DONE]")


def test_a_kept_conversation_goes_on_about_its_investigation_and_shows_it_again(client: TestClient, run: str) -> None:
    first = client.post("/v1/ask", json={"question": f"investigation {run}", "investigations": "auto"}).json()
    asked = {"question": "what was ruled out?", "conversation_id": first["conversation_id"], "investigations": "auto"}

    second = client.post("/v1/ask", json=asked).json()

    kept = client.get(f"/v1/conversations/{first['conversation_id']}").json()
    assert "its memory stayed as it was" in second["investigation"]["statements"][0]["text"]
    assert second["asked_as"] == ""
    assert [turn["answer"]["investigation"]["id"] for turn in kept["turns"]] == [run, run]


def test_a_question_for_documents_is_answered_from_them(client: TestClient, run: str) -> None:
    plain = client.post("/v1/ask", json={"question": "What do I do when DbDiskFull fires?"}).json()
    unasked = client.post("/v1/ask", json={"question": f"what came of investigation {run}?"}).json()

    assert plain["statements"]
    assert plain["investigation"] is None
    assert unasked["investigation"] is None
