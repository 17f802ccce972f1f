"""What every index store promises, checked on each adapter."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from ingest.errors import KnowledgeMissing, ModelMismatch
from ingest.knowledge.documents import document_id
from ingest.knowledge.index import (
    SCHEMA_VERSION,
    IndexDescription,
    IndexStore,
    SparseVector,
)
from tests.ingest.knowledge.index_material import (
    DIMENSION,
    EVERYTHING,
    MakeStore,
    Written,
    add,
    build,
    dense,
    every_leg,
    finish,
    ids,
    names,
    rarity,
    served,
    structured,
    written,
)

# The beginning


def test_an_empty_store_has_no_current_generation(store: IndexStore) -> None:
    assert store.current() is None


def test_opening_an_empty_store_says_what_to_run(store: IndexStore) -> None:
    with pytest.raises(KnowledgeMissing, match="groundwatch ingest"):
        store.open()


def test_a_finished_generation_is_served_only_once_promoted(store: IndexStore) -> None:
    build(store, [written("a.md")], promote=False)

    assert store.current() is None


def test_a_promoted_generation_is_current(store: IndexStore) -> None:
    build(store, [written("a.md")])

    assert store.current() == 1


def test_a_store_opened_again_finds_what_was_promoted(make_store: MakeStore) -> None:
    build(make_store(DIMENSION), [written("a.md")])

    assert [facts.path for facts in make_store(DIMENSION).open().documents()] == ["a.md"]


def test_a_finished_generation_can_be_read_before_it_is_promoted(store: IndexStore) -> None:
    build(store, [written("a.md")], promote=False)

    assert [facts.path for facts in store.open(1).documents()] == ["a.md"]


def test_a_generation_without_documents_can_be_served(store: IndexStore) -> None:
    reader = served(store, [])

    assert reader.documents() == []
    assert reader.search_dense(dense(1, 0), limit=5, where=EVERYTHING) == []


def test_a_description_comes_back_as_it_was_given(store: IndexStore) -> None:
    before = datetime.now(UTC)
    writer = store.begin()
    add(writer, written("a.md"), structured())
    returned = writer.finish(model="tiny@0123", average_length=101.25)
    store.promote(1)

    assert store.open().describe() == returned
    assert before <= returned.built_at <= datetime.now(UTC)
    assert replace(returned, built_at=before) == IndexDescription(
        schema_version=SCHEMA_VERSION,
        model="tiny@0123",
        dimension=DIMENSION,
        average_length=101.25,
        generation=1,
        built_at=before,
        documents=2,
        passages=3,
    )


def test_a_description_counts_what_is_left_after_changes(store: IndexStore) -> None:
    build(store, [written("a.md"), written("b.md")])
    reader = served(store, [written("c.md")], delete=[document_id("handbook", "a.md"), "unknown"])

    assert (reader.describe().documents, reader.describe().passages) == (2, 2)


# What comes back


def test_passages_come_back_whole_in_the_order_asked_for(store: IndexStore) -> None:
    one = structured()
    reader = served(store, [one])
    passages = [entry.passage for entry in one.entries]

    stored = reader.passages([passages[1].id, str(uuid.uuid4()), "not an id", passages[0].id])

    assert [each.passage for each in stored] == [passages[1], passages[0]]
    assert [each.document for each in stored] == [one.document.facts] * 2


def test_the_passages_of_a_document_come_in_document_order(store: IndexStore) -> None:
    one = structured()
    reader = served(store, [written("other.md"), Written(one.document, one.entries[::-1])])

    stored = reader.passages_of(one.id)

    assert [each.passage for each in stored] == [entry.passage for entry in one.entries]


def test_an_unknown_document_has_no_passages_and_no_text(store: IndexStore) -> None:
    reader = served(store, [written("a.md")])

    assert reader.passages_of("nobody") == []
    assert reader.document("nobody") is None


def test_a_document_comes_back_whole(store: IndexStore) -> None:
    one = structured()
    reader = served(store, [one])

    assert reader.document(one.id) == one.document


def test_documents_are_listed_by_source_and_path(store: IndexStore) -> None:
    reader = served(store, [written("b", source="wiki"), written("z", source="handbook"), written("a", source="wiki")])

    listed = [(facts.source, facts.path) for facts in reader.documents()]

    assert listed == [("handbook", "z"), ("wiki", "a"), ("wiki", "b")]


@pytest.mark.parametrize(
    "text",
    [
        "Größe 接続 🧯 e\u0301 \u202e rtl",
        "a\x00b\x01\u2028c",
        "line\r\nline\t|",
        "Zeile mit Wörtern. " * 6000,
    ],
    ids=["unicode", "control characters", "line ends", "over 100 KB"],
)
def test_text_comes_back_character_for_character(store: IndexStore, text: str) -> None:
    one = written("a.md", text=text)
    reader = served(store, [one])

    document = reader.document(one.id)

    assert document is not None
    assert document.text == text
    assert reader.passages_of(one.id)[0].passage.text == text


# The next generation


def test_unchanged_documents_are_carried_into_the_next_generation(store: IndexStore) -> None:
    build(store, [written("a.md", dense(1, 0)), written("b.md", dense(0, 1))])
    reader = served(store, [written("c.md", dense(0.9, 0.1))])

    assert [facts.path for facts in reader.documents()] == ["a.md", "b.md", "c.md"]
    hits = reader.search_dense(dense(1, 0), limit=9, where=EVERYTHING)
    assert names(reader, hits) == ["a.md", "c.md", "b.md"]


def test_a_deleted_document_leaves_every_leg_and_the_rarity_of_terms(store: IndexStore) -> None:
    term = SparseVector((1,), (1.0,))
    gone = [written(f"gone{n}.md", lexical=term, identifiers=term, text="disk full") for n in range(3)]
    build(store, [*gone, written("kept.md", lexical=term, identifiers=term, text="disk full")])
    reader = served(store, [], delete=[one.id for one in gone] + ["unknown"])

    assert [names(reader, hits) for hits in every_leg(reader, EVERYTHING, limit=9)] == [["kept.md"]] * 4
    hits = reader.search_lexical(term, limit=1, where=EVERYTHING)
    assert hits[0].score == pytest.approx(rarity(1, of=1), rel=1e-4)
    assert reader.document(gone[0].id) is None
    assert reader.passages([gone[0].entries[0].passage.id]) == []


def test_a_replaced_document_holds_only_its_new_passages(store: IndexStore) -> None:
    old = written("a.md", text="old words", revision="r1")
    new = written("a.md", text="new words", revision="r2")
    build(store, [old, written("b.md")])
    reader = served(store, [new], delete=[old.id])

    stored = reader.passages_of(new.id)

    assert [one.passage.text for one in stored] == ["new words"]
    assert stored[0].document.revision == "r2"
    assert reader.search_phrase("old words", limit=5, where=EVERYTHING) == []


def test_a_document_added_and_deleted_in_one_go_is_gone(store: IndexStore) -> None:
    writer = store.begin()
    one = written("a.md")
    writer.add(one.document, one.entries)
    writer.delete_documents([one.id])
    finish(writer)

    assert store.open(1).search_dense(dense(1, 0), limit=5, where=EVERYTHING) == []


def test_adding_a_document_twice_is_refused(store: IndexStore) -> None:
    build(store, [written("a.md")])
    writer = store.begin()
    one = written("a.md")

    with pytest.raises(ValueError, match="delete it first"):
        writer.add(one.document, one.entries)
    writer.abort()


def test_a_vector_of_another_length_is_refused_before_anything_is_stored(store: IndexStore) -> None:
    writer = store.begin()
    one = written("a.md")
    wrong = replace(one.entries[0], dense=np.ones(3, dtype=np.float32))

    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        writer.add(one.document, [wrong])
    finish(writer)

    assert store.open(1).documents() == []


def test_the_previous_generation_stays_readable_while_and_after_the_next_is_built(store: IndexStore) -> None:
    before = served(store, [written("a.md", dense(1, 0))])
    after = served(store, [written("b.md", dense(1, 0))], delete=[document_id("handbook", "a.md")])

    assert names(before, before.search_dense(dense(1, 0), limit=5, where=EVERYTHING)) == ["a.md"]
    assert names(after, after.search_dense(dense(1, 0), limit=5, where=EVERYTHING)) == ["b.md"]


def test_the_previous_generation_can_be_opened_and_promoted_back(store: IndexStore) -> None:
    build(store, [written("a.md")])
    build(store, [written("b.md")])

    store.promote(1)

    assert [facts.path for facts in store.open().documents()] == ["a.md"]


def test_old_generations_are_pruned(store: IndexStore) -> None:
    for path in ("a.md", "b.md", "c.md", "d.md"):
        build(store, [written(path)])

    with pytest.raises(KnowledgeMissing, match="generation 1"):
        store.open(1)
    assert len(store.open(2).documents()) == 2
    assert store.generations() == [2, 3, 4]


def test_a_generation_that_was_never_built_cannot_be_promoted(store: IndexStore) -> None:
    build(store, [written("a.md")])

    with pytest.raises(KnowledgeMissing, match="generation 5"):
        store.promote(5)

    assert store.current() == 1


def test_an_aborted_generation_leaves_no_trace(store: IndexStore) -> None:
    build(store, [written("a.md")])
    writer = store.begin()
    one = written("b.md")
    writer.add(one.document, one.entries)
    writer.abort()
    writer.abort()

    with pytest.raises(KnowledgeMissing, match="generation 2"):
        store.open(2)
    reader = served(store, [])
    assert [facts.path for facts in reader.documents()] == ["a.md"]


def test_a_finished_generation_that_was_refused_is_built_again_from_the_current_one(
    store: IndexStore,
) -> None:
    build(store, [written("a.md")])
    build(store, [written("refused.md")], promote=False)
    reader = served(store, [written("b.md")])

    assert [facts.path for facts in reader.documents()] == ["a.md", "b.md"]


def test_another_dimension_needs_another_model_and_says_what_to_run(make_store: MakeStore) -> None:
    build(make_store(DIMENSION), [written("a.md")])

    with pytest.raises(ModelMismatch, match="knowledge reembed"):
        make_store(8).begin()


def test_a_fresh_generation_starts_empty_and_may_have_another_dimension(make_store: MakeStore) -> None:
    build(make_store(DIMENSION), [written("a.md")])
    writer = make_store(8).begin(fresh=True)
    wider = written("b.md", np.eye(8, dtype=np.float32)[0])
    add(writer, wider)
    finish(writer)

    reader = make_store(8).open(2)
    assert [facts.path for facts in reader.documents()] == ["b.md"]
    assert ids(reader.search_dense(wider.entries[0].dense, limit=5, where=EVERYTHING)) == [wider.entries[0].passage.id]


def test_a_writer_tells_what_it_starts_from(store: IndexStore) -> None:
    build(store, [written("a.md")])
    described = store.open().describe()

    copying = store.begin()
    start = copying.previous
    copying.abort()
    fresh = store.begin(fresh=True)
    empty_start = fresh.previous
    fresh.abort()

    assert start == described
    assert empty_start is None


def test_aborting_after_finishing_does_nothing(store: IndexStore) -> None:
    writer = store.begin()
    finish(writer)
    writer.abort()

    assert store.open(1).documents() == []


# Readers at work


def test_threads_can_share_a_reader(store: IndexStore) -> None:
    term = SparseVector((1,), (1.0,))
    paths = [f"{number}.md" for number in range(40)]
    reader = served(store, [written(path, lexical=term, identifiers=term, text="disk full") for path in paths])
    alone = every_leg(reader, EVERYTHING, limit=10)

    def ask(number: int) -> bool:
        document = reader.document(document_id("handbook", paths[number % 40]))
        found = every_leg(reader, EVERYTHING, limit=10)
        return found == alone and document is not None and len(reader.passages(ids(found[0]))) == 10

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(80)))


def test_closing_a_reader_twice_is_harmless(store: IndexStore) -> None:
    reader = served(store, [written("a.md")])

    reader.close()
    reader.close()


def test_a_closed_reader_lets_the_generation_be_opened_again(store: IndexStore) -> None:
    served(store, [written("a.md")]).close()

    assert len(store.open().documents()) == 1
