"""What a run has to do, from what a source lists and what the manifest knows."""

from dataclasses import replace

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
    ],
    ids=["new", "changed", "another recipe"],
)
def test_a_document_is_read_where(known: list[tuple[str, str, str, DocumentState]]) -> None:
    rows = [row(path, fingerprint, recipe, state) for path, fingerprint, recipe, state in known]

    assert paths(compared(["a"], rows)) == ["a"]


def test_a_file_that_could_not_be_parsed_waits_until_it_changes_or_somebody_asks() -> None:
    failed = [row("a", state=FAILED)]

    assert paths(compared(["a"], failed)) == []
    assert paths(compared(["a"], failed, retry_failed=True)) == ["a"]


def test_a_file_that_could_not_be_fetched_is_tried_again() -> None:
    assert paths(compared(["a"], [replace(row("a", state=FAILED), transient=True)])) == ["a"]


def test_another_way_of_cutting_reads_no_file_again() -> None:
    known = row("a", recipe="markdown-1/split-1|m")

    changes = compared(["a"], [known], recipe="markdown-1/split-2|m")

    assert (paths(changes), [entry.path for entry in changes.to_cut]) == ([], ["a"])


def test_another_model_reads_nothing_again_that_came_to_nothing() -> None:
    failed = replace(row("a", recipe="markdown-1/split-1|m", state=FAILED), passages=0)

    same = compared(["a"], [failed], recipe="markdown-1/split-1|other")
    another_parser = compared(["a"], [failed], recipe="markdown-2/split-1|other")

    assert (paths(same), same.unchanged) == ([], (failed,))
    assert paths(another_parser) == ["a"]


def test_another_parser_of_one_format_concerns_that_format_only() -> None:
    rows = [replace(row("a.pdf"), format="pdf", recipe="pdf-1"), replace(row("b.md"), format="markdown", recipe="md-1")]

    changes = diff(
        Snapshot("s", (SourceEntry("a.pdf", "1", 1), SourceEntry("b.md", "1", 1))),
        rows,
        {},
        recipe_of=lambda entry, format_: {"pdf": "pdf-2", "markdown": "md-1"}[format_],
    )

    assert paths(changes) == ["a.pdf"]


def test_what_a_person_restored_stays_although_its_source_does_not_list_it() -> None:
    assert compared([], [replace(row("a"), held=True)]).removed == ()


def test_what_a_person_deleted_stays_out_although_its_source_lists_it() -> None:
    deleted = replace(row("a"), state=DocumentState.TOMBSTONED, held=True)

    assert paths(compared(["a"], [deleted])) == []


def test_what_comes_back_at_its_source_is_read_like_a_new_document() -> None:
    gone = replace(row("a"), state=DocumentState.TOMBSTONED)

    assert paths(compared(["a"], [gone])) == ["a"]


def test_all_documents_of_a_file_go_with_it() -> None:
    rows = [replace(row(f"rules.yaml#{name}"), origin="rules.yaml") for name in ("A", "B")]

    assert compared([], rows).removed == tuple(rows)


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


def test_a_source_that_lists_nothing_at_all_is_asked_whether_it_is_mounted() -> None:
    with pytest.raises(UsageError, match="check that its folder is mounted"):
        check_deletions(losing(6, of=6), max_share=0.5, confirmed=False)
    with pytest.raises(UsageError) as some_left:
        check_deletions(losing(6, of=8), max_share=0.5, confirmed=False)

    assert "mounted" not in str(some_left.value)


def compared(
    listed: list[str],
    rows: list[ManifestRow],
    *,
    complete: bool = True,
    rebuild: bool = False,
    retry_failed: bool = False,
    recipe: str = "r",
) -> Changes:
    entries = tuple(SourceEntry(path, "1", 10) for path in listed)
    return diff(
        Snapshot("s", entries, complete),
        rows,
        {},
        recipe_of=lambda entry, format_: recipe,
        rebuild=rebuild,
        retry_failed=retry_failed,
    )


def losing(gone: int, *, of: int) -> Changes:
    rows = [row(str(number)) for number in range(of)]
    return compared([str(number) for number in range(gone, of)], rows)


def paths(changes: Changes) -> list[str]:
    return [entry.path for entry in changes.to_read]


def row(path: str, fingerprint: str = "1", recipe: str = "r", state: DocumentState = INDEXED) -> ManifestRow:
    return ManifestRow("s", path, f"id of {path}", state, fingerprint, recipe, passages=1)
