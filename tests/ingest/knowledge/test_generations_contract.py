"""What every index store promises of its generations: numbers, dropping, copies, and what is kept beside passages."""

from contextlib import closing
from dataclasses import replace

import pytest

from ingest.errors import KnowledgeMissing, UsageError
from ingest.knowledge.documents import document_id
from ingest.knowledge.extracts import Component, DocumentExtract, Extract
from ingest.knowledge.index import IndexStore
from tests.ingest.knowledge.index_material import EVERYTHING, build, dense, finish, names, written


def test_a_number_names_one_content_though_a_generation_was_rolled_back(store: IndexStore) -> None:
    build(store, [written("a.md")])
    build(store, [written("b.md")])
    store.promote(1)

    build(store, [written("c.md")])

    assert store.current() == 3
    assert [facts.path for facts in store.open(2).documents()] == ["a.md", "b.md"]


def test_a_discarded_generation_is_gone_and_the_current_one_cannot_be(store: IndexStore) -> None:
    build(store, [written("a.md")])
    build(store, [written("b.md")], promote=False)

    store.discard(2)
    store.discard(7)

    assert store.generations() == [1]
    with pytest.raises(UsageError, match="generation 1 is being served"):
        store.discard(1)


def test_documents_can_be_read_while_their_passages_are_open_elsewhere(store: IndexStore) -> None:
    build(store, [written("a.md")])

    with closing(store.open()), closing(store.open_documents()) as documents:
        assert [facts.path for facts in documents.documents()] == ["a.md"]


def test_a_generation_is_described_without_being_opened(store: IndexStore) -> None:
    with pytest.raises(KnowledgeMissing, match="run groundwatch ingest"):
        store.describe()
    build(store, [written("a.md")])
    build(store, [written("b.md")])

    with closing(store.open()) as reader:
        assert store.describe() == reader.describe()
    assert (store.describe(1).generation, store.describe(1).documents) == (1, 1)


def test_a_served_generation_can_be_opened_apart(store: IndexStore) -> None:
    build(store, [written("a.md", dense(1, 0))])

    with closing(store.open()), store.open_apart() as apart:
        assert names(apart, apart.search_dense(dense(1, 0), limit=5, where=EVERYTHING)) == ["a.md"]


def test_near_duplicates_are_kept_with_the_generation(store: IndexStore) -> None:
    writer = store.begin()
    for one in (written("a.md"), written("b.md")):
        writer.add(one.document, one.entries)
    copy, leader = document_id("handbook", "b.md"), document_id("handbook", "a.md")
    writer.relate({copy: leader})
    finish(writer)
    store.promote(1)

    assert store.open().duplicates() == {copy: leader}
    assert store.open().describe().documents == 2


def test_what_a_document_states_as_structure_comes_back_with_it(store: IndexStore) -> None:
    one = written("a.md")
    stated = Extract(components=(Component("checkout", one.document.sections[0].span),))
    writer = store.begin()
    writer.add(replace(one.document, extract=stated), one.entries)
    finish(writer)
    store.promote(1)

    reader = store.open()

    assert reader.extracts() == [DocumentExtract(one.document.facts.id, stated)]
    found = reader.document(one.document.facts.id)
    assert found is not None
    assert found.extract == stated
