"""Several sources asked at once: each fails alone, and what is missing is told by name."""

import threading
import time
from collections.abc import Callable

import pytest

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Edge
from api.telemetry.live.joined import gather
from tests.api.telemetry.live.live_sources import SCOPE, WINDOW, FakeSource, down, odd


def test_what_several_sources_tell_is_one_recording_with_each_named() -> None:
    found = gather([FakeSource("a"), FakeSource("b")], SCOPE)

    assert {one.instance for one in found.series(WINDOW)} == {"a", "b"}
    assert [one.title for one in found.happenings(found.facts[0].window or WINDOW)] == ["deploy by a", "deploy by b"]
    assert found.edges() == (Edge("front", "cart"),)
    assert [(one.source, one.instance, one.missing) for one in found.coverage()] == [
        (SourceClass.CHANGE, "a", ""), (SourceClass.METRIC, "a", ""),
        (SourceClass.CHANGE, "b", ""), (SourceClass.METRIC, "b", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(("stop", "why"), [(down, "b: it is down"), (odd, "b: its answer was not as expected")])
def test_a_source_that_fails_is_missing_and_the_others_stay(stop: Callable[[], None], why: str) -> None:
    found = gather([FakeSource("a"), FakeSource("b", stop)], SCOPE)

    missing = [(one.instance, one.source, one.missing) for one in found.coverage() if one.missing]
    assert {one.instance for one in found.series(WINDOW)} == {"a"}
    assert len(missing) == 1
    assert missing[0][:2] == ("b", SourceClass.METRIC)
    assert why in missing[0][2]


def test_a_source_that_comes_to_no_end_is_left_behind() -> None:
    never = threading.Event()

    def waits() -> None:
        never.wait()

    started = time.monotonic()
    try:
        found = gather([FakeSource("a"), FakeSource("b", waits)], SCOPE, patience=0.5)
    finally:
        never.set()

    assert time.monotonic() - started < 20
    assert {one.instance for one in found.series(WINDOW)} == {"a"}
    assert [one.missing for one in found.coverage() if one.instance == "b" and one.missing] == [
        "b came to no end within 0.5 s"
    ]


def test_changes_of_the_week_before_are_asked_for() -> None:
    found = gather([FakeSource("a")], SCOPE)

    change = next(one for one in found.coverage() if one.source is SourceClass.CHANGE)
    assert change.window is not None
    assert WINDOW.start - change.window.start == 7 * 86_400_000_000
