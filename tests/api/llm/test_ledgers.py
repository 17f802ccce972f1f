"""What ledgers keep: one contract for memory and file, and what a file survives."""

import multiprocessing
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.errors import LanguageModelError
from api.llm.budget import Ledger, Spending
from api.llm.ledgers import FileLedger, MemoryLedger

TODAY = date(2026, 11, 23)


@pytest.fixture(params=["memory", "file"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Ledger:
    return MemoryLedger() if request.param == "memory" else FileLedger(tmp_path / "new" / "budget.json")


def test_nothing_is_spent_at_first(ledger: Ledger) -> None:
    assert ledger.spent(TODAY) == Spending()


def test_amounts_add_up_by_day(ledger: Ledger) -> None:
    sums = [ledger.add(TODAY, Spending(10, 3)), ledger.add(TODAY, Spending(-4, 2))]
    ledger.add(TODAY + timedelta(days=1), Spending(1, 1))

    assert sums == [Spending(10, 3), Spending(6, 5)]
    assert ledger.spent(TODAY) == Spending(6, 5)


def test_threads_lose_no_amount(ledger: Ledger) -> None:
    threads = [
        threading.Thread(target=lambda: [ledger.add(TODAY, Spending(1, 2)) for _ in range(10)]) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ledger.spent(TODAY) == Spending(50, 100)


def test_a_file_outlives_its_process(tmp_path: Path) -> None:
    FileLedger(tmp_path / "budget.json").add(TODAY, Spending(10, 3))

    assert FileLedger(tmp_path / "budget.json").spent(TODAY) == Spending(10, 3)


def test_processes_lose_no_amount(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_add_often, args=(tmp_path / "budget.json",)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert FileLedger(tmp_path / "budget.json").spent(TODAY) == Spending(60, 0)


def test_old_days_are_dropped(tmp_path: Path) -> None:
    ledger = FileLedger(tmp_path / "budget.json")
    ledger.add(TODAY, Spending(10, 3))
    ledger.add(TODAY + timedelta(days=40), Spending(1, 1))

    assert ledger.spent(TODAY) == Spending()


def test_only_the_file_and_its_lock_are_left(tmp_path: Path) -> None:
    FileLedger(tmp_path / "budget.json").add(TODAY, Spending(10, 3))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["budget.json", "budget.lock"]


@pytest.mark.parametrize("content", ["", "{", '{"days": {"today": {}}}', '{"days": {"2026-11-23": {"tokens": "x"}}}'])
def test_a_damaged_file_stops_all_spending(tmp_path: Path, content: str) -> None:
    path = tmp_path / "budget.json"
    path.write_text(content)

    with pytest.raises(LanguageModelError, match=r"budget.json' is damaged.*remove it"):
        FileLedger(path).add(TODAY, Spending(1, 1))

    assert path.read_text() == content


@pytest.mark.parametrize("use", [lambda ledger: ledger.add(TODAY, Spending()), lambda ledger: ledger.spent(TODAY)])
def test_a_place_that_cannot_be_written_stops_all_spending(tmp_path: Path, use: Callable[[FileLedger], object]) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(LanguageModelError, match="cannot be read or written"):
        use(FileLedger(tmp_path / "file" / "budget.json"))


def _add_often(path: Path) -> None:
    for _ in range(20):
        FileLedger(path).add(TODAY, Spending(1, 0))
