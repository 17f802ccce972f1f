"""Requests to a connected system: bounded in time, bytes and number, and never more than a reason where they fail."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from api.telemetry.live.asking import Asking, Connection, Unanswered
from api.telemetry.live.sources import Limits
from tests.api.telemetry.live.local_server import Answering, Asked, LocalServer, Reply, serving


@contextmanager
def _asking(answering: Answering, limits: Limits | None = None) -> Iterator[tuple[Asking, LocalServer]]:
    with (
        serving(answering) as server,
        closing(
            Asking(Connection(server.url, (("X-Tenant", "a"),), ("me", "secret")), limits or Limits(5.0))
        ) as asking,
    ):
        yield asking, server


def test_an_answer_is_json_and_every_request_carries_who_asks() -> None:
    with _asking(lambda asked: Reply({"got": asked.query})) as (asking, server):
        got = asking.get("/a", {"q": "x y"}), asking.post_form("/b", {"q": "z"}), asking.post_json("/c", {"d": 1})

    assert got == ({"got": {"q": "x y"}}, {"got": {"q": "z"}}, {"got": {}})
    assert {one.headers["x-tenant"] for one in server.asked} == {"a"}
    assert {one.headers["authorization"] for one in server.asked} == {"Basic bWU6c2VjcmV0"}
    assert server.asked[2].json == {"d": 1}


def test_credentials_are_not_shown_where_a_connection_is_printed() -> None:
    shown = repr(Connection("http://a", (("Authorization", "Bearer tell-nobody"),), ("me", "tell-nobody")))

    assert "tell-nobody" not in shown


@pytest.mark.parametrize(
    ("reply", "why", "spent"),
    [
        (Reply({"error": "bad\nquery"}, 400), r"answered /a with HTTP 400 \('\{\"error\"", False),
        (Reply({}, 401), r"refused who asks \(HTTP 401\)", True),
        (Reply({}, 403), r"refused who asks \(HTTP 403\)", True),
        (Reply({}, 302, {"Location": "http://elsewhere"}), "sends us elsewhere", False),
        (Reply(b"<html>hello"), "no JSON", False),
        (Reply(b"[" * 200_000), "no JSON", False),
        (Reply({"a": "b" * 4000}, half=True), "broke off", False),
        (Reply(b"no gzip", headers={"Content-Encoding": "gzip"}), "broke off or can't be read", False),
    ],
)
def test_what_goes_wrong_is_a_reason(reply: Reply, why: str, spent: bool) -> None:
    with _asking(lambda _: reply) as (asking, _), pytest.raises(Unanswered, match=why) as raised:
        asking.get("/a")

    assert raised.value.spent is spent


def test_a_server_that_is_down_is_named_at_once() -> None:
    with serving(lambda _: Reply({})) as server:
        url = server.url
    with (
        closing(Asking(Connection(url), Limits(5.0))) as asking,
        pytest.raises(Unanswered, match="is it running") as at,
    ):
        asking.get("/a")

    assert at.value.spent


def test_a_slow_server_is_left_when_the_time_is_up() -> None:
    started = time.monotonic()
    with _asking(lambda _: Reply(slow=True), Limits(seconds=0.3)) as (asking, _):
        with pytest.raises(Unanswered, match="did not answer /a within") as raised:
            asking.get("/a")
        with pytest.raises(Unanswered, match=r"0\.3 s that it may take were up"):
            asking.get("/b")

    assert raised.value.spent
    assert time.monotonic() - started < 10


def test_a_long_answer_is_read_only_as_far_as_the_limit() -> None:
    with (
        _asking(lambda _: Reply({}, endless=100_000_000), Limits(20.0, bytes=1_000_000)) as (asking, server),
        pytest.raises(Unanswered, match="more than 1,000,000 bytes"),
    ):
        asking.get("/a")

    assert server.sent < 50_000_000


def test_a_small_answer_that_unpacks_to_a_large_one_is_stopped_too() -> None:
    packed = gzip.compress(b" " * 30_000_000)
    reply = Reply(packed, headers={"Content-Encoding": "gzip"})
    with (
        _asking(lambda _: reply, Limits(20.0, bytes=1_000_000)) as (asking, _),
        pytest.raises(Unanswered, match="more than 1,000,000 bytes"),
    ):
        asking.get("/a")


@pytest.mark.parametrize("packing", ["zstd", "gzip, gzip", "br"])
def test_what_is_packed_in_a_way_that_was_not_asked_for_is_not_unpacked(packing: str) -> None:
    packed = gzip.compress(gzip.compress(b" " * 30_000_000))
    reply = Reply(packed, 500 if packing == "br" else 200, {"Content-Encoding": packing})
    with (
        _asking(lambda _: reply, Limits(20.0, bytes=1_000_000)) as (asking, server),
        pytest.raises(Unanswered, match=f"packed as '{packing}'"),
    ):
        asking.get("/a")

    assert server.asked[0].headers["accept-encoding"] == "gzip"


def test_the_bytes_of_all_answers_count_together() -> None:
    with _asking(lambda _: Reply("x" * 600), Limits(5.0, bytes=1_000)) as (asking, _):
        first = asking.get("/a")
        with pytest.raises(Unanswered, match="more than 1,000 bytes"):
            asking.get("/a")

    assert first == "x" * 600


def test_who_is_too_busy_is_asked_again_after_the_time_that_it_names() -> None:
    replies = iter([Reply({}, 429, {"Retry-After": "0"}), Reply({}, 503), Reply({"ok": 1})])
    with _asking(lambda _: next(replies)) as (asking, server):
        got = asking.get("/a")

    assert got == {"ok": 1}
    assert len(server.asked) == 3


def test_who_is_too_busy_for_longer_than_there_is_time_is_named() -> None:
    with (
        _asking(lambda _: Reply({}, 503, {"Retry-After": "60"}), Limits(2.0)) as (asking, server),
        pytest.raises(Unanswered, match=r"too busy to answer \(HTTP 503\), and there is no time"),
    ):
        asking.get("/a")

    assert len(server.asked) == 1


def test_no_more_are_asked_at_the_same_time_than_the_limit() -> None:
    gate = threading.Barrier(2, timeout=10)

    def answering(asked: Asked) -> Reply:
        gate.wait()
        return Reply(asked.path)

    with _asking(answering, Limits(20.0, at_once=2)) as (asking, server):
        got = list(asking.each(asking.get, [f"/{number}" for number in range(8)]))

    assert got == [f"/{number}" for number in range(8)]
    assert server.most_at_once == 2


def test_nothing_is_asked_once_it_is_closed() -> None:
    with _asking(lambda _: Reply(json.dumps({}))) as (asking, server):
        asking.close()
        with pytest.raises(Unanswered, match="not asked any more"):
            asking.get("/a")

    assert server.asked == []
