"""The manifest: rows count once their generation is served, and nothing is half-written."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import KnowledgeLocked, StorageFailed
from ingest.knowledge.manifest import Correction, DocumentState, Manifest, ManifestRow, SourceTerms, SyncRow
from ingest.knowledge.manifest_archive import now


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    opened = Manifest(tmp_path / "deep" / "manifest.sqlite")
    yield opened
    opened.close()


def test_a_row_comes_back_as_it_was(manifest: Manifest) -> None:
    full = ManifestRow(
        source="wiki",
        path="störung/断线 🔥.md",
        document_id="id",
        state=DocumentState.FAILED,
        fingerprint="1-2",
        recipe="r|m@1",
        revision="abc",
        kind="runbook",
        kind_reason="path has 'run\"book'",
        title="Title\x00with nul",
        passages=7,
        size=9_000_000_000,
        reason="why; not",
        attempts=3,
        warnings=("one", "two"),
        seen_at=now(),
    )

    settle(manifest, full)

    assert manifest.rows() == [full]


def test_staged_rows_count_once_their_generation_is_current(manifest: Manifest) -> None:
    manifest.stage(2, [row("a")], [])

    assert manifest.rows() == []
    assert manifest.settle(2) == 1
    assert manifest.rows() == [row("a")]


def test_rows_staged_for_a_generation_that_never_came_are_dropped(manifest: Manifest) -> None:
    manifest.stage(2, [row("a")], [])

    assert manifest.settle(1) == 0
    assert manifest.settle(2) == 0
    assert manifest.rows() == []


def test_staging_again_replaces_what_was_staged(manifest: Manifest) -> None:
    manifest.stage(2, [row("a")], [])
    manifest.stage(2, [row("b")], [])

    manifest.settle(2)

    assert [one.path for one in manifest.rows()] == ["b"]


def test_removed_rows_go_and_rows_of_other_sources_stay(manifest: Manifest) -> None:
    settle(manifest, row("a"), row("b"), row("a", source="git"))

    manifest.stage(2, [], [row("a")])
    manifest.settle(2)

    assert [(one.source, one.path) for one in manifest.rows()] == [("git", "a"), ("wiki", "b")]
    assert [one.path for one in manifest.rows("wiki")] == ["b"]


def test_everything_is_there_after_opening_the_file_again(tmp_path: Path) -> None:
    file = tmp_path / "manifest.sqlite"
    first = Manifest(file)
    settle(first, row("a"))
    sync = SyncRow("wiki", "/docs\n/more", None, now(), 1.5, False, ("folder 'x' cannot be listed",))
    first.record_sync(sync, SourceTerms("runbook", ("*.txt",)))
    first.correct(Correction("wiki", "a", "postmortem", ("api",)))
    first.close()

    again = Manifest(file)

    assert again.syncs() == [sync]
    assert again.terms() == {"wiki": SourceTerms("runbook", ("*.txt",))}
    assert again.corrections("wiki") == {"a": Correction("wiki", "a", "postmortem", ("api",))}
    again.close()


def test_terms_stay_where_a_later_run_says_nothing(manifest: Manifest) -> None:
    sync = SyncRow("wiki", "/docs", None, now(), 1.0, True)
    manifest.record_sync(sync, SourceTerms("runbook"))

    manifest.record_sync(sync)

    assert manifest.terms() == {"wiki": SourceTerms("runbook")}


def test_a_corrected_document_counts_as_changed(manifest: Manifest) -> None:
    settle(manifest, row("a"))

    manifest.correct(Correction("wiki", "a", "postmortem"))

    assert manifest.rows()[0].recipe == ""
    assert manifest.corrections("wiki")["a"].services is None


def test_two_runs_keep_each_other_out_and_the_right_is_given_back(manifest: Manifest) -> None:
    with manifest.exclusive(), pytest.raises(KnowledgeLocked, match="wait for it to end"), manifest.exclusive():
        pass

    with manifest.exclusive():
        assert manifest.rows() == []


def test_a_file_that_is_no_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "manifest.sqlite").write_bytes(b"not a database at all" * 100)

    with pytest.raises(StorageFailed, match=r"manifest\.sqlite.*check free space and permissions"):
        Manifest(tmp_path / "manifest.sqlite")


def test_a_folder_that_cannot_be_made_is_a_storage_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StorageFailed, match="cannot use the manifest"):
        Manifest(tmp_path / "file" / "manifest.sqlite")


def settle(manifest: Manifest, *rows: ManifestRow) -> None:
    manifest.stage(1, rows, [])
    manifest.settle(1)


def row(path: str, source: str = "wiki") -> ManifestRow:
    return ManifestRow(source, path, f"{source}/{path}", DocumentState.INDEXED, "1", "r")


def test_looking_whether_a_run_is_at_work_keeps_none_from_beginning(manifest: Manifest, tmp_path: Path) -> None:
    idle = manifest.is_held()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            manifest.is_held()

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(200):
            with manifest.exclusive():
                pass
    finally:
        stop.set()
        looking.join()
    with manifest.exclusive():
        held = manifest.is_held()

    assert (idle, held, manifest.is_held()) == (False, True, False)
