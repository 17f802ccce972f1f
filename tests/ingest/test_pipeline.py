"""The pipeline end to end on small sources: what a run indexes, keeps, removes, refuses and reports."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.building import Workshop
from ingest.errors import KnowledgeError, KnowledgeLocked, SourceUnreadable, UsageError
from ingest.knowledge.documents import DocumentFacts, DocumentKind, document_id
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.manifest import Correction, DocumentState, ManifestRow, SourceTerms
from ingest.pipeline import ingest
from ingest.runs import IngestResult, Options
from ingest.sources.source import SourceEntry
from tests.fakes import FakeEmbedder, FakeSource

PAGES = {
    "disk.md": "# Disk full\n\nDelete old logs.\n\n## Verify\n\nRun `df -h`.\n",
    "cpu.md": "# CPU high\n\nFind the process with `top`.\n",
    "net.md": "# Network\n\nLook at the switch.\n",
}


# Nothing changed


def test_a_second_run_embeds_nothing_reads_nothing_and_makes_no_generation(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    again = FakeSource(PAGES)

    result = ingest(workshop, [again])

    assert (result.generation, result.embedded, again.fetched) == (1, 0, [])
    assert counts(result) == (0, 3, 0, 0)


def test_a_document_that_was_touched_but_not_changed_is_not_indexed_again(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    result = ingest(workshop, [Touched(PAGES)])

    assert result.generation == 1
    assert counts(result) == (0, 3, 0, 0)


# Changes


def test_only_passages_that_changed_are_embedded(workshop: Workshop, embedder: FakeEmbedder) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    embedder.embedded.clear()

    result = ingest(workshop, [FakeSource(PAGES | {"disk.md": PAGES["disk.md"].replace("df -h", "df -i")})])

    assert result.embedded == 1
    assert [text for text in embedder.embedded if "df -i" in text] == embedder.embedded


def test_a_changed_document_is_served_in_its_new_version_only(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    ingest(workshop, [FakeSource(PAGES | {"cpu.md": "# CPU high\n\nUse `pidstat`.\n"})])

    assert "pidstat" in text_of(workshop, "cpu.md")
    assert not any("top" in text for text in passages_of(workshop, "cpu.md"))


def test_a_removed_document_leaves_the_index_and_the_manifest(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    result = ingest(workshop, [FakeSource(without(PAGES, "net.md"))])

    assert counts(result) == (0, 2, 1, 0)
    assert served(workshop) == ["cpu.md", "disk.md"]
    assert [row.path for row in workshop.manifest.rows()] == ["cpu.md", "disk.md"]


def test_an_added_document_joins_the_others(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(without(PAGES, "net.md"))])

    result = ingest(workshop, [FakeSource(PAGES)])

    assert counts(result) == (1, 2, 0, 0)
    assert served(workshop) == ["cpu.md", "disk.md", "net.md"]


def test_a_new_link_prefix_reaches_documents_that_did_not_change(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    ingest(workshop, [FakeSource(PAGES, url_prefix="https://wiki.example")])

    assert {facts.url for facts in documents_of(workshop)} == {f"https://wiki.example/{path}" for path in PAGES}


# Failures of one document


def test_a_document_that_fails_keeps_its_last_good_version(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    result = ingest(workshop, [FakeSource(PAGES | {"cpu.md": b""})])

    assert counts(result) == (0, 2, 0, 1)
    assert "top" in text_of(workshop, "cpu.md")
    row = row_of(workshop, "cpu.md")
    assert (row.state, row.reason, row.passages) == (DocumentState.FAILED, "is empty", 1)


def test_a_document_that_holds_only_white_space_after_its_front_matter_keeps_its_last_good_version(
    workshop: Workshop,
) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    ingest(workshop, [FakeSource(PAGES | {"cpu.md": "---\ntitle: CPU\n---\n\n"})])
    removed = ingest(workshop, [FakeSource(without(PAGES, "cpu.md"))])

    assert removed.sources[0].removed == 1
    assert served(workshop) == ["disk.md", "net.md"]


def test_a_failed_document_that_comes_back_unchanged_is_well_again_without_a_new_generation(
    workshop: Workshop,
) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    ingest(workshop, [FakeSource(without(PAGES, "cpu.md"), unreadable={"cpu.md": "no permission"})])

    result = ingest(workshop, [FakeSource(PAGES)])

    assert (result.generation, counts(result)) == (1, (0, 3, 0, 0))
    assert row_of(workshop, "cpu.md").state is DocumentState.INDEXED


def test_attempts_of_a_failing_document_are_counted(workshop: Workshop) -> None:
    for _ in range(3):
        ingest(workshop, [FakeSource(PAGES, unreadable={"x.md": "no permission"})])

    assert row_of(workshop, "x.md").attempts == 3


def test_a_run_in_which_every_document_fails_ends_well_and_serves_nothing(workshop: Workshop) -> None:
    result = ingest(workshop, [FakeSource({"a.md": b"", "b.pdf": b"%PDF-1.7\n1 0 obj\n<<"})])

    assert (result.generation, counts(result)) == (None, (0, 0, 0, 2))


def test_front_matter_with_half_a_character_is_indexed(workshop: Workshop) -> None:
    text = '---\ntitle: "a \\ud83d b"\nowner: "\\ud83d"\nservices: ["\\ud83d"]\n---\nBody text.\n'

    result = ingest(workshop, [FakeSource({"odd.md": text})])

    assert counts(result) == (1, 0, 0, 0)
    assert row_of(workshop, "odd.md").title == "a ? b"


# Deletions


def test_losing_most_of_a_source_is_refused_and_nothing_is_changed(workshop: Workshop) -> None:
    many = pages(12)
    ingest(workshop, [FakeSource(many)])

    with pytest.raises(UsageError, match=r"lose 11 of its 12 documents .*--confirm-deletions"):
        ingest(workshop, [FakeSource(dict(list(many.items())[:1]))])

    assert len(served(workshop)) == 12


def test_losing_most_of_a_source_is_done_when_confirmed(workshop: Workshop) -> None:
    many = pages(12)
    ingest(workshop, [FakeSource(many)])

    result = ingest(workshop, [FakeSource(dict(list(many.items())[:1]))], Options(confirm_deletions=True))

    assert result.sources[0].removed == 11
    assert len(served(workshop)) == 1


def test_a_partial_listing_removes_nothing(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    result = ingest(workshop, [FakeSource(without(PAGES, "net.md"), problems=["folder 'net' cannot be listed"])])

    assert result.sources[0].problems == ("folder 'net' cannot be listed",)
    assert len(served(workshop)) == 3
    assert workshop.manifest.syncs()[0].complete is False


# Several sources


def test_two_sources_live_side_by_side_with_the_same_paths(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES, "wiki"), FakeSource(PAGES, "git")])

    ingest(workshop, [FakeSource(without(PAGES, "net.md"), "git")])

    found = [(facts.source, facts.path) for facts in documents_of(workshop)]
    assert found == [("git", "cpu.md"), ("git", "disk.md"), *(("wiki", path) for path in sorted(PAGES))]


def test_a_source_that_cannot_be_listed_does_not_hold_up_the_others(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES, "wiki"), FakeSource(PAGES, "git")])

    result = ingest(workshop, [FakeSource(PAGES, "wiki", refusals=1), FakeSource(pages(1), "git")])

    assert "does not answer" in result.sources[0].problems[0]
    assert len(served(workshop)) == 4


def test_no_source_that_can_be_listed_is_an_error(workshop: Workshop) -> None:
    with pytest.raises(SourceUnreadable, match="does not answer"):
        ingest(workshop, [FakeSource(PAGES, refusals=1)])


# What a person says


def test_a_corrected_kind_is_served_after_the_next_run_and_stays(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    workshop.manifest.correct(Correction("wiki", "cpu.md", kind="postmortem", services=("api",)))

    result = ingest(workshop, [FakeSource(PAGES)])
    ingest(workshop, [FakeSource(PAGES | {"cpu.md": "# CPU high\n\nNew text.\n"})])

    facts = next(one for one in documents_of(workshop) if one.path == "cpu.md")
    assert (counts(result), result.embedded) == ((1, 2, 0, 0), 0)
    assert (facts.kind, facts.services) == (DocumentKind.POSTMORTEM, ("api",))


def test_a_kind_given_for_a_source_holds_for_documents_that_did_not_change(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    result = ingest(workshop, [FakeSource(PAGES)], Options(terms={"wiki": SourceTerms(kind="runbook")}))

    assert result.embedded == 0
    assert {facts.kind for facts in documents_of(workshop)} == {DocumentKind.RUNBOOK}
    assert workshop.manifest.terms() == {"wiki": SourceTerms(kind="runbook")}


# Rebuild, and other models


def test_a_rebuild_reads_everything_and_embeds_nothing_that_is_cached(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    result = ingest(workshop, [FakeSource(PAGES)], Options(rebuild=True))

    assert (result.generation, counts(result), result.embedded) == (2, (3, 0, 0, 0), 0)


def test_a_rebuild_of_one_source_of_two_is_refused_by_name(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES, "wiki"), FakeSource(PAGES, "git")])

    with pytest.raises(UsageError, match=r"drop the sources 'git'; run groundwatch ingest --rebuild"):
        ingest(workshop, [FakeSource(PAGES, "wiki")], Options(rebuild=True))


def test_a_rebuild_from_a_partial_listing_is_refused(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    with pytest.raises(UsageError, match="in part only"):
        ingest(workshop, [FakeSource(PAGES, problems=["folder 'x' cannot be listed"])], Options(rebuild=True))


def test_a_document_that_fails_in_a_rebuild_is_gone_from_index_and_row_alike(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    ingest(workshop, [FakeSource(PAGES | {"cpu.md": b""})], Options(rebuild=True))

    assert served(workshop) == ["disk.md", "net.md"]
    assert row_of(workshop, "cpu.md").passages == 0


def test_a_rebuild_that_can_read_nothing_leaves_everything_as_it_was(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    with pytest.raises(KnowledgeError, match="is empty"):
        ingest(workshop, [FakeSource(dict.fromkeys(PAGES, b""))], Options(rebuild=True))

    assert len(served(workshop)) == 3
    assert {row.state for row in workshop.manifest.rows()} == {DocumentState.INDEXED}


def test_another_model_embeds_what_is_stored_again_and_reads_nothing(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    other, source = FakeEmbedder(model="other@2"), FakeSource(PAGES)

    result = ingest(replace(workshop, embedder=other), [source])

    assert (source.fetched, result.embedded, len(other.embedded)) == ([], 4, 4)
    assert (result.generation, workshop.store.describe().model) == (2, "other@2")
    assert counts(result) == (0, 3, 0, 0)
    assert result.checks


def test_a_rebuild_moves_to_another_model_of_another_size(workshop: Workshop, knowledge: Path) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    other = FakeEmbedder(model="other@2", dimension=16)

    changed = replace(workshop, embedder=other, store=EdgeStore(knowledge, 16, patience=0.1))
    result = ingest(changed, [FakeSource(PAGES)], Options(rebuild=True))

    assert result.embedded == 4
    reader = changed.store.open()
    assert reader.describe().model == "other@2"
    reader.close()


# Two at once


def test_a_second_ingest_at_the_same_time_is_told_to_wait(workshop: Workshop) -> None:
    refusals: list[str] = []

    def start_another(stage: str, done: int, total: int) -> None:
        with pytest.raises(KnowledgeLocked) as caught:
            ingest(workshop, [FakeSource(PAGES)])
        refusals.append(str(caught.value))

    ingest(workshop, [FakeSource(PAGES)], progress=start_another)

    assert "another ingest is writing" in refusals[0]
    assert counts(ingest(workshop, [FakeSource(PAGES)])) == (0, 3, 0, 0)


# Progress


def test_progress_ends_each_stage_with_everything_done(workshop: Workshop) -> None:
    reports: list[tuple[str, int, int]] = []

    ingest(workshop, [FakeSource(PAGES)], progress=lambda *report: reports.append(report))

    assert reports == [("read", 3, 3), ("embed", 4, 4), ("build", 3, 3), ("check", 0, 1), ("check", 1, 1)]


class Touched(FakeSource):
    """A source whose documents all look changed."""

    def _entry(self, path: str) -> SourceEntry:
        return replace(super()._entry(path), fingerprint="later")


def counts(result: IngestResult) -> tuple[int, int, int, int]:
    """Indexed, unchanged, removed and failed documents of the first source."""
    first = result.sources[0]
    return first.indexed, first.unchanged, first.removed, len(first.failed)


def documents_of(workshop: Workshop) -> list[DocumentFacts]:
    reader = workshop.store.open()
    found = reader.documents()
    reader.close()
    return found


def served(workshop: Workshop) -> list[str]:
    return [facts.path for facts in documents_of(workshop)]


def text_of(workshop: Workshop, path: str) -> str:
    reader = workshop.store.open()
    document = reader.document(document_id("wiki", path))
    reader.close()
    assert document is not None
    return document.text


def passages_of(workshop: Workshop, path: str) -> list[str]:
    reader = workshop.store.open()
    found = [stored.passage.text for stored in reader.passages_of(document_id("wiki", path))]
    reader.close()
    return found


def row_of(workshop: Workshop, path: str) -> ManifestRow:
    return next(row for row in workshop.manifest.rows() if row.path == path)


def without(documents: Mapping[str, str], path: str) -> dict[str, str]:
    return {name: text for name, text in documents.items() if name != path}


def pages(count: int) -> dict[str, str]:
    return {f"page{number}.md": f"# Page {number}\n\nText of page {number}.\n" for number in range(count)}
