"""What every index promises of its searches, checked on each adapter."""

import math

import numpy as np
import pytest

from ingest.errors import ModelMismatch
from ingest.knowledge.documents import DocumentKind, document_id
from ingest.knowledge.index import (
    IndexStore,
    SparseVector,
)
from ingest.knowledge.passages import PassageFilter
from tests.ingest.knowledge.index_material import (
    EVERYTHING,
    NOTHING,
    Written,
    dense,
    every_leg,
    ids,
    names,
    passage_ids,
    rarity,
    served,
    unit,
    written,
)


def test_dense_search_orders_by_cosine(store: IndexStore) -> None:
    reader = served(
        store,
        [written("far.md", dense(0, 1)), written("near.md", dense(1, 0.1)), written("same.md", dense(1, 0))],
    )

    hits = reader.search_dense(dense(1, 0), limit=3, where=EVERYTHING)

    assert names(reader, hits) == ["same.md", "near.md", "far.md"]
    assert [hit.score for hit in hits] == pytest.approx([1.0, 1 / math.hypot(1, 0.1), 0.0], abs=1e-5)


def test_a_query_vector_of_another_length_names_both_dimensions(store: IndexStore) -> None:
    reader = served(store, [written("a.md")])

    with pytest.raises(ModelMismatch, match=r"3.*4 dimensions"):
        reader.search_dense(np.ones(3, dtype=np.float32), limit=1, where=EVERYTHING)


def test_lexical_search_weighs_terms_by_rarity(store: IndexStore) -> None:
    reader = served(
        store,
        [
            written("common.md", lexical=SparseVector((1,), (1.5,))),
            written("both.md", lexical=SparseVector((1, 2), (1.0, 1.0))),
            written("other.md", lexical=SparseVector((3,), (9.0,))),
        ],
    )

    hits = reader.search_lexical(SparseVector((1, 2), (1.0, 1.0)), limit=5, where=EVERYTHING)

    assert names(reader, hits) == ["both.md", "common.md"]
    expected = [rarity(2, of=3) + rarity(1, of=3), 1.5 * rarity(2, of=3)]
    assert [hit.score for hit in hits] == pytest.approx(expected, rel=1e-4)


def test_identifier_search_weighs_identifiers_by_rarity(store: IndexStore) -> None:
    reader = served(
        store,
        [
            written("one.md", identifiers=SparseVector((4_294_967_295,), (1.0,))),
            written("two.md", identifiers=SparseVector((7, 4_294_967_295), (1.0, 1.0))),
            written("none.md", lexical=SparseVector((7,), (1.0,))),
        ],
    )

    hits = reader.search_identifiers(SparseVector((7, 4_294_967_295), (1.0, 1.0)), limit=5, where=EVERYTHING)

    assert names(reader, hits) == ["two.md", "one.md"]


def test_a_sparse_query_without_terms_finds_nothing(store: IndexStore) -> None:
    reader = served(store, [written("a.md", lexical=SparseVector((1,), (1.0,)))])

    assert reader.search_lexical(NOTHING, limit=5, where=EVERYTHING) == []
    assert reader.search_identifiers(NOTHING, limit=5, where=EVERYTHING) == []


def test_a_term_that_no_passage_holds_finds_nothing(store: IndexStore) -> None:
    reader = served(store, [written("a.md", lexical=SparseVector((1,), (1.0,)))])

    assert reader.search_lexical(SparseVector((2,), (1.0,)), limit=5, where=EVERYTHING) == []


@pytest.mark.parametrize(
    "phrase",
    [
        "connection pool exhausted",
        "CONNECTION  pool\n exhausted",
        "pool_size: 10",
        "--force",
        "-> {}",
        "größe der straße",
        "GRÖSSE DER STRASSE",
        "接続プール",
        "the runbook title",
    ],
)
def test_a_phrase_is_found_with_case_and_white_space_folded(store: IndexStore, phrase: str) -> None:
    text = "The connection\n  pool exhausted: pool_size: 10, use --force -> {} Größe der Straße 接続プール."
    reader = served(store, [written("a.md", text="nothing"), written("b.md", text=text, header="The Runbook Title")])

    hits = reader.search_phrase(phrase, limit=5, where=EVERYTHING)

    assert names(reader, hits) == ["b.md"]
    assert [hit.score for hit in hits] == [1.0]


@pytest.mark.parametrize("phrase", ["nection pool", "connection poo", "pool connection", "pool_siz", " ", ""])
def test_a_phrase_matches_whole_words_in_order_only(store: IndexStore, phrase: str) -> None:
    reader = served(store, [written("a.md", text="connection pool exhausted, pool_size: 10")])

    assert reader.search_phrase(phrase, limit=5, where=EVERYTHING) == []


def test_a_phrase_does_not_run_from_the_header_into_the_text(store: IndexStore) -> None:
    reader = served(store, [written("a.md", header="Queue backlog", text="grows daily")])

    assert reader.search_phrase("backlog grows", limit=5, where=EVERYTHING) == []


def test_phrase_hits_are_ordered_by_passage_id_and_cut_at_the_limit(store: IndexStore) -> None:
    reader = served(store, [written(f"{number}.md", text="disk full") for number in range(600)])

    hits = reader.search_phrase("disk full", limit=300, where=EVERYTHING)

    everything = reader.search_phrase("disk full", limit=1000, where=EVERYTHING)
    assert len(everything) == 600
    assert hits == everything[:300]
    assert hits == sorted(hits, key=lambda hit: hit.passage_id)


def test_ties_are_cut_by_passage_id_in_every_leg(store: IndexStore) -> None:
    term = SparseVector((1,), (1.0,))
    reader = served(
        store, [written(f"{number}.md", dense(1, 0), lexical=term, identifiers=term) for number in range(150)]
    )
    lowest = sorted(one for number in range(150) for one in passage_ids(reader, f"{number}.md"))[:5]

    assert ids(reader.search_dense(dense(1, 0), limit=5, where=EVERYTHING)) == lowest
    assert ids(reader.search_lexical(term, limit=5, where=EVERYTHING)) == lowest
    assert ids(reader.search_identifiers(term, limit=5, where=EVERYTHING)) == lowest


def test_a_search_repeated_gives_the_same_hits(store: IndexStore) -> None:
    random = np.random.default_rng(7)
    reader = served(store, [written(f"{number}.md", unit(random.normal(size=4))) for number in range(60)])
    query = unit(random.normal(size=4))

    first = reader.search_dense(query, limit=20, where=EVERYTHING)

    assert all(reader.search_dense(query, limit=20, where=EVERYTHING) == first for _ in range(5))


@pytest.mark.parametrize("limit", [0, 1])
def test_no_leg_returns_more_than_the_limit(store: IndexStore, limit: int) -> None:
    term = SparseVector((1,), (1.0,))
    reader = served(store, [written(f"{n}.md", lexical=term, identifiers=term, text="disk full") for n in range(3)])

    assert [len(hits) for hits in every_leg(reader, EVERYTHING, limit=limit)] == [limit] * 4


# Filters

FILTERS = [
    pytest.param(PassageFilter(sources=("wiki",)), {"b", "d"}, id="source"),
    pytest.param(PassageFilter(sources=("wiki", "handbook")), {"a", "b", "c", "d"}, id="any of two sources"),
    pytest.param(PassageFilter(kinds=(DocumentKind.POSTMORTEM,)), {"c", "d"}, id="kind"),
    pytest.param(PassageFilter(services=("checkout",)), {"a", "c"}, id="service"),
    pytest.param(PassageFilter(services=("search", "billing")), {"b", "c"}, id="any of two services"),
    pytest.param(
        PassageFilter(exclude_documents=(document_id("handbook", "a"), document_id("wiki", "d"))),
        {"b", "c"},
        id="excluded documents",
    ),
    pytest.param(
        PassageFilter(
            sources=("handbook",),
            kinds=(DocumentKind.RUNBOOK, DocumentKind.POSTMORTEM),
            services=("checkout",),
            exclude_documents=(document_id("handbook", "a"),),
        ),
        {"c"},
        id="all together",
    ),
    pytest.param(PassageFilter(sources=("nowhere",)), set(), id="unknown source"),
    pytest.param(PassageFilter(exclude_documents=("not an id",)), {"a", "b", "c", "d"}, id="unknown document"),
]


@pytest.mark.parametrize(("where", "expected"), FILTERS)
def test_each_filter_narrows_every_leg(store: IndexStore, where: PassageFilter, expected: set[str]) -> None:
    term = SparseVector((1,), (1.0,))

    def one(path: str, source: str, kind: DocumentKind, *services: str) -> Written:
        return written(
            path,
            lexical=term,
            identifiers=term,
            text="disk full",
            source=source,
            kind=kind,
            services=services,
        )

    reader = served(
        store,
        [
            one("a", "handbook", DocumentKind.RUNBOOK, "checkout"),
            one("b", "wiki", DocumentKind.RUNBOOK, "search"),
            one("c", "handbook", DocumentKind.POSTMORTEM, "billing", "checkout"),
            one("d", "wiki", DocumentKind.POSTMORTEM),
        ],
    )

    found = [set(names(reader, hits)) for hits in every_leg(reader, where, limit=10)]

    assert found == [expected] * 4
