"""The legs of a search: which there are for a question, and what each vote weighs beside rewrites."""

from dataclasses import replace

import pytest

from api.retrieval.legs import REWRITE, Legs
from api.retrieval.query import understand
from api.retrieval.search import Searcher
from api.retrieval.tuning import DEFAULT_TUNING
from ingest.knowledge.passages import PassageFilter
from tests.api.shop import FILES
from tests.small_knowledge import WordEmbedder, build_knowledge

EVERYTHING = PassageFilter()
VAGUE = "why can nobody pay today"


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return build_knowledge(tmp_path_factory.mktemp("legs"), FILES)


@pytest.fixture(scope="module")
def legs(searcher: Searcher) -> Legs:
    return Legs(searcher.reader, WordEmbedder(), DEFAULT_TUNING, searcher.term_score)


def test_names_and_quoted_phrases_have_legs_of_their_own(legs: Legs) -> None:
    found = legs.run(understand('DbDiskFull says "data volume" and "replication slots"'), EVERYTHING)

    assert [leg.name for leg in found] == ["lexical", "dense", "identifiers", "phrase", "phrase"]
    assert all(leg.hits for leg in found)


def test_what_a_filter_leaves_out_is_in_no_leg(searcher: Searcher, legs: Legs) -> None:
    query = understand('DbDiskFull "data volume"')
    best = searcher.find(query, limit=1)[0].stored.document.id

    found = legs.run(query, PassageFilter(exclude_documents=(best,)), ("disk of the database is full",))

    passages = searcher.reader.passages([hit.passage_id for leg in found for hit in leg.hits])
    assert passages
    assert best not in {one.document.id for one in passages}


@pytest.mark.parametrize("rewrites", [("pool exhausted",), ("pool exhausted", "checkout timeout", "no connections")])
def test_rewrites_take_their_weight_from_the_question(legs: Legs, rewrites: tuple[str, ...]) -> None:
    plain = legs.run(understand(VAGUE), EVERYTHING)
    reworded = legs.run(understand(VAGUE), EVERYTHING, rewrites)

    added = [leg.weight for leg in reworded if leg.name == REWRITE]
    assert sum(leg.weight for leg in reworded) == pytest.approx(sum(leg.weight for leg in plain))
    assert len(added) == 2 * len(rewrites)
    assert sum(added) == pytest.approx(sum(leg.weight for leg in reworded if leg.name in {"lexical", "dense"}))


def test_without_a_weight_abbreviations_are_not_looked_up(searcher: Searcher) -> None:
    asked: list[str] = []

    def score(word: str, where: PassageFilter) -> float:
        asked.append(word)
        return searcher.term_score(word, where)

    question = understand("how do we do point in time recovery of the database")
    for weight in (DEFAULT_TUNING.abbreviation, 0.0):
        counted = len(asked)
        tuning = replace(DEFAULT_TUNING, abbreviation=weight)
        Legs(searcher.reader, WordEmbedder(), tuning, score).run(question, EVERYTHING)
        assert (len(asked) > counted) is bool(weight)
