"""The fault matrix sees what is lost, double or half-written, and a fault leaves nothing of it."""

import time
from datetime import datetime
from pathlib import Path

import pytest

from evals.fault_clock import move_clock
from evals.fault_material import probes, version
from evals.fault_state import Damage, Held, damage_after_fault
from evals.fault_strikes import all_faults
from evals.faults import FaultReport, Row, as_markdown, run_matrix
from ingest.knowledge import manifest_archive

OLD = Held(1, {"a": "old a", "b": "old b"}, {"a": 1, "b": 1}, 0, (), {})
NEW = Held(2, {"a": "new a", "b": "new b"}, {"a": 1, "b": 1}, 0, (), {})


def test_a_document_that_is_not_served_any_more_is_lost() -> None:
    found = Held(2, {"a": "new a"}, {"a": 1}, 0, (), {})

    assert damage_after_fault(found, OLD, NEW, mixed=True) == Damage(lost=1)


@pytest.mark.parametrize(("mixed", "half_written"), [(True, 0), (False, 1)])
def test_documents_of_two_versions_are_half_written_unless_the_source_failed(mixed: bool, half_written: int) -> None:
    found = Held(2, {"a": "new a", "b": "old b"}, {"a": 1, "b": 1}, 0, (), {})

    assert len(damage_after_fault(found, OLD, NEW, mixed=mixed).half_written) == half_written


def test_a_document_in_neither_version_and_one_that_is_torn_are_half_written() -> None:
    found = Held(2, {"a": "half", "b": "old b"}, {"a": 1, "b": 1}, 0, ("b",), {})

    assert len(damage_after_fault(found, OLD, NEW, mixed=True).half_written) == 2


def test_the_second_version_keeps_the_probed_documents_and_drops_and_adds_two() -> None:
    old, new = version(1), version(2)

    assert len(old.keys() - new.keys()) == len(new.keys() - old.keys()) == 2
    assert all(old[path] == new[path] for path in probes().values())
    assert sum(old.get(path) != text for path, text in new.items()) > 64, "more than one batch of files"


def test_every_fault_of_the_matrix_has_its_own_line() -> None:
    faults = [(fault.kind, fault.how) for fault in all_faults()]

    assert len(faults) == len(set(faults))
    assert {kind for kind, _ in faults} == {
        "SIGKILL",
        "disk full",
        "index directory read-only",
        "source gone half-way",
        "source returning errors",
        "clock moved back",
        "two syncs at once",
    }


def test_a_report_is_clean_only_where_nothing_is_amiss_and_every_question_was_answered() -> None:
    good = Row("SIGKILL", "somewhere", Damage(), 2, 2, "")

    assert FaultReport((good,)).clean
    assert not FaultReport((good, Row("SIGKILL", "elsewhere", Damage(lost=1), 2, 2, ""))).clean
    assert not FaultReport((good, Row("SIGKILL", "elsewhere", Damage(), 1, 2, ""))).clean
    assert "| SIGKILL | somewhere | 0 | 0 | 0 | 2 of 2 |" in as_markdown(FaultReport((good,)))


@pytest.mark.slow
def test_a_kill_in_the_middle_of_writing_leaves_nothing_amiss(tmp_path: Path) -> None:
    fault = next(one for one in all_faults() if "written to it (no. 50)" in one.how)

    report = run_matrix([fault], tmp_path)

    assert report.clean
    assert report.rows[0].message == "(ended by signal 9; it says nothing)"


def test_the_clock_of_our_modules_can_be_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", time.time)  # put back afterwards what is moved now
    loaded = {"ingest.knowledge.manifest_archive": manifest_archive}
    monkeypatch.setattr("ingest.knowledge.manifest_archive.datetime", datetime)
    monkeypatch.setattr("sys.modules", loaded)
    before = manifest_archive.now()

    move_clock(-400)

    assert manifest_archive.now()[:4] < before[:4]
