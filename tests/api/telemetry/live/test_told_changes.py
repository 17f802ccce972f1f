"""Changes that are told by webhook: kept once, on disk, read around an incident, the newest where there are many."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.investigation.windows import SECOND
from api.telemetry.live.joined import gather
from api.telemetry.live.told_changes import ChangeStore, ToldChangesSource
from ingest.errors import StorageFailed
from tests.api.telemetry.live.live_sources import SCOPE, WINDOW

FLAG = Happening(
    SourceClass.CHANGE, "feature-flag", WINDOW.start - 60 * SECOND, "cart", "new checkout is on", "flag-7",
    "off -> on", "ann",
)  # fmt: skip


def test_a_change_is_kept_once_and_read_around_an_incident(tmp_path: Path) -> None:
    store = ChangeStore(tmp_path / "changes.sqlite")

    kept = [store.keep([FLAG, replace(FLAG, ref="flag-8")]), store.keep([FLAG])]
    found = gather([ToldChangesSource(ChangeStore(tmp_path / "changes.sqlite"), "here")], SCOPE)

    assert kept == [2, 0]
    assert [replace(one, instance="") for one in found.every_happening] == [FLAG, replace(FLAG, ref="flag-8")]
    assert {one.instance for one in found.every_happening} == {"told changes"}


def test_changes_without_an_id_are_the_same_where_all_of_them_is(tmp_path: Path) -> None:
    store = ChangeStore(tmp_path / "changes.sqlite")
    bare = replace(FLAG, ref="")

    assert [store.keep([bare]), store.keep([bare]), store.keep([replace(bare, detail="on -> off")])] == [1, 0, 1]


def test_only_so_many_are_kept_the_newest(tmp_path: Path) -> None:
    store = ChangeStore(tmp_path / "changes.sqlite", most=3)

    store.keep([replace(FLAG, ref=str(number), at=FLAG.at + number) for number in range(9)])

    assert [one.ref for one in store.within(WINDOW.before(600), 100)] == ["6", "7", "8"]


def test_many_threads_keep_all_of_theirs(tmp_path: Path) -> None:
    def keep(thread: int) -> None:
        store = ChangeStore(tmp_path / "changes.sqlite")
        for number in range(5):
            store.keep([replace(FLAG, ref=f"{thread}-{number}")])

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ChangeStore(tmp_path / "changes.sqlite").within(WINDOW.before(600), 100)) == 20


def test_nothing_was_told_where_there_is_no_file(tmp_path: Path) -> None:
    source = ToldChangesSource(ChangeStore(tmp_path / "changes.sqlite"), "here")

    assert list(gather([source], SCOPE).every_happening) == []
    assert source.health().problem == ""
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_broken_is_named(tmp_path: Path) -> None:
    (tmp_path / "changes.sqlite").write_bytes(b"no database at all, and longer than a header" * 9)
    store = ChangeStore(tmp_path / "changes.sqlite")

    with pytest.raises(StorageFailed, match="cannot use the file of changes"):
        store.keep([FLAG])

    assert "cannot use" in ToldChangesSource(store, "here").health().problem
    assert [one.missing for one in gather([ToldChangesSource(store, "here")], SCOPE).coverage() if one.missing]
