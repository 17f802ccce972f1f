"""Every adapter: whatever a system does, the investigation goes on in time and names the gap."""

import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import pytest

from api.investigating.parts import open_investigator
from api.investigation.investigations import Investigation
from api.telemetry.live.joined import gather
from api.telemetry.live.sources import LiveSource
from tests.api.telemetry.live.adapted import problems, source
from tests.api.telemetry.live.live_sources import INCIDENT, SCOPE
from tests.api.telemetry.live.local_server import Asked, Reply, serving

KINDS = (
    "prometheus", "loki", "tempo", "jaeger", "elasticsearch", "opensearch", "kubernetes", "argocd", "flux", "github",
    "gitlab",
)  # fmt: skip
LIMITS = {"seconds": 5.0, "bytes": 2_000_000, "at_once": 4}
HASTY = {**LIMITS, "seconds": 0.3}

_ODD = {"data": {"result": [3]}, "items": [None, 3, {}], "hits": 1, "traces": [3]}

FAILURES: dict[str, tuple[Callable[[Asked], Reply], str]] = {
    "slow": (lambda _: Reply(slow=True), "did not answer|time"),
    "wrong credentials": (lambda _: Reply({"message": "who are you"}, 401), r"refused who asks \(HTTP 401\)"),
    "half an answer": (lambda _: Reply({"data": ["x"] * 500}, half=True), "broke off"),
    "100 MB": (lambda _: Reply([], endless=100_000_000), "more than 2,000,000 bytes"),
    "a web page": (lambda _: Reply(b"<html><h1>Welcome</h1>"), "no JSON"),
    "another form": (lambda _: Reply([["odd", 7]]), "."),
    "another form of objects": (
        lambda _: Reply({"data": {"result": [3]}, "items": [None, 3, {}], "hits": 1, "traces": [3]}),
        ".",
    ),
    "an error": (lambda _: Reply({"error": "out of memory"}, 500), "HTTP 500"),
    "overload": (lambda _: Reply({}, 503, {"Retry-After": "30"}), r"too busy to answer \(HTTP 503\)"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "failure", [*list(FAILURES)[:4], *(pytest.param(one, marks=pytest.mark.slow) for one in list(FAILURES)[4:])]
)
def test_what_a_system_does_wrong_is_a_gap_that_is_named_in_time(kind: str, failure: str) -> None:
    answering, why = FAILURES[failure]
    started = time.monotonic()
    with serving(answering) as server:
        found = gather([source(kind, server.url, limits=HASTY if failure == "slow" else LIMITS)], SCOPE)

    assert time.monotonic() - started < 15
    assert any(one.missing for one in found.coverage())
    assert re.search(why, " ".join(problems(found)))
    assert kind in " ".join(problems(found))


@pytest.mark.parametrize("kind", KINDS)
def test_a_system_that_is_down_is_a_gap_and_its_health_says_so(kind: str) -> None:
    with serving(lambda _: Reply({})) as server:
        url = server.url
    asked = source(kind, url, limits=LIMITS)

    found = gather([asked], SCOPE)
    health = asked.health()

    assert "can't be reached" in " ".join(problems(found))
    assert (health.name, health.kind, health.url) == (kind, kind, url)
    assert "can't be reached" in health.problem


@pytest.mark.parametrize("kind", KINDS)
def test_credentials_are_sent_and_never_told(kind: str) -> None:
    with serving(lambda _: Reply({"message": "no"}, 403)) as server:
        asked = source(kind, server.url, limits=LIMITS, auth={"bearer": "tell-nobody"})
        found = gather([asked], SCOPE)
        health = asked.health()

    assert {one.headers["authorization"] for one in server.asked} == {"Bearer tell-nobody"}
    assert "tell-nobody" not in f"{problems(found)} {health}"


def test_an_investigation_of_a_slow_system_ends_and_names_it() -> None:
    with serving(lambda _: Reply(slow=True)) as server:
        told = _investigated([source("loki", server.url, limits=HASTY)])

    assert any("loki: it did not answer" in one.detail for one in told.gaps)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("failure", ["down", *list(FAILURES)[:4]])
def test_an_investigation_ends_in_time_and_names_the_gap_whatever_its_only_source_does(kind: str, failure: str) -> None:
    answering, why = FAILURES.get(failure, (lambda _: Reply({}), "can't be reached"))
    started = time.monotonic()
    with ExitStack() as stack:
        server = stack.enter_context(serving(answering))
        if failure == "down":
            stack.close()
        told = _investigated([source(kind, server.url, limits=HASTY if failure == "slow" else LIMITS)])

    assert time.monotonic() - started < 20
    assert re.search(f"{kind}.*({why})", " ".join(one.detail for one in told.gaps), re.DOTALL)


@pytest.mark.slow
def test_sources_that_take_half_a_minute_are_left_when_their_time_is_up_and_each_is_named() -> None:
    started = time.monotonic()
    with serving(lambda _: Reply(slow=True)) as server:
        told = _investigated([source(kind, server.url) for kind in KINDS])

    assert time.monotonic() - started < 30
    details = " ".join(one.detail for one in told.gaps)
    assert [kind for kind in KINDS if f"{kind}" not in details] == []


def _investigated(sources: Sequence[LiveSource]) -> Investigation:
    found = gather(sources, SCOPE)
    return open_investigator().investigate(INCIDENT, found, emit=lambda _: None, cancelled=threading.Event())
