"""Streams of the chat door that take long, break off, or lose their reader."""

import time
from collections.abc import Iterator

import httpx
import openai
import pytest
from fastapi import FastAPI

from api.bootstrap import Local
from api.metrics import Metrics
from api.routes.chat import chat_routes
from api.routes.chat_errors import COMPLETIONS
from api.routes.workers import Workers
from api.schemas.answers import Answer, AskEvent, AskRequest, EvidenceEvent
from api.schemas.knowledge import KnowledgeStatus
from ingest.errors import StorageFailed
from tests.api.routes.chat_door import QUESTION, chat_app, official_client
from tests.api.world import served


class _Broken:
    """An assistant whose stream takes its time after the evidence, and then breaks off."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def ask(self, request: AskRequest) -> Answer:
        raise StorageFailed("the disk is full; free some space")

    def ask_events(self, request: AskRequest) -> Iterator[AskEvent]:
        yield EvidenceEvent(hits=[])
        time.sleep(0.3)
        if self._error is not None:
            raise self._error

    def status(self) -> KnowledgeStatus:
        raise StorageFailed("the disk is full; free some space")


@pytest.mark.parametrize(
    ("error", "told"), [(StorageFailed("the disk is full; free some space"), "the disk is full"), (None, "ask again")]
)
def test_a_stream_that_breaks_off_says_why(error: Exception | None, told: str) -> None:
    app = FastAPI()
    app.include_router(chat_routes(_Broken(error), Workers(2), Metrics()))
    with (
        served(app) as url,
        official_client(url) as client,
        pytest.raises(openai.APIError, match=told),
    ):
        list(
            client.chat.completions.create(
                model="groundwatch", messages=[{"role": "user", "content": QUESTION}], stream=True
            )
        )


def test_a_stream_is_not_silent_while_it_waits() -> None:
    app = FastAPI()
    app.include_router(chat_routes(_Broken(None), Workers(2), Metrics(), alive_every=0.05))
    body = {"model": "groundwatch", "messages": [{"role": "user", "content": QUESTION}], "stream": True}

    with served(app) as url:
        text = httpx.post(f"{url}{COMPLETIONS}", json=body, trust_env=False).text

    assert text.count(": still at work\n\n") >= 2
    assert "[DONE]" not in text


def test_a_client_that_leaves_a_stream_holds_up_nobody(world: Local) -> None:
    body = {"model": "groundwatch", "messages": [{"role": "user", "content": QUESTION}], "stream": True}
    with served(chat_app(world)) as url:
        for _ in range(20):
            with httpx.stream("POST", f"{url}{COMPLETIONS}", json=body, trust_env=False) as response:
                next(response.iter_bytes(1))
        after = httpx.post(f"{url}{COMPLETIONS}", json=body | {"stream": False}, trust_env=False)

    assert after.status_code == 200
