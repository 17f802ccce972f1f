"""What speaks for a document, and how a ranker weighs it."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from api.retrieval.document_features import DocumentFeatures, QuestionWords
from api.retrieval.fusion import behind_successors
from api.retrieval.query import understand
from api.retrieval.ranker import Ranker, Weight, default_ranker
from api.retrieval.search import Searcher
from ingest.knowledge.documents import DocumentFacts, DocumentKind, DocumentStatus
from tests.api.shop import FILES
from tests.small_knowledge import build_knowledge

_NOTHING = DocumentFeatures(*([0.0] * len(fields(DocumentFeatures))))


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return build_knowledge(tmp_path_factory.mktemp("ranker"), FILES)


def _features(searcher: Searcher, text: str) -> dict[str, DocumentFeatures]:
    found = searcher.look(understand(text), limit=5)
    return {one.facts.path: one.features for one in found.documents}


def facts(path: str, superseded_by: str | None = None) -> DocumentFacts:
    return DocumentFacts(
        id=path,
        source="docs",
        path=path,
        title=path,
        kind=DocumentKind.RUNBOOK,
        status=DocumentStatus.CURRENT,
        revision="1",
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
        superseded_by=superseded_by,
    )


def test_the_name_that_an_alert_begins_with_is_seen_in_the_document_that_holds_it(searcher: Searcher) -> None:
    found = _features(searcher, "[FIRING:1] DbDiskFull the disk of the database is nearly full")

    assert found["runbooks/DbDiskFull.md"].lead_heading == 1.0
    assert all(one.lead_heading == 0.0 for path, one in found.items() if "DbDiskFull" not in path)


def test_the_document_whose_title_is_what_was_asked_matches_best(searcher: Searcher) -> None:
    found = _features(searcher, "db disk full")

    assert max(found, key=lambda path: found[path].title_match) == "runbooks/DbDiskFull.md"


def test_coverages_are_shares_that_widen_with_what_is_read(searcher: Searcher) -> None:
    for one in _features(searcher, "why did search return nothing after the deploy").values():
        widening = [one.sentence_coverage, one.passage_coverage, one.found_coverage, one.whole_coverage]
        assert all(0.0 <= share <= 1.0 for share in widening)
        assert widening[1:] == sorted(widening[1:])


def test_words_that_no_passage_holds_are_the_unknown_share() -> None:
    query = understand("zorblax checkout")
    words = QuestionWords.of(query, lambda word: 0.0 if word == "zorblax" else 6.0)

    assert words.unknown == pytest.approx(0.5)
    assert words.coverage({"checkout"}) == pytest.approx(0.5)


def test_each_feature_counts_by_its_distance_from_the_mean() -> None:
    ranker = Ranker({"cosine": Weight(mean=0.4, scale=0.2, weight=3.0)}, "tests")

    assert ranker.score(replace(_NOTHING, cosine=0.6), 1.0) == pytest.approx(3.0)
    assert ranker.score(replace(_NOTHING, cosine=0.4), 1.0) == pytest.approx(0.0)


def test_a_document_that_is_not_current_is_worth_less() -> None:
    ranker = Ranker({}, "tests")

    assert ranker.score(_NOTHING, 0.6) < ranker.score(_NOTHING, 0.9) < ranker.score(_NOTHING, 1.0)


def test_a_superseded_document_stays_behind_its_successor_however_well_it_fits() -> None:
    known = {"old": facts("old.md", superseded_by="new.md"), "new": facts("new.md")}

    scores = behind_successors({"old": 5.0, "new": 1.0}, known, lambda score: score - 0.05)

    assert scores["old"] < scores["new"] == 1.0


def test_documents_that_name_each_other_as_successor_keep_their_scores() -> None:
    known = {"a": facts("a.md", superseded_by="b.md"), "b": facts("b.md", superseded_by="a.md")}

    assert behind_successors({"a": 5.0, "b": 1.0}, known, lambda score: score - 0.05) == {"a": 5.0, "b": 1.0}


def test_along_a_chain_each_stands_behind_the_next() -> None:
    known = {
        "a": facts("a.md", superseded_by="b.md"),
        "b": facts("b.md", superseded_by="c.md"),
        "c": facts("c.md"),
    }

    scores = behind_successors({"a": 5.0, "b": 4.0, "c": 1.0}, known, lambda score: score - 0.05)

    assert scores["a"] < scores["b"] < scores["c"]


def test_the_packaged_ranker_weighs_every_feature_and_says_where_its_weights_are_from() -> None:
    ranker = default_ranker()

    assert set(ranker.weights) == {field.name for field in fields(DocumentFeatures)}
    assert all(one.scale > 0 for one in ranker.weights.values())
    assert "evals.ranker" in ranker.origin
