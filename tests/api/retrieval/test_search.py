"""Searching a small knowledge base: legs, filters, order, and what a hit carries."""

from pathlib import Path

import pytest

from api.errors import UsageError
from api.retrieval.search import Searcher, check_model
from ingest.errors import ModelMismatch
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.passages import PassageFilter
from tests.api.shop import FILES
from tests.small_knowledge import WordEmbedder, build_knowledge


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return build_knowledge(tmp_path_factory.mktemp("search"), FILES)


def _paths(searcher: Searcher, text: str, where: PassageFilter | None = None) -> list[str]:
    return [hit.stored.document.path for hit in searcher.search(text, limit=10, where=where)]


@pytest.mark.parametrize("text", ["DbDiskFull", "db disk full", "dbdiskfull", "db_disk_full", "is DbDiskFull bad?"])
def test_a_name_is_found_however_it_is_spelled(searcher: Searcher, text: str) -> None:
    assert _paths(searcher, text)[0] == "runbooks/DbDiskFull.md"


def test_a_quoted_phrase_lifts_the_passage_that_holds_it(searcher: Searcher) -> None:
    hits = searcher.search('checkout "at most 30 connections"', limit=3)

    assert hits[0].stored.document.path == "architecture/data-stores.md"
    assert "phrase" in hits[0].legs


def test_a_superseded_document_stands_behind_the_current_one(searcher: Searcher) -> None:
    found = _paths(searcher, "fail over the cache")

    assert found.index("runbooks/cache-failover-new.md") < found.index("runbooks/cache-failover-old.md")


def test_each_document_comes_once_unless_more_is_asked(searcher: Searcher) -> None:
    once = searcher.search("disk full", limit=10)
    more = searcher.search("disk full", limit=10, per_document=3)

    assert len({hit.stored.document.id for hit in once}) == len(once)
    assert len(more) > len(once)


def test_scores_fall_from_document_to_document(searcher: Searcher) -> None:
    scores = [hit.score for hit in searcher.search("checkout connection pool", limit=10)]

    assert scores == sorted(scores, reverse=True)


def test_the_same_search_gives_the_same_hits(searcher: Searcher) -> None:
    first = searcher.search("restart the sentinel process", limit=10, per_document=3)

    assert all(searcher.search("restart the sentinel process", limit=10, per_document=3) == first for _ in range(3))


def test_filters_narrow_by_kind_service_and_source(searcher: Searcher) -> None:
    assert _paths(searcher, "search alias", PassageFilter(kinds=(DocumentKind.POSTMORTEM,))) == [
        "postmortems/2026-02-11-search.md"
    ]
    assert _paths(searcher, "volume", PassageFilter(services=("db",))) == ["runbooks/DbDiskFull.md"]
    assert _paths(searcher, "volume", PassageFilter(sources=("elsewhere",))) == []


def test_an_excluded_document_is_not_found(searcher: Searcher) -> None:
    best = searcher.search("DbDiskFull", limit=1)[0].stored.document.id

    assert "runbooks/DbDiskFull.md" not in _paths(searcher, "DbDiskFull", PassageFilter(exclude_documents=(best,)))


@pytest.mark.parametrize("text", ["", "   \n\t", "x" * 8_001, "\x00"])
def test_an_empty_or_endless_question_is_refused(searcher: Searcher, text: str) -> None:
    with pytest.raises(UsageError, match="question"):
        searcher.search(text, limit=3)


@pytest.mark.parametrize("text", ["?", "%%%", "日本語の質問", "🔥", "a", "' OR 1=1 --", "}{", "\\", "* AND", "NaN"])
def test_odd_questions_give_hits_or_nothing_but_no_error(searcher: Searcher, text: str) -> None:
    assert isinstance(searcher.search(text, limit=3), list)


def test_an_index_of_another_model_is_refused(searcher: Searcher) -> None:
    class Other(WordEmbedder):
        model = "words@2"

    with pytest.raises(ModelMismatch, match=r"words@1.*words@2.*knowledge reembed"):
        check_model(searcher.reader, Other())


def test_a_word_that_no_passage_holds_has_no_weight(searcher: Searcher) -> None:
    assert searcher.term_score("kafka") == 0.0
    assert searcher.term_score("sentinel") > 0.0


def test_hits_carry_the_text_of_their_span(searcher: Searcher) -> None:
    for hit in searcher.search("disk full checkout pool", limit=20, per_document=5):
        document = searcher.reader.document(hit.stored.document.id)
        span = hit.stored.passage.span

        assert document is not None
        assert document.text[span.start : span.end] == hit.stored.passage.text


def test_llama_index_users_get_nodes_with_citations(searcher: Searcher) -> None:
    from api.retrieval.llama_index_retriever import GroundwatchRetriever

    nodes = GroundwatchRetriever(searcher, limit=2).retrieve("DbDiskFull")

    assert nodes[0].node.metadata["path"] == "runbooks/DbDiskFull.md"
    assert nodes[0].node.metadata["line_start"] >= 1
    assert len(nodes) == 2


def test_a_page_that_only_points_on_brings_the_page_it_points_to(tmp_path: Path) -> None:
    files = {
        "faq.md": "# Questions\n\nWhere can I talk about ideas? See [how we meet](guide/meetings.md).",
        "guide/meetings.md": "# Gatherings\n\nEvery second Tuesday.",
        "guide/other.md": "# Other\n\nNothing of that.",
    }
    searcher = build_knowledge(tmp_path, files)

    hits = searcher.search("Where can I talk about ideas?", limit=2)
    elsewhere = searcher.search(
        "Where can I talk about ideas?", limit=2, where=PassageFilter(exclude_documents=(hits[1].stored.document.id,))
    )

    assert [hit.stored.document.path for hit in hits] == ["faq.md", "guide/meetings.md"]
    assert "guide/meetings.md" not in [hit.stored.document.path for hit in elsewhere]


def test_the_small_knowledge_base_is_on_disk(tmp_path: Path) -> None:
    searcher = build_knowledge(tmp_path, {"a.md": "# A\n\nWords."})

    assert searcher.reader.describe().documents == 1
