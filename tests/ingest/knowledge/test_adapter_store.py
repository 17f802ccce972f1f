"""Adapters on disk: promoted and undone in one step, never half-written, damage named and survived."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import KnowledgeLocked, StorageFailed, UsageError
from ingest.knowledge.adapter_store import KEPT_ADAPTERS, AdapterDescription, AdapterStore
from ingest.knowledge.query_adapter import QueryAdapter


@pytest.fixture
def store(tmp_path: Path) -> AdapterStore:
    return AdapterStore(tmp_path / "adapters")


def put_into_use(store: AdapterStore, *, size: float = 1.0) -> int:
    """Save and promote an adapter; return its number."""
    adapter = QueryAdapter("words@1", np.full((4, 2), size, np.float32), np.full((2, 4), size, np.float32))
    number = store.next_number()
    store.save(adapter, described(number))
    store.promote(number)
    return number


def described(number: int) -> AdapterDescription:
    return AdapterDescription(
        number=number,
        base_model="words@1",
        dimension=4,
        rank=2,
        generation=7,
        trained_at=datetime(2026, 11, 23, tzinfo=UTC),
        seconds=1.5,
        pairs={"train": {"title": 120}},
        scores=(),
        cosine_before=0.5,
        cosine_after=0.5,
        verdict="it gains",
    )


def test_nothing_is_in_use_before_the_first(store: AdapterStore) -> None:
    assert store.current() is None
    assert store.load_current() is None
    assert store.revision() is None
    assert store.numbers() == []


def test_a_promoted_adapter_is_read_as_it_was_written(store: AdapterStore) -> None:
    number = put_into_use(store, size=0.25)

    found = store.load_current()

    assert found is not None
    assert (found.base_model, float(found.down[0, 0]), found.up.shape) == ("words@1", 0.25, (2, 4))
    assert store.describe(number).pairs == {"train": {"title": 120}}


def test_undoing_goes_back_one_step_at_a_time_until_none_is_in_use(store: AdapterStore) -> None:
    first = put_into_use(store)
    put_into_use(store, size=2.0)

    assert store.undo() == first
    assert store.undo() is None
    assert store.load_current() is None
    with pytest.raises(UsageError, match="nothing to undo"):
        store.undo()


def test_a_number_is_not_given_twice_after_undoing(store: AdapterStore) -> None:
    put_into_use(store)
    store.undo()

    assert put_into_use(store) == 2
    assert store.describe(2).replaced is None


def test_every_change_of_the_pointer_is_a_new_revision(store: AdapterStore) -> None:
    seen = [store.revision()]
    for _ in range(2):
        put_into_use(store)
        time.sleep(0.01)  # a clock of the file system may be coarse
        seen.append(store.revision())
    store.undo()
    seen.append(store.revision())

    assert len(set(seen)) == 4


def test_old_adapters_leave_the_disk_but_not_the_one_to_go_back_to(store: AdapterStore) -> None:
    numbers = [put_into_use(store) for _ in range(KEPT_ADAPTERS + 4)]

    assert store.numbers() == numbers[2:]
    assert store.undo() == numbers[-2]


def test_damaged_weights_are_not_used_and_named(store: AdapterStore) -> None:
    number = put_into_use(store)
    weights = store.root / str(number) / "adapter.npz"
    weights.write_bytes(weights.read_bytes()[:-20])

    with pytest.raises(StorageFailed, match="damaged"):
        store.load_current()


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00\xff", b'{"number": "x"}'])
def test_a_damaged_description_is_named(store: AdapterStore, content: bytes) -> None:
    number = put_into_use(store)
    (store.root / str(number) / "description.json").write_bytes(content)

    with pytest.raises(StorageFailed, match="damaged"):
        store.load_current()


@pytest.mark.parametrize("content", [b"", b"../7", b"\xff\xfe", b"-1"])
def test_a_damaged_pointer_is_named_and_undoing_mends_it(store: AdapterStore, content: bytes) -> None:
    put_into_use(store)
    (store.root / "current").write_bytes(content)

    with pytest.raises(StorageFailed, match="--undo"):
        store.load_current()
    assert store.undo() is None
    assert store.load_current() is None


def test_a_damaged_predecessor_is_skipped_when_undoing(store: AdapterStore) -> None:
    first = put_into_use(store)
    put_into_use(store)
    (store.root / str(first) / "adapter.npz").unlink()

    assert store.undo() is None


def test_what_a_killed_run_left_is_cleared_by_the_next(store: AdapterStore) -> None:
    half = store.root / "1.building"
    half.mkdir(parents=True)
    (half / "adapter.npz").write_bytes(b"half")

    assert put_into_use(store) == 1
    assert not half.exists()


def test_one_process_trains_at_a_time(store: AdapterStore) -> None:
    with store.training(), pytest.raises(KnowledgeLocked, match="training an adapter"), store.training():
        pass
    with store.training():
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(store: AdapterStore) -> None:
    store.root.mkdir()
    store.root.chmod(0o500)

    with pytest.raises(StorageFailed, match="cannot use"), store.training():
        pass


def test_a_copy_has_the_same_adapters_and_the_same_one_in_use(store: AdapterStore, tmp_path: Path) -> None:
    put_into_use(store)
    number = put_into_use(store, size=2.0)

    store.copy_to(tmp_path / "copy")

    copy = AdapterStore(tmp_path / "copy")
    assert (copy.numbers(), copy.current()) == (store.numbers(), number)
    adapter, copied = store.load_current(), copy.load_current()
    assert adapter is not None
    assert copied is not None
    assert copied.digest == adapter.digest


def test_where_there_are_none_nothing_is_copied(store: AdapterStore, tmp_path: Path) -> None:
    store.copy_to(tmp_path / "copy")

    assert not (tmp_path / "copy").exists()
