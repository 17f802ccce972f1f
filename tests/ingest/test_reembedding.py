"""What is stored is embedded again on a person's word: nothing is fetched, nothing else changes."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from ingest.building import Progress, Workshop
from ingest.care import delete, restore, rollback, verify
from ingest.errors import KnowledgeError, KnowledgeMissing, ModelMismatch, PromotionRefused, SyncCancelled, UsageError
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import IndexStore, Vector
from ingest.knowledge.manifest import Correction, Manifest
from ingest.knowledge.run_log import RunOutcome
from ingest.knowledge.server_index import QdrantServer
from ingest.knowledge.server_store import QdrantServerStore
from ingest.pipeline import ingest
from ingest.promotion import Gate, Question
from ingest.reembedding import prune_vectors, reembed
from ingest.runs import Options, SourceNotes
from ingest.terms import PathTerms
from tests.fakes import FakeEmbedder, FakeSource
from tests.ingest.another_model import PAGES, WORDS, CharacterEmbedder, documents, embedded_by, finds, rows, states

# What changes, and what does not


def test_stored_documents_are_embedded_again_and_nothing_is_fetched(workshop: Workshop, other: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    before = documents(workshop)

    done = reembed(other)

    assert done.before == "fake@1"
    assert (done.served.model, done.served.dimension, done.served.generation) == ("letters@2", 16, 2)
    assert done.embedded == len(embedded_by(other))
    assert done.embedded + done.reused == done.served.passages
    assert documents(other) == before
    assert all(one.passed for one in verify(other)), verify(other)
    assert finds(other, "cpu.md")


def test_passages_are_cut_with_the_word_pieces_of_the_new_model(workshop: Workshop, other: Workshop) -> None:
    long = {"long.md": "# Long\n\n" + "\n\n".join(f"Sentence {number}. {WORDS}" for number in range(12))}
    ingest(workshop, [FakeSource(long)])
    few = workshop.store.describe().passages

    done = reembed(other)

    assert done.served.passages > few
    assert [row.passages for row in other.manifest.rows()] == [done.served.passages]


def test_rows_keep_their_state_and_the_next_run_finds_nothing_to_do(workshop: Workshop, other: Workshop) -> None:
    source = FakeSource(PAGES | {"empty.md": "", "old.md": "# Old\n\nText.\n", "out.md": "# Out\n\nText.\n"})
    ingest(workshop, [source])
    ingest(workshop, [FakeSource(PAGES | {"disk.md": b"", "empty.md": "", "out.md": "# Out\n\nText.\n"})])
    delete(workshop, "out.md")
    before = states(workshop)

    reembed(other)
    again = FakeSource(PAGES | {"disk.md": b"", "empty.md": "", "out.md": "# Out\n\nText.\n"})
    result = ingest(other, [again])

    assert states(other) == before
    assert {"failed", "tombstoned", "indexed"} <= {state for state, *_ in before.values()}
    assert (result.generation, result.embedded, again.fetched) == (4, 0, [])


def test_corrections_access_flags_and_leaders_stay(workshop: Workshop, other: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    workshop.manifest.correct(Correction("wiki", "disk.md", kind="postmortem", services=("ledger",)))
    options = Options(notes={"wiki": SourceNotes(terms=lambda path: PathTerms(access=("sre",)))})
    ingest(workshop, [FakeSource(PAGES)], options)
    with closing(workshop.store.open_documents()) as reader:
        leaders = reader.duplicates()

    reembed(other)

    with closing(other.store.open()) as reader:
        facts = {one.path: one for one in reader.documents()}
        assert (facts["disk.md"].kind, facts["disk.md"].services, facts["disk.md"].access) == (
            "postmortem",
            ("ledger",),
            ("sre",),
        )
        assert any(one.passage.flags for one in reader.passages_of(facts["hostile.md"].id))
        assert leaders
        assert reader.duplicates() == leaders
        assert {one.document_id for one in reader.extracts()} >= {facts["rules.yaml#DiskFull"].id}
    assert {row.access for row in other.manifest.rows()} == {("sre",)}
    assert next(row.hostile for row in other.manifest.rows() if row.path == "hostile.md") == 1


def test_a_change_to_the_model_that_is_served_does_nothing(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    done = reembed(workshop)

    assert (done.before, done.embedded, done.served.generation) == (None, 0, 1)


def test_an_index_that_holds_no_document_any_more_changes_its_model_too(workshop: Workshop, other: Workshop) -> None:
    ingest(workshop, [FakeSource({"a.md": "# A\n\nText.\n"})])
    ingest(workshop, [FakeSource({})], Options(confirm_deletions=True))

    reembed(other)
    ingest(other, [FakeSource(PAGES)])

    assert other.store.describe().model == "letters@2"
    assert finds(other, "cpu.md")


def test_nothing_can_be_embedded_before_the_first_ingest(workshop: Workshop) -> None:
    with pytest.raises(KnowledgeMissing, match="nothing was ingested yet"):
        reembed(workshop)


# Stopped, refused, undone


def test_a_change_that_was_stopped_keeps_what_was_served_and_goes_on_where_it_was(
    workshop: Workshop, other: Workshop
) -> None:
    pages = {f"{number}.md": f"# Page {number}\n\nText {number}.\n" for number in range(700)}
    ingest(workshop, [FakeSource(pages)])

    with pytest.raises(SyncCancelled):
        reembed(other, progress=stopping_at("embed"))
    first = len(embedded_by(other))
    assert (other.store.current(), workshop.store.describe().model) == (1, "fake@1")
    done = reembed(other)

    assert 0 < first < 700
    assert (done.embedded, done.reused) == (700 - first, first)
    outcomes = [run.outcome for run in other.manifest.runs.latest(3)]
    assert outcomes == [RunOutcome.SUCCEEDED, RunOutcome.CANCELLED, RunOutcome.SUCCEEDED]


def test_a_new_generation_that_fails_a_check_is_dropped(workshop: Workshop, other: Workshop) -> None:
    questions = tuple(Question(f"Sentence {number}", "wiki/disk.md") for number in range(6))
    gate = Gate(questions=questions)
    blind = replace(other, embedder=NumbEmbedder())
    ingest(workshop, [FakeSource(PAGES)], Options(gate=Gate()))
    workshop.manifest.connection.execute(
        "UPDATE promotions SET checks = ?", (json.dumps([["recorded questions", True, "6 of 6 found"]]),)
    )

    with pytest.raises(PromotionRefused, match="recorded questions"):
        reembed(blind, replace(gate, questions=tuple(replace(one, document="wiki/none.md") for one in questions)))

    assert (workshop.store.current(), workshop.store.describe().model) == (1, "fake@1")
    assert blind.store.generations() == [1]


def test_a_rollback_goes_back_to_the_model_before(workshop: Workshop, other: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    before = rows(workshop)
    reembed(other)

    assert rollback(other) == 1

    assert other.store.describe().model == "fake@1"
    assert rows(other) == before
    with pytest.raises(UsageError, match="--release"):
        reembed(other)
    assert ingest(workshop, [FakeSource(PAGES)], Options(release=True)).sources[0].unchanged == 6


def test_what_the_manifest_does_not_know_as_it_is_served_is_not_lost_silently(
    workshop: Workshop, other: Workshop
) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    workshop.manifest.connection.execute("DELETE FROM documents WHERE path = 'disk.md'")

    with pytest.raises(KnowledgeError, match=r"wiki/disk\.md.*--rebuild"):
        reembed(other)

    assert workshop.store.current() == 1


def test_other_work_on_an_index_of_another_model_says_what_to_run(workshop: Workshop, other: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    with pytest.raises(ModelMismatch, match="knowledge reembed"):
        delete(other, "disk.md")

    assert states(other)["wiki/disk.md"][0] == "indexed"


def test_what_was_removed_before_the_change_is_restored_for_the_new_model(workshop: Workshop, other: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    delete(workshop, "disk.md")
    reembed(other)

    restored = restore(other, "disk.md")

    assert restored.recipe.endswith("|letters@2")
    assert ingest(other, [FakeSource(PAGES)]).embedded == 0
    assert finds(other, "disk.md")


# Vectors that nobody needs any more


def test_vectors_of_the_former_model_can_be_dropped(workshop: Workshop, other: Workshop, knowledge: Path) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    old = workshop.store.describe().passages
    reembed(other)

    distinct = len(set(embedded_by(workshop)))

    assert prune_vectors(other) == distinct <= old
    assert prune_vectors(other) == 0
    assert reembed(other).embedded == 0
    with closing(EmbeddingCache(knowledge / "embeddings.sqlite")) as cache:
        assert cache.missing("letters@2", embedded_by(other)) == []


def test_a_qdrant_server_gets_a_collection_of_the_new_size(tmp_path: Path) -> None:
    from qdrant_client import QdrantClient

    server = QdrantServer(QdrantClient(":memory:"), "memory")
    manifest, cache = Manifest(tmp_path / "manifest.sqlite"), EmbeddingCache(tmp_path / "embeddings.sqlite")

    def store(dimension: int) -> IndexStore:
        return QdrantServerStore(server, prefix="team", dimension=dimension)

    old, new = FakeEmbedder(), CharacterEmbedder()
    first = Workshop(store(old.dimension), manifest, cache, old)
    with closing(first):
        ingest(first, [FakeSource(PAGES)])
        second = replace(first, store=store(new.dimension), embedder=new)

        done = reembed(second)

        assert (done.served.model, done.served.dimension, done.served.generation) == ("letters@2", 16, 2)
        assert second.store.generations() == [1, 2]
        assert finds(second, "cpu.md")
        assert documents(second).keys() == {f"wiki/{path}" for path in paths_served()}


@dataclass
class NumbEmbedder(CharacterEmbedder):
    """A model that tells no text from another."""

    model: str = "numb@3"

    def _vector(self, text: str) -> Vector:
        return np.full(self.dimension, 1 / self.dimension**0.5, dtype=np.float32)


def stopping_at(stage: str) -> Progress:
    """Return a listener that stops the run at its first report of a stage that is not done with it."""

    def report(at: str, done: int, total: int) -> None:
        if at == stage and done < total:
            raise SyncCancelled("stopped here")

    return report


def paths_served() -> Iterator[str]:
    yield from (path for path in PAGES if path != "rules.yaml")
    yield from ("rules.yaml#DiskFull", "rules.yaml#CpuHigh")
