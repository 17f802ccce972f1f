"""The journal: on disk before it is acknowledged, bounded, and read up to its last whole record."""

import time
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest

from api.telemetry.otlp.journal import Bounds, Entry, Full, Journal, entries_in
from api.telemetry.otlp.requests import OtlpSignal
from ingest.errors import StorageFailed


def entry(payload: bytes = b"payload", signal: OtlpSignal = OtlpSignal.LOGS) -> Entry:
    return Entry(signal, 1_790_000_000.5, payload)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path)
    yield opened
    opened.close()


def test_what_is_acknowledged_is_in_the_file(journal: Journal, tmp_path: Path) -> None:
    done = [journal.take(entry(b"%d" % number)) for number in range(20)]
    wait(done)

    files = list(tmp_path.glob("*.journal"))
    assert [one.payload for one in entries_in(files[0])] == [b"%d" % number for number in range(20)]
    assert next(entries_in(files[0])) == entry(b"0")


def test_a_torn_end_is_left_out_and_what_stands_before_it_is_read(journal: Journal, tmp_path: Path) -> None:
    wait([journal.take(entry(b"a" * 100)), journal.take(entry(b"b" * 100))])
    journal.close()
    file = next(tmp_path.glob("*.journal"))
    whole = file.read_bytes()

    for cut in (1, 60, 110):
        file.write_bytes(whole[:-cut])
        assert [one.payload[:1] for one in entries_in(file)] == [b"a"]
    file.write_bytes(whole[:-30] + b"x" + whole[-29:])
    assert [one.payload[:1] for one in entries_in(file)] == [b"a"]
    file.write_bytes(whole + b"\x00" * 500)
    assert len(list(entries_in(file))) == 2


def test_a_file_is_closed_when_it_is_asked_for_and_the_next_one_has_the_next_number(
    journal: Journal, tmp_path: Path
) -> None:
    wait([journal.take(entry())])
    journal.rotate()
    deadline = time.monotonic() + 5
    while journal.is_writing and time.monotonic() < deadline:
        time.sleep(0.005)
    wait([journal.take(entry())])

    assert [one.name for one in journal.ready] == ["000000000001.journal"]
    assert len(list(tmp_path.glob("*.journal"))) == 2


def test_too_much_at_once_is_refused_with_when_to_come_back(tmp_path: Path) -> None:
    journal = Journal(tmp_path, bounds=Bounds(waiting_bytes=10))
    with journal._changed:  # its thread takes nothing meanwhile
        first = journal.take(entry(b"x" * 100))
        with pytest.raises(Full) as refused:
            journal.take(entry())
    journal.close()

    assert refused.value.seconds == 1
    assert first.result(5) is None
    with pytest.raises(Full):
        journal.take(entry())


def test_a_disk_that_cannot_be_written_fails_what_waits_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    journal = Journal(folder)
    folder.rmdir()

    failed = journal.take(entry()).exception(5)
    folder.mkdir()
    kept = journal.take(entry()).exception(5)
    journal.close()

    assert isinstance(failed, StorageFailed)
    assert "check free space" in str(failed)
    assert kept is None
