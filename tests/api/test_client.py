"""The client where there is no API, another server, or one that breaks off."""

import socket
from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse

from api.client import ApiClient
from api.errors import NotAllowed, ServiceUnreachable, UsageError
from api.schemas.answers import AskRequest
from api.schemas.problems import KINDS, error_of, problem_of
from ingest.errors import StorageFailed
from tests.api.world import app_of, open_world, served

ASK = AskRequest(question="why?")


def _stranger(body: str, status: int = 200) -> FastAPI:
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def anything(path: str) -> PlainTextResponse:
        return PlainTextResponse(body, status)

    return app


def _streaming(*parts: bytes) -> FastAPI:
    app = FastAPI()

    @app.post("/v1/ask")
    async def ask() -> StreamingResponse:
        return StreamingResponse(iter(parts), media_type="text/event-stream")

    return app


def test_where_nothing_listens_it_says_what_to_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    with closing(ApiClient(url)) as client, pytest.raises(ServiceUnreachable, match="groundwatch serve"):
        client.status()


def test_a_server_that_never_answers_is_given_up() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        closing(ApiClient(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)) as client,
        pytest.raises(ServiceUnreachable, match="in time"),
    ):
        client.status()


@pytest.mark.parametrize(("body", "status"), [("hello", 200), ("{}", 200), ("<html>", 502), ("", 404)])
def test_another_server_is_told_apart(body: str, status: int) -> None:
    with (
        served(_stranger(body, status)) as url,
        closing(ApiClient(url)) as client,
        pytest.raises(ServiceUnreachable),
    ):
        client.status()


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://x", "http://[::1", "http://a b"])
def test_an_address_that_is_none_is_wrong_use(url: str) -> None:
    with pytest.raises(UsageError, match="GROUNDWATCH_URL"):
        ApiClient(url)


def test_a_missing_key_is_told(tmp_path: Path) -> None:
    with served(app_of(open_world(tmp_path), keys=("k",))) as url:
        with closing(ApiClient(url)) as without, pytest.raises(NotAllowed, match="GROUNDWATCH_API_KEY"):
            without.status()
        with closing(ApiClient(url, "k")) as holder:
            status = holder.status()

    assert status.generation is None


def test_an_error_in_the_middle_of_a_stream_is_raised() -> None:
    parts = (
        b'event: evidence\r\ndata: {"event": "evidence",\r\ndata: "hits": []}\r\n\r\n: ping\n\n',
        b'event: error\ndata: {"event": "error", "title": "Storage failed", ',
        b'"detail": "disk full"}\n\n',
    )
    with served(_streaming(*parts)) as url, closing(ApiClient(url)) as client:
        events = client.ask_events(ASK)
        first = next(events)

        with pytest.raises(StorageFailed, match="disk full"):
            next(events)

    assert first.event == "evidence"


def test_an_event_of_an_unknown_form_is_told() -> None:
    with (
        served(_streaming(b'data: {"event": "poem"}\n\n')) as url,
        closing(ApiClient(url)) as client,
        pytest.raises(ServiceUnreachable, match="same version"),
    ):
        list(client.ask_events(ASK))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.error.__name__)
def test_every_kind_of_error_survives_the_way_over_the_wire(kind: object) -> None:
    error = next(one for one in KINDS if one is kind).error("what happened")

    back = error_of(problem_of(error))

    assert type(back) is type(error)
    assert str(back) == "what happened"
