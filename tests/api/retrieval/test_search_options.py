"""Options of a search: documents that differ where incidents are asked for, and a second look at the best ones."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from api.retrieval.query import understand
from api.retrieval.search import Searcher
from api.retrieval.tuning import DEFAULT_TUNING
from ingest.errors import ModelUnavailable
from ingest.knowledge.index import IndexReader
from tests.api.shop import FILES
from tests.small_knowledge import WordEmbedder, build_knowledge

LOST = "The replica of etcd was lost and the quorum was gone, so writes failed until a member was added again"
INCIDENTS = {
    "a/first.md": f"# Quorum lost in May\n\n{LOST} in the morning.",
    "a/second.md": f"# Quorum lost in June\n\n{LOST} in the evening.",
    "b/other.md": "# Gateway out of date\n\nWrites of etcd failed: the certificate of the gateway had run out.",
    "b/more.md": "# Slow pages\n\nPages were slow since a cache was cold.",
}
BEFORE = "Have we had an incident like this before: writes failed, the replica of etcd was lost"


class Prefers:
    """A reranker that likes passages with a word."""

    name = "prefers"

    def __init__(self, word: str) -> None:
        self.word = word

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return [float(self.word in text) for text in texts]


class Broken:
    name = "broken"

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        raise ModelUnavailable("reranker 'broken' failed; unset it")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> IndexReader:
    return build_knowledge(tmp_path_factory.mktemp("options"), FILES).reader


def test_for_similar_incidents_a_report_of_the_same_one_comes_later(tmp_path: Path) -> None:
    reader = build_knowledge(tmp_path, INCIDENTS).reader
    searcher = Searcher(reader, WordEmbedder(), replace(DEFAULT_TUNING, likeness=0.6))

    plain = [hit.stored.document.path for hit in searcher.search(BEFORE, limit=3, diverse=False)]
    asked = [hit.stored.document.path for hit in searcher.search(BEFORE, limit=3)]

    assert {*plain[:2]} == {"a/first.md", "a/second.md"}
    assert asked[0] == plain[0]
    assert asked[1] == "b/other.md"


def test_other_questions_keep_the_order_of_the_ranker(tmp_path: Path) -> None:
    searcher = build_knowledge(tmp_path, INCIDENTS)
    question = "how do I add a member of etcd"

    assert searcher.search(question, limit=4) == searcher.search(question, limit=4, diverse=False)


def test_a_second_look_moves_a_document_and_leaves_the_scores_that_confidence_rests_on(reader: IndexReader) -> None:
    query = understand("connection pool of checkout")
    plain = Searcher(reader, WordEmbedder()).look(query, limit=5)
    last = plain.documents[2].facts

    decisive = replace(DEFAULT_TUNING, rerank=100.0)
    found = Searcher(reader, WordEmbedder(), decisive, reranker=Prefers(last.title)).look(query, limit=5)

    def places(documents: Sequence[str]) -> int:
        return documents.index(last.id)

    assert places([one.facts.id for one in found.documents]) < places([one.facts.id for one in plain.documents])
    assert {one.facts.id: one.score for one in found.documents} == pytest.approx(
        {one.facts.id: one.score for one in plain.documents}, abs=1e-6
    )


def test_a_superseded_document_stays_behind_its_successor_whatever_the_second_look_says(reader: IndexReader) -> None:
    query = understand("fail over the cache")

    found = Searcher(reader, WordEmbedder(), reranker=Prefers("superseded")).look(query, limit=10)
    liked = Searcher(reader, WordEmbedder(), reranker=Prefers("old")).look(query, limit=10)

    for one in (found, liked):
        paths = [hit.stored.document.path for hit in one.hits]
        assert paths.index("runbooks/cache-failover-new.md") < paths.index("runbooks/cache-failover-old.md")


def test_a_reranker_that_fails_changes_nothing_and_is_told_of(reader: IndexReader) -> None:
    query = understand("connection pool of checkout")

    plain = Searcher(reader, WordEmbedder()).look(query, limit=5)
    found = Searcher(reader, WordEmbedder(), reranker=Broken()).look(query, limit=5)

    assert found.hits == plain.hits
    assert "'broken' failed" in found.notes[0]
