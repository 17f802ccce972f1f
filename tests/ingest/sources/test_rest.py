"""The client of remote APIs: what it waits for, what it gives up on, and where a token goes."""

import pickle
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from pydantic import TypeAdapter

from ingest.errors import DocumentUnreadable, UsageError
from ingest.sources.rest import RestApi, RestLimits
from ingest.sources.rest_calls import Call, Wire, authorization, checked_url, linked_page
from ingest.sources.rest_failures import (
    BrokenAnswer,
    ForeignHost,
    NotFound,
    RequestFailed,
    TokenRefused,
    Unreachable,
    asked_wait,
)
from tests.ingest.sources.rest_server import Asked, Reply, RestServer, serving

NOW = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


class Thing(Wire):
    name: str


THING = TypeAdapter(Thing)
THINGS = TypeAdapter(list[Thing])


@pytest.fixture
def server() -> Iterator[RestServer]:
    with serving(lambda asked: Reply.of({"name": asked.path, "more": 1})) as running:
        yield running


def api(url: str, pauses: list[float] | None = None, **limits: float) -> RestApi:
    return RestApi(
        service="Things",
        base=url + "/api",
        headers=authorization(url, "Bearer", "secret-token"),
        token_variable="THE_TOKEN",
        limits=RestLimits(**limits),  # type: ignore[arg-type]  # whole numbers among them
        sleep=(pauses if pauses is not None else []).append,
    )


def get(made: RestApi, call: Call | None = None) -> Thing:
    with made.session() as session:
        return session.get(THING, call or Call("/thing", (("a b", "c&d"),)))


def test_a_call_carries_token_and_parameters_below_the_base(server: RestServer) -> None:
    assert get(api(server.url)).name == "/api/thing"
    assert server.asked[0].query == {"a b": "c&d"}
    assert server.asked[0].headers["authorization"] == "Bearer secret-token"


def test_fields_that_a_vendor_adds_are_ignored_and_missing_ones_are_not(server: RestServer) -> None:
    server.fail("", Reply.of({"title": "x"}))

    with pytest.raises(BrokenAnswer, match=r"\(name: missing\)"):
        get(api(server.url))


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_pass_is_tried_five_times_with_growing_pauses(server: RestServer, status: int) -> None:
    server.fail("", Reply(status=status))
    pauses: list[float] = []

    with pytest.raises(RequestFailed, match=f"HTTP {status} again and again"):
        get(api(server.url, pauses))
    assert len(server.asked) == 5
    assert len(pauses) == 4
    assert all(0.25 <= pause <= 20 for pause in pauses)
    assert pauses[3] > pauses[0]


@pytest.mark.parametrize(
    ("status", "step"),
    [(400, "check `url`"), (404, "it is not there"), (410, "it is not there"), (500, "the next sync asks again")],
)
def test_what_will_not_pass_is_tried_once_and_told_with_the_next_step(
    server: RestServer, status: int, step: str
) -> None:
    server.fail("", Reply(status=status))

    with pytest.raises(RequestFailed, match=f"HTTP {status}.*{step}"):
        get(api(server.url))
    assert len(server.asked) == 1


def test_a_refusal_names_the_variable_and_never_the_token(server: RestServer) -> None:
    server.fail("", Reply(b"secret-token is invalid", status=403))

    with pytest.raises(TokenRefused, match="set it in THE_TOKEN") as caught:
        get(api(server.url))
    assert "secret-token" not in str(caught.value)
    assert not caught.value.expired


def test_without_a_token_a_refusal_asks_for_one(server: RestServer) -> None:
    server.fail("", Reply(status=401))
    made = RestApi(service="Things", base=server.url, token_variable="THE_TOKEN")

    with pytest.raises(TokenRefused, match="it asks for a token"):
        get(made)


def test_a_token_shows_in_no_representation() -> None:
    assert "secret-token" not in repr(api("https://things.example"))


def test_an_api_can_be_pickled(server: RestServer) -> None:
    copy: RestApi = pickle.loads(pickle.dumps(api(server.url)))

    assert get(copy).name == "/api/thing"


def test_where_nobody_listens_the_session_gives_up_once_for_all() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        pauses: list[float] = []
        made = api(f"http://127.0.0.1:{taken.getsockname()[1]}", pauses)
        with made.session() as session:
            for _ in range(3):
                with pytest.raises(Unreachable, match="gave no answer"):
                    session.get(THING, Call("/thing"))

    assert len(pauses) == 4


def test_a_server_that_says_nothing_is_not_waited_for_without_end() -> None:
    with answering(b"", hold=True) as url, pytest.raises(Unreachable, match="gave no answer"):
        get(api(url, read=0.05, attempts=2))


def test_a_body_that_drips_in_without_end_is_cut_at_the_deadline() -> None:
    drip = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + b" " * 10
    with answering(drip, hold=True, drip=True) as url, pytest.raises(BrokenAnswer, match=r"took more than 0\.1 s"):
        get(api(url, read=1, deadline=0.1, attempts=1))


def test_an_answer_that_is_no_http_is_no_answer() -> None:
    with answering(b"SSH-2.0-OpenSSH_9.2\r\n") as url, pytest.raises(Unreachable):
        get(api(url, attempts=1))


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"name": "\xff"}', b"[" * 100_000, b"1" * 100_000],
)
def test_what_is_no_answer_is_broken_and_not_repeated_in_the_message(server: RestServer, body: bytes) -> None:
    server.fail("", Reply(body))

    with pytest.raises(BrokenAnswer, match="no answer that can be read") as caught:
        get(api(server.url))
    assert len(str(caught.value)) < 300


def test_a_body_beyond_the_limit_is_not_read(server: RestServer) -> None:
    server.fail("", Reply(b"x" * 100_000))

    with pytest.raises(DocumentUnreadable, match=r"more than 1,000 bytes"):
        get(api(server.url, most_bytes=1000))


def test_a_redirect_within_the_host_keeps_the_token(server: RestServer) -> None:
    server.fail("/api/thing", Reply(status=302, headers=(("Location", "/api/moved?x=1"),)), times=1)

    assert get(api(server.url)).name == "/api/moved"
    assert server.asked[1].headers["authorization"] == "Bearer secret-token"


@pytest.mark.parametrize("place", ["http://[", "/api/thing", "https://{host}/api", "ftp://{host}/x", "//{other}/x"])
def test_a_redirect_in_a_circle_to_nowhere_or_elsewhere_fails(server: RestServer, place: str) -> None:
    host = server.url.removeprefix("http://")
    location = place.format(host=host, other=host.replace("127.0.0.1", "localhost"))
    server.fail("", Reply(status=302, headers=(("Location", location),)))

    with pytest.raises((BrokenAnswer, ForeignHost)):
        get(api(server.url))


def test_a_post_is_not_turned_into_a_get_by_a_redirect(server: RestServer) -> None:
    server.fail("/api/thing", Reply(status=302, headers=(("Location", "/api/moved"),)))

    with pytest.raises(BrokenAnswer, match="set `url`"):
        get(api(server.url), Call("/thing", body="{}"))


def test_a_download_goes_elsewhere_without_the_token_and_never_gets_it_back(server: RestServer) -> None:
    with serving(lambda asked: Reply(b"")) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        server.fail("/api/file", Reply(status=302, headers=(("Location", f"{elsewhere}/a"),)))
        other.fail("/a", Reply(status=302, headers=(("Location", f"{server.url}/api/end"),)))

        with api(server.url).session() as session:
            session.download(Call("/file"))

        assert "authorization" not in other.asked[0].headers
        assert "authorization" not in server.asked[-1].headers
        assert server.asked[-1].path == "/api/end"


def test_pages_follow_the_link_header_until_there_is_none() -> None:
    def answer(asked: Asked) -> Reply:
        number = asked.number("page", 1)
        link = f'<http://{asked.headers["host"]}/api/things?page={number + 1}>; rel="next"'
        return Reply.of([{"name": str(number)}], *([("Link", link)] if number < 4 else []))

    with serving(answer) as server, api(server.url).session() as session:
        names = [one.name for page in session.pages(THINGS, Call("/things"), linked_page) for one in page]

    assert names == ["1", "2", "3", "4"]


def test_pages_without_end_end(server: RestServer) -> None:
    with api(server.url, most_pages=3).session() as session, pytest.raises(BrokenAnswer, match="beyond 3 pages"):
        list(session.pages(THING, Call("/1"), lambda page, _: Call(f"/{len(server.asked) + 1}")))


def test_a_page_that_names_itself_as_the_next_ends(server: RestServer) -> None:
    with api(server.url).session() as session, pytest.raises(BrokenAnswer, match="in a circle"):
        list(session.pages(THING, Call("/1"), lambda page, _: Call("/1")))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "Tue, 03 Mar 2026 08:00:30 GMT"}, 30),
        ({"retry-after": "Tue, 03 Mar 2026 07:00:00 GMT"}, 0),
        ({"retry-after": "Tuesday, 03-Mar-26 08:00:30 GMT"}, 30),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "Tue, 99 Mar 2026 08:00:30 GMT"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int((NOW + timedelta(seconds=9)).timestamp()))}, 9),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": "1"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "²"}, None),
        ({}, None),
    ],
)
def test_the_time_to_wait_is_read_in_every_form(headers: dict[str, str], wait: float | None) -> None:
    assert asked_wait(429, headers, NOW) == wait


@pytest.mark.parametrize("url", ["things.example", "ftp://things.example", "https://", "", "https://things.example:x"])
def test_what_is_no_address_of_an_api_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError, match="https://host/path"):
        checked_url(url)


@pytest.mark.parametrize("token", ["a\nb", " padded ", "ümlaut", "a\0b"])
def test_a_token_that_no_header_can_carry_is_a_usage_error_that_does_not_repeat_it(token: str) -> None:
    with pytest.raises(UsageError, match="set it anew") as caught:
        authorization("https://things.example", "Bearer", token)
    assert token not in str(caught.value)


def test_what_is_not_there_is_told_apart(server: RestServer) -> None:
    server.fail("", Reply(status=404))

    with pytest.raises(NotFound):
        get(api(server.url))


@contextmanager
def answering(data: bytes, *, hold: bool = False, drip: bool = False) -> Iterator[str]:
    """Accept connections and send the same bytes to each, whatever is asked; `hold` keeps them open after that."""
    listener = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []
    done = False

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            kept.append(connection)
            connection.recv(65536)
            connection.sendall(data)
            while drip and not done:
                try:
                    connection.sendall(b" ")
                except OSError:
                    return
            if not hold:
                connection.close()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        done = True
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        for connection in kept:
            connection.close()
