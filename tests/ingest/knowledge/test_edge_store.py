"""The embedded store beyond the contract: locks, killed runs, full or damaged storage."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.errors import KnowledgeLocked, ModelMismatch, StorageFailed
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.generation_files import copy_tree, size_of
from ingest.knowledge.passages import PassageFilter
from tests.ingest.knowledge.index_material import (
    DIMENSION,
    add,
    build,
    dense,
    served,
    written,
)

REPOSITORY = Path(__file__).resolve().parents[3]

HOLD_A_READER = """
reader = store.open()
print("ready", flush=True)
sys.stdin.read()
"""

HOLD_A_WRITER = """
from tests.ingest.knowledge.index_material import add, written
writer = store.begin()
add(writer, *[written(f"half{number}.md") for number in range(600)])
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def root(quick_directory: Path) -> Path:
    return quick_directory / "knowledge"


@pytest.fixture
def store(root: Path) -> EdgeStore:
    return EdgeStore(root, DIMENSION, patience=0.1)


# Locks


def test_a_reader_in_another_process_locks_the_generation_and_the_message_says_what_to_do(
    store: EdgeStore, root: Path
) -> None:
    build(store, [written("a.md")])

    with (
        another_process(root, HOLD_A_READER),
        pytest.raises(KnowledgeLocked, match="GROUNDWATCH_URL") as caught,
    ):
        store.open()

    assert str(root / "generations" / "1") in str(caught.value)


def test_opening_waits_for_another_process_to_close(root: Path) -> None:
    patient = EdgeStore(root, DIMENSION, patience=30.0)
    build(patient, [written("a.md")])

    with another_process(root, HOLD_A_READER) as other:
        other.kill()
        reader = patient.open()

    assert len(reader.documents()) == 1


def test_the_next_generation_is_built_while_another_process_serves_the_current_one(
    store: EdgeStore, root: Path
) -> None:
    build(store, [written("a.md", dense(1, 0))])

    with another_process(root, HOLD_A_READER):
        reader = served(store, [written("b.md", dense(0, 1))])
        hits = reader.search_dense(dense(1, 0), limit=5, where=PassageFilter())

    assert [stored.document.path for stored in reader.passages([hit.passage_id for hit in hits])] == [
        "a.md",
        "b.md",
    ]


def test_a_writer_in_another_process_keeps_others_out(store: EdgeStore, root: Path) -> None:
    with another_process(root, HOLD_A_WRITER), pytest.raises(KnowledgeLocked, match="another ingest"):
        store.begin()


def test_a_second_writer_of_the_same_process_is_kept_out_until_the_first_is_done(store: EdgeStore) -> None:
    first = store.begin()
    with pytest.raises(KnowledgeLocked):
        store.begin()
    first.abort()

    store.begin().abort()


# Killed runs


def test_a_killed_writer_leaves_the_current_generation_and_the_next_run_cleans_up(store: EdgeStore, root: Path) -> None:
    build(store, [written("a.md")])
    with another_process(root, HOLD_A_WRITER) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        left = [path.name for path in (root / "generations").iterdir()]
        current = store.current()
        reader = served(store, [written("b.md")])

    assert sorted(left) == ["1", "2.building"]
    assert current == 1
    assert [facts.path for facts in reader.documents()] == ["a.md", "b.md"]
    assert sorted(path.name for path in (root / "generations").iterdir()) == ["1", "2"]


def test_a_pointer_half_replaced_by_a_killed_run_is_not_read(store: EdgeStore, root: Path) -> None:
    build(store, [written("a.md")])
    (root / "current.new").write_text("99")

    assert store.current() == 1


# Storage that refuses


def test_too_little_free_space_is_told_before_anything_is_written(root: Path) -> None:
    build(EdgeStore(root, DIMENSION), [written("a.md")])
    cramped = EdgeStore(root, DIMENSION, minimum_free=1 << 60)

    with pytest.raises(StorageFailed, match=r"MiB free .* are needed"):
        cramped.begin()

    assert [path.name for path in (root / "generations").iterdir()] == ["1"]


def test_space_that_runs_out_while_writing_ends_the_run_and_keeps_the_current_generation(root: Path) -> None:
    build(EdgeStore(root, DIMENSION), [written("a.md")])
    left = iter([1 << 40, 1 << 20])
    store = EdgeStore(root, DIMENSION, free=lambda _: next(left))
    writer = store.begin()

    with pytest.raises(StorageFailed, match="free some space"):
        add(writer, *[written(f"{number}.md") for number in range(500)])
    writer.abort()

    assert [path.name for path in (root / "generations").iterdir()] == ["1"]
    assert [facts.path for facts in store.open().documents()] == ["a.md"]


def test_a_root_that_cannot_be_a_directory_names_the_path_and_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageFailed, match=r"file.*another data directory"):
        EdgeStore(tmp_path / "file" / "knowledge", DIMENSION).begin()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_root_without_permission_names_the_path_and_the_next_step(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(StorageFailed, match="the right to write"):
        EdgeStore(tmp_path / "knowledge", DIMENSION).begin()


def test_a_damaged_shard_is_an_error_that_names_it(store: EdgeStore, root: Path) -> None:
    build(store, [written("a.md")])
    (root / "generations" / "1" / "shard" / "edge_config.json").write_text("{")

    with pytest.raises(StorageFailed, match=r"shard.*--rebuild"):
        store.open()


def test_a_damaged_catalog_is_an_error_that_names_it(store: EdgeStore, root: Path) -> None:
    build(store, [written("a.md")])
    (root / "generations" / "1" / "documents.sqlite").write_text("not a database, " * 100)

    with pytest.raises(StorageFailed, match=r"documents\.sqlite.*--rebuild"):
        store.open()


@pytest.mark.parametrize("text", ["{", "{}", "[]"])
def test_a_damaged_description_is_an_error_that_names_it(store: EdgeStore, root: Path, text: str) -> None:
    build(store, [written("a.md")])
    (root / "generations" / "1" / "description.json").write_text(text)

    with pytest.raises(StorageFailed, match=r"description\.json.*--rebuild"):
        store.open()


def test_a_damaged_pointer_is_an_error_that_lists_what_there_is(store: EdgeStore, root: Path) -> None:
    build(store, [written("a.md")])
    (root / "current").write_text("one")

    with pytest.raises(StorageFailed, match=r"'one'.*\[1\]"):
        store.open()


def test_an_index_of_another_format_says_what_to_run(store: EdgeStore, root: Path) -> None:
    build(store, [written("a.md")])
    path = root / "generations" / "1" / "description.json"
    path.write_text(path.read_text().replace('"schema_version": 2', '"schema_version": 99'))

    with pytest.raises(ModelMismatch, match=r"format 99.*--rebuild"):
        store.open()
    with pytest.raises(ModelMismatch, match=r"format 99.*--rebuild"):
        store.begin()
    store.begin(fresh=True).abort()


# Files


def test_reading_changes_no_data_of_the_generation(store: EdgeStore, root: Path) -> None:
    build(store, [written("a.md")])
    store.open().close()  # the first load, before anything is served, folds the journals in
    before = contents(root / "generations")
    reader = store.open()
    reader.search_dense(dense(1, 0), limit=5, where=PassageFilter())
    reader.close()
    after = contents(root / "generations")

    changed = {Path(name).name for name, data in after.items() if before.get(name) != data}
    assert before.keys() == after.keys()
    assert changed <= {"edge_config.json", "segment.json"}  # the engine writes these whenever it loads


def test_holes_are_copied_as_holes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    with (source / "sparse").open("wb") as file:
        file.seek(64 << 20)
        file.write(b"end")
    (source / "empty").touch()
    (source / "text").write_text("text")

    copy_tree(source, tmp_path / "target")

    assert contents(tmp_path / "target") == contents(source)
    assert size_of(tmp_path / "target") <= size_of(source)


@contextmanager
def another_process(root: Path, script: str) -> Iterator[subprocess.Popen[str]]:
    """Run `script` with a `store` on `root` in a process of its own until it is ready, then end it."""
    opening = (
        "import sys\nfrom pathlib import Path\nfrom ingest.knowledge.edge_store import EdgeStore\n"
        f"store = EdgeStore(Path(sys.argv[1]), {DIMENSION})\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", opening + script, str(root)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def contents(directory: Path) -> dict[str, bytes]:
    """Return the bytes of every file below `directory`."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
