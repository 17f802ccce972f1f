"""Investigations that outlive their process: taken up again, not begun for ever, each written by one process only."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.investigating.holders import Holder, this_process
from api.investigating.recording import Recorder
from api.investigation.investigations import Stage, Step
from api.schemas.investigation_forms import to_step
from api.schemas.investigation_runs import RunState
from api.storage.database import Database
from api.storage.investigation_claims import ClaimLost, ClaimTable, Outcome
from ingest.errors import StorageFailed
from tests.api.investigated import FakeInvestigator
from tests.api.investigating.offices import Office, open_office, wait_until

_NO_PROCESS = 2**22 + 1  # above the largest number that Linux gives

_HANGING = """
import sys, threading
from pathlib import Path
from tests.api.investigated import FakeInvestigator
from tests.api.investigating.offices import open_office

investigator = FakeInvestigator(("one", "two"))
investigator.gate.clear()
office = open_office(Path(sys.argv[1]), investigator)
office.ask("a")
investigator.said.wait()
print("said", flush=True)
threading.Event().wait()
"""


def _now() -> datetime:
    return datetime.now(UTC)


def _dead(office: Office) -> ClaimTable:
    """Return the claims of a process of this machine that has ended."""
    holder = Holder(this_process().host, _NO_PROCESS, "dead")
    return ClaimTable(office.database, str(holder), gone=lambda _other: False)


def _texts(office: Office, investigation_id: str) -> list[tuple[int, str]]:
    return [(one.number, one.text) for one in office.desk.steps(investigation_id, after=0)]


def test_what_is_at_work_at_the_end_of_a_process_is_taken_up_by_the_next(tmp_path: Path) -> None:
    slow = FakeInvestigator(("one", "two"))
    slow.gate.clear()
    with closing(open_office(tmp_path, slow)) as first:
        asked = first.ask("a")
        wait_until(slow.said.is_set)

    with closing(open_office(tmp_path, FakeInvestigator(("two", "one", "three")))) as second:
        ended = second.ended(asked.id)

        assert (ended.state, ended.attempts) == (RunState.DONE, 1)
        assert _texts(second, asked.id) == [(1, "one"), (2, "two"), (3, "three"), (4, "settled")]


@pytest.mark.slow
def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", _HANGING, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"said\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()

    with closing(open_office(tmp_path, FakeInvestigator(("one", "two")))) as office:
        asked = office.desk.page(state=None, offset=0, limit=1).investigations[0]
        ended = office.ended(asked.id)

        assert (ended.state, ended.attempts) == (RunState.DONE, 2)
        assert _texts(office, asked.id) == [(1, "one"), (2, "two"), (3, "settled")]


def test_one_whose_bundle_is_gone_is_marked_as_interrupted_with_the_reason(tmp_path: Path) -> None:
    with closing(open_office(tmp_path, FakeInvestigator(), work=False)) as office:
        asked = office.ask("a")
        assert _dead(office).take(_now()) is not None
        (tmp_path / "bundles" / "a").rmdir()
        office.desk.open()

        ended = office.ended(asked.id)

        assert ended.state is RunState.INTERRUPTED
        assert "its process ended half-way" in ended.error
        assert "no bundle 'a' any more" in ended.error


def test_one_that_ends_its_process_each_time_is_not_begun_for_ever(tmp_path: Path) -> None:
    investigator = FakeInvestigator()
    with closing(open_office(tmp_path, investigator, work=False)) as office:
        asked = office.ask("a")
        for number in range(3):
            holder = Holder(this_process().host, _NO_PROCESS + number, "dead")
            claims = ClaimTable(office.database, str(holder), gone=lambda _other: True)
            assert claims.take(_now()) is not None
        office.desk.open()

        ended = office.ended(asked.id)

        assert (ended.state, investigator.runs) == (RunState.INTERRUPTED, 0)
        assert "begun 3 times" in ended.error


def test_one_that_lives_elsewhere_is_left_alone_until_its_claim_lapses(tmp_path: Path) -> None:
    with closing(open_office(tmp_path, FakeInvestigator(), work=False)) as office:
        asked = office.ask("a")
        other = ClaimTable(office.database, "run 1 elsewhere", gone=lambda _other: False)
        mine = ClaimTable(office.database, str(this_process()), gone=this_process().is_gone)
        assert other.take(_now()) is not None

        at_once, later = mine.take(_now()), mine.take(_now() + timedelta(seconds=61))

        assert at_once is None
        assert later is not None
        assert (later.investigation_id, later.attempts) == (asked.id, 2)
        with pytest.raises(ClaimLost):
            other.append(asked.id, [to_step(Step(1, Stage.PLAN, "", "late"))])
        with pytest.raises(ClaimLost):
            other.finish(asked.id, Outcome(RunState.FAILED, "late"), _now())
        assert other.keep([asked.id], _now()) == {asked.id}
        assert mine.keep([asked.id], _now()) == set()


def test_many_processes_take_each_one_once(tmp_path: Path) -> None:
    with closing(open_office(tmp_path, FakeInvestigator(), work=False)) as office:
        asked = {office.ask(f"b{number}").id for number in range(12)}
        taken: list[str] = []

        def take(number: int) -> None:
            with closing(Database(f"sqlite:///{tmp_path / 'groundwatch.sqlite'}")) as database:
                claims = ClaimTable(database, f"run {number} host", gone=lambda _other: False)
                mine: list[str] = []
                while (claim := claims.take(_now(), besides=mine)) is not None:
                    mine.append(claim.investigation_id)
                taken.extend(mine)

        threads = [threading.Thread(target=take, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(taken) == 12
        assert set(taken) == asked


def test_one_that_this_process_dropped_is_taken_again_and_one_at_work_is_not(tmp_path: Path) -> None:
    with closing(open_office(tmp_path, FakeInvestigator(), work=False)) as office:
        asked = office.ask("a")
        claims = ClaimTable(office.database, "run 1 host", gone=lambda _other: False)
        claims.take(_now())

        assert claims.take(_now(), besides=[asked.id]) is None
        assert claims.take(_now()) is not None


def test_steps_of_many_threads_get_numbers_without_holes(tmp_path: Path) -> None:
    with closing(open_office(tmp_path, FakeInvestigator(), work=False)) as office:
        asked = office.ask("a")
        claims = ClaimTable(office.database, "run 1 host", gone=lambda _other: False)
        claims.take(_now())
        recorder = Recorder(claims, asked.id, earlier=(), give_up=threading.Event())

        def say(name: int) -> None:
            for number in range(25):
                recorder.emit(Step(1, Stage.QUERY, f"s{name}", f"{number}"))

        threads = [threading.Thread(target=say, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        recorder.end()

        steps = office.desk.steps(asked.id, after=0)
        assert [one.number for one in steps] == list(range(1, 101))
        for name in range(4):
            assert [one.text for one in steps if one.specialist == f"s{name}"] == [f"{n}" for n in range(25)]


def test_a_database_that_fails_stops_the_investigation_and_says_why() -> None:
    class Full:
        def append(self, investigation_id: str, steps: object) -> int:
            raise StorageFailed("the disk is full")

    give_up = threading.Event()
    recorder = Recorder(Full(), "a", earlier=(), give_up=give_up)

    recorder.emit(Step(1, Stage.PLAN, "", "begins"))

    assert give_up.wait(5)
    recorder.emit(Step(2, Stage.PLAN, "", "goes on"))
    with pytest.raises(StorageFailed, match="disk is full"):
        recorder.end()


def test_a_holder_is_gone_only_where_that_is_certain() -> None:
    me = this_process()

    assert not me.is_gone(str(me))
    assert me.is_gone(str(Holder(me.host, me.pid, "earlier")))
    assert me.is_gone(str(Holder(me.host, _NO_PROCESS, "x")))
    assert not me.is_gone(str(Holder(me.host, os.getppid(), "x")))
    assert not me.is_gone(str(Holder("elsewhere", _NO_PROCESS, "x")))
    assert not me.is_gone("")


def test_closing_does_not_wait_for_what_does_not_stop(tmp_path: Path) -> None:
    office = open_office(tmp_path, FakeInvestigator())

    started = time.monotonic()
    office.close()

    assert time.monotonic() - started < 2
