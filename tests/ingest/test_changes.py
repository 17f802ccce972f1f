"""What a run has to do, from what a source lists and what the manifest knows."""

import pytest

from ingest.changes import Changes, check_deletions, diff
from ingest.errors import UsageError
from ingest.knowledge.manifest import DocumentState, ManifestRow
from ingest.sources.source import Snapshot, SourceEntry

INDEXED, FAILED = DocumentState.INDEXED, DocumentState.FAILED


def test_a_document_with_the_same_fingerprint_and_recipe_is_left_alone() -> None:
    changes = compared(["a"], [row("a")])

    assert (paths(changes), changes.unchanged, changes.nothing) == ([], (row("a"),), True)


@pytest.mark.parametrize(
    "known",
    [
        [],
        [("a", "other fingerprint", "r", INDEXED)],
        [("a", "1", "other recipe", INDEXED)],
        [("a", "1", "r", FAILED)],
    ],
    ids=["new", "changed", "another recipe", "failed before"],
)
def test_a_document_is_read_where(known: list[tuple[str, str, str, DocumentState]]) -> None:
    rows = [row(path, fingerprint, recipe, state) for path, fingerprint, recipe, state in known]

    assert paths(compared(["a"], rows)) == ["a"]


def test_a_rebuild_reads_everything() -> None:
    assert paths(compared(["a", "b"], [row("a"), row("b")], rebuild=True)) == ["a", "b"]


def test_a_document_that_is_not_listed_any_more_is_removed() -> None:
    assert compared(["a"], [row("a"), row("b")]).removed == (row("b"),)


def test_a_partial_listing_removes_nothing() -> None:
    assert compared(["a"], [row("a"), row("b")], complete=False).removed == ()


@pytest.mark.parametrize(("known", "gone"), [(5, 5), (10, 5), (100, 50)])
def test_few_deletions_and_those_up_to_the_share_need_no_question(known: int, gone: int) -> None:
    check_deletions(losing(gone, of=known), max_share=0.5, confirmed=False)


@pytest.mark.parametrize(("known", "gone"), [(6, 6), (10, 6), (100, 51)])
def test_more_deletions_than_the_share_are_refused_unless_confirmed(known: int, gone: int) -> None:
    with pytest.raises(UsageError, match=f"lose {gone} of its {known} documents"):
        check_deletions(losing(gone, of=known), max_share=0.5, confirmed=False)

    check_deletions(losing(gone, of=known), max_share=0.5, confirmed=True)


def compared(listed: list[str], rows: list[ManifestRow], *, complete: bool = True, rebuild: bool = False) -> Changes:
    entries = tuple(SourceEntry(path, "1", 10) for path in listed)
    return diff(Snapshot("s", entries, complete), rows, {}, recipe="r", rebuild=rebuild)


def losing(gone: int, *, of: int) -> Changes:
    rows = [row(str(number)) for number in range(of)]
    return compared([str(number) for number in range(gone, of)], rows)


def paths(changes: Changes) -> list[str]:
    return [entry.path for entry in changes.to_read]


def row(path: str, fingerprint: str = "1", recipe: str = "r", state: DocumentState = INDEXED) -> ManifestRow:
    return ManifestRow("s", path, f"id of {path}", state, fingerprint, recipe, passages=1)
