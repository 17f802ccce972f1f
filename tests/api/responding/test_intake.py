"""Messages that wait together are written together; none is lost, and none is said to be kept that isn't."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from api.incidents.alerts import Alert
from api.responding.intake import Busy, Intake, IntakeLimits
from ingest.errors import StorageFailed
from tests.api.alerting import alert
from tests.api.investigating.offices import wait_until


class _Writer:
    """Writes when its gate is open, and fails while `error` is set, or for what has the name of an odd alert."""

    def __init__(self) -> None:
        self.gate, self.began = threading.Event(), threading.Event()
        self.batches: list[list[str]] = []
        self.error: BaseException | None = None
        self.odd: dict[str, BaseException] = {}
        self.asked = 0

    def __call__(self, alerts: Sequence[Alert]) -> list[str]:
        self.began.set()
        self.gate.wait(10)
        self.asked += 1
        if odd := next((self.odd[one.name] for one in alerts if one.name in self.odd), None):
            raise odd
        if self.error is not None:
            raise self.error
        self.batches.append([one.name for one in alerts])
        return [f"kept {one.name}" for one in alerts]


@contextmanager
def _opened(limits: IntakeLimits | None = None) -> Iterator[tuple[_Writer, Intake[str]]]:
    writer = _Writer()
    intake = Intake[str](writer, limits)
    yield writer, intake
    writer.gate.set()
    intake.close()


def test_what_waits_is_written_together_and_each_hears_of_its_own() -> None:
    with _opened() as (writer, intake):
        first = intake.submit([alert("a")])
        writer.began.wait(10)
        others = [intake.submit([alert(name), alert(f"{name}2")]) for name in "bcd"]
        writer.gate.set()

        assert first.result(10) == ["kept a"]
        assert [one.result(10) for one in others] == [[f"kept {name}", f"kept {name}2"] for name in "bcd"]
        assert writer.batches == [["a"], ["b", "b2", "c", "c2", "d", "d2"]]


def test_no_more_are_written_together_than_is_set_unless_one_message_is_longer() -> None:
    with _opened(IntakeLimits(waiting=100, together=2)) as (writer, intake):
        intake.submit([alert("a")])
        writer.began.wait(10)
        waiting = [intake.submit([alert("b")] * count) for count in (1, 1, 1, 5)]
        writer.gate.set()
        for one in waiting:
            one.result(10)

        assert [len(one) for one in writer.batches] == [1, 2, 1, 5]


def test_a_full_queue_says_so_and_keeps_what_it_took() -> None:
    with _opened(IntakeLimits(waiting=3, together=2)) as (writer, intake):
        intake.submit([alert("a")])
        writer.began.wait(10)
        waiting = intake.submit([alert("b")] * 3)

        with pytest.raises(Busy, match="3 alerts wait"):
            intake.submit([alert("c")])

        writer.gate.set()
        assert len(waiting.result(10)) == 3


@pytest.mark.parametrize("error", [StorageFailed("disk is full"), RuntimeError("a bug")])
def test_whoever_waits_hears_of_a_failure_and_the_next_are_written(error: BaseException) -> None:
    with _opened() as (writer, intake):
        writer.gate.set()
        writer.error = error
        failed = intake.submit([alert("a")])
        with pytest.raises(StorageFailed):
            failed.result(10)

        writer.error = None

        assert intake.submit([alert("b")]).result(10) == ["kept b"]


@pytest.mark.parametrize("error", [StorageFailed("it can't be kept"), ValueError("a bug")])
def test_a_message_that_cannot_be_written_does_not_hold_back_those_that_wait_with_it(error: BaseException) -> None:
    with _opened() as (writer, intake):
        intake.submit([alert("a")])
        writer.began.wait(10)
        writer.odd = {"c": error}
        waiting = [intake.submit([alert(name), alert(f"{name}2")]) for name in "bcd"]
        writer.gate.set()

        assert waiting[0].result(10) == ["kept b", "kept b2"]
        assert waiting[2].result(10) == ["kept d", "kept d2"]
        with pytest.raises(StorageFailed):
            waiting[1].result(10)


def test_where_nothing_can_be_written_not_each_message_is_tried_by_itself() -> None:
    with _opened() as (writer, intake):
        intake.submit([alert("a")])
        writer.began.wait(10)
        waiting = [intake.submit([alert("b")]) for _ in range(50)]
        writer.error = StorageFailed("disk is full")
        writer.gate.set()

        for one in waiting:
            with pytest.raises(StorageFailed, match="disk is full"):
                one.result(10)
        assert writer.asked <= 4


def test_closing_writes_what_waits_and_refuses_the_rest() -> None:
    with _opened() as (writer, intake):
        intake.submit([alert("a")])
        writer.began.wait(10)
        waiting = intake.submit([alert("b")])
        closing = threading.Thread(target=intake.close)
        closing.start()
        wait_until(lambda: _is_refused(intake))
        writer.gate.set()
        closing.join(10)

        assert waiting.result(0) == ["kept b"]


def test_nothing_is_done_at_once() -> None:
    with _opened() as (_, intake):
        assert intake.submit([]).result(0) == []


def test_whoever_stops_waiting_takes_nothing_back() -> None:
    with _opened() as (writer, intake):
        waiting = intake.submit([alert("a")])

        assert not waiting.cancel()
        writer.gate.set()
        assert waiting.result(10) == ["kept a"]


def _is_refused(intake: Intake[str]) -> bool:
    submit: Callable[[list[Alert]], object] = intake.submit
    try:
        submit([alert("late")])
    except Busy:
        return True
    return False
