"""Parsed rows of large files, kept for later readings."""

import os
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from api.errors import TelemetryUnreadable
from api.telemetry.batches import Kind, Tally, batches
from api.telemetry.spooling import Spools
from tests.api.telemetry.bundle_folder import lines, log

COLUMNS: Mapping[str, Kind] = {"time": "either", "component": "text", "message": "text"}
NEEDED = ("time", "component")


def _logs(folder: Path, count: int = 5_000, broken: str = "") -> Path:
    file = folder / "logs.jsonl"
    file.write_text(lines([log(at) for at in range(count)]) + broken, encoding="utf-8")
    return file


def _rows(found: Any) -> list[dict[str, Any]]:
    return [row for batch in found for row in batch.to_pylist()]


def test_a_second_reading_gives_the_same_rows_and_counts_without_the_text(tmp_path: Path) -> None:
    file, spools = _logs(tmp_path, broken="{cut off\n"), Spools(least=0)
    plain, first, second = Tally(file), Tally(file), Tally(file)

    expected = _rows(batches(file, COLUMNS, NEEDED, plain))
    found = _rows(spools.batches(file, COLUMNS, NEEDED, first))
    text = file.read_bytes()
    about = file.stat()
    file.write_bytes(b" " * len(text))
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    again = _rows(spools.batches(file, COLUMNS, NEEDED, second))

    assert found == expected
    assert again == expected
    assert str(first) == str(second) == str(plain)
    assert (second.lines, second.broken, second.first) == (5_001, 1, 5_001)


def test_a_file_that_changed_is_parsed_anew(tmp_path: Path) -> None:
    file, spools = _logs(tmp_path, count=3), Spools(least=0)
    _rows(spools.batches(file, COLUMNS, NEEDED, Tally(file)))
    _logs(tmp_path, count=5)

    assert len(_rows(spools.batches(file, COLUMNS, NEEDED, Tally(file)))) == 5


def test_several_threads_read_at_once_and_one_may_stop_half_way(tmp_path: Path) -> None:
    file, spools = _logs(tmp_path), Spools(least=0)
    next(iter(spools.batches(file, COLUMNS, NEEDED, Tally(file))))

    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda _: len(_rows(spools.batches(file, COLUMNS, NEEDED, Tally(file)))), range(4)))

    assert read == [5_000] * 4


def test_a_broken_file_is_told_at_every_reading(tmp_path: Path) -> None:
    file, spools = _logs(tmp_path, count=5, broken="nonsense\n" * 30), Spools(least=0)

    for _ in range(2):
        with pytest.raises(TelemetryUnreadable, match="30 of 35 lines can't be read"):
            _rows(spools.batches(file, COLUMNS, NEEDED, Tally(file)))


def test_an_empty_or_missing_file_is_read_as_ever(tmp_path: Path) -> None:
    empty, missing = tmp_path / "empty.jsonl", tmp_path / "missing.jsonl"
    empty.touch()

    assert not _rows(Spools(least=0).batches(empty, COLUMNS, NEEDED, Tally(empty)))
    with pytest.raises(TelemetryUnreadable, match="cannot read"):
        _rows(Spools(least=0).batches(missing, COLUMNS, NEEDED, Tally(missing)))


def test_without_room_for_it_a_file_is_parsed_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, spools = _logs(tmp_path, count=7), Spools(least=0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))

    counted = [len(_rows(spools.batches(file, COLUMNS, NEEDED, Tally(file)))) for _ in range(2)]

    assert counted == [7, 7]
