"""Cutting hits at a limit with ties."""

import pytest

from ingest.knowledge.index import LegHit
from ingest.knowledge.ranked_hits import best_hits


@pytest.mark.parametrize("ties", [0, 3, 40, 500])
def test_ties_across_the_limit_are_settled_by_passage_id(ties: int) -> None:
    hits = [LegHit("top", 2.0), *[LegHit(f"{number:03}", 1.0) for number in reversed(range(ties))]]

    assert [hit.passage_id for hit in best_hits(lambda n: hits[:n], 3)] == ["top", "000", "001"][: 1 + ties]


def test_one_fetch_is_enough_without_ties() -> None:
    asked: list[int] = []

    def fetch(number: int) -> list[LegHit]:
        asked.append(number)
        return [LegHit(str(place), 1000.0 - place) for place in range(1000)][:number]

    assert len(best_hits(fetch, 10)) == 10
    assert len(asked) == 1


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_asks_for_nothing(limit: int) -> None:
    assert best_hits(lambda n: pytest.fail("asked"), limit) == []
