"""Requests to a system on loopback that takes, refuses, waits, breaks off or sends elsewhere."""

import random
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from api.notifications.posting import Posting
from api.notifications.retrying import Patience
from api.notifications.transport import HttpTransport, Outcome, Try, retry_after, tried
from tests.api.telemetry.live.local_server import Asked, LocalServer, Reply, serving

SECRET = "tell-nobody-0123"
NOW = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)


def _answer(asked: Asked) -> Reply:
    match asked.path:
        case "/busy":
            return Reply("later", 429, {"Retry-After": "7"})
        case "/moved":
            return Reply("", 302, {"Location": "http://127.0.0.1:1/elsewhere"})
        case "/slow":
            return Reply("", slow=True)
        case "/half":
            return Reply("a long answer", half=True)
        case "/endless":
            return Reply("ok", endless=50_000_000)
        case "/echo":
            return Reply({"you sent": asked.headers.get("authorization")}, 401)
        case path if path[1:].isdigit():
            return Reply("said", int(path[1:]))
        case _:
            return Reply("ok")


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with serving(_answer) as served:
        yield served


def _try(server: LocalServer, path: str, seconds: float = 5.0) -> Try:
    posting = Posting(f"{server.url}{path}", {"Authorization": f"Bearer {SECRET}"}, b"{}")
    with closing(HttpTransport()) as transport:
        return tried(transport, posting, seconds=seconds, secrets=(SECRET,))


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("/ok", Outcome.DELIVERED),
        ("/202", Outcome.DELIVERED),
        ("/400", Outcome.REFUSED),
        ("/401", Outcome.REFUSED),
        ("/404", Outcome.REFUSED),
        ("/410", Outcome.REFUSED),
        ("/408", Outcome.LATER),
        ("/busy", Outcome.LATER),
        ("/500", Outcome.LATER),
        ("/503", Outcome.LATER),
        ("/half", Outcome.LATER),
        ("/moved", Outcome.REFUSED),
    ],
)
def test_what_came_back_decides_whether_it_is_tried_again(server: LocalServer, path: str, outcome: Outcome) -> None:
    assert _try(server, path).outcome is outcome


def test_a_redirect_is_not_followed(server: LocalServer) -> None:
    done = _try(server, "/moved")

    assert "sends us elsewhere" in done.told
    assert "/elsewhere" not in server.paths()


def test_an_answer_that_does_not_come_is_given_up_in_time(server: LocalServer) -> None:
    begun = time.monotonic()
    done = _try(server, "/slow", seconds=0.2)

    assert (done.outcome, done.told) == (Outcome.LATER, "it did not answer within 0.2 s")
    assert time.monotonic() - begun < 2


def test_of_an_endless_answer_little_is_read(server: LocalServer) -> None:
    done = _try(server, "/endless")

    assert done.reply is not None
    assert len(done.reply.body) <= 2_000_000


def test_a_system_that_is_not_there_is_tried_again() -> None:
    with closing(HttpTransport()) as transport:
        done = tried(transport, Posting("http://127.0.0.1:1/"), seconds=1, secrets=())

    assert done.outcome is Outcome.LATER


def test_a_secret_that_comes_back_is_not_told(server: LocalServer) -> None:
    done = _try(server, "/echo")

    assert done.outcome is Outcome.REFUSED
    assert "[hidden]" in done.told
    assert SECRET not in done.told


def test_how_long_to_wait_is_read_from_the_answer(server: LocalServer) -> None:
    reply = _try(server, "/busy").reply

    assert reply is not None
    assert reply.retry_after == 7.0


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("120", 120.0), ("Fri, 01 May 2026 03:01:00 GMT", 60.0), ("Fri, 01 May 2020 03:01:00 GMT", 0.0), ("soon", None)],
)
def test_retry_after_is_seconds_or_a_date(told: str, seconds: float | None) -> None:
    assert retry_after(told, NOW) == seconds


def test_pauses_double_with_jitter_and_keep_to_what_was_told() -> None:
    patience, chance = Patience(), random.Random(7)

    pauses = [[patience.pause(attempts, None, chance) for _ in range(50)] for attempts in (1, 2, 5, 40)]
    assert [
        (min(some) >= most / 2, max(some) <= most) for some, most in zip(pauses, (2, 4, 32, 3600), strict=True)
    ] == ([(True, True)] * 4)
    assert len(set(pauses[0])) > 10
    assert patience.pause(1, 90.0, chance) == 90.0


def test_it_is_given_up_after_so_many_tries_or_so_long() -> None:
    patience = Patience(attempts=3, within=timedelta(hours=1))

    assert not patience.is_over(2, timedelta(minutes=10), 60)
    assert patience.is_over(3, timedelta(minutes=10), 60)
    assert patience.is_over(1, timedelta(minutes=10), 3600)
