"""The second look adds to what the ranker says, takes nothing away, and refuses what is no score."""

from collections.abc import Sequence

import pytest

from api.retrieval.reranking import look_again
from ingest.errors import ModelUnavailable

SCORES = {"a": 3.0, "b": 2.5, "c": 1.0}
TEXTS = {"a": ["about dns"], "b": ["about disks", "about etcd"]}


class Likes:
    name = "likes"

    def __init__(self, word: str) -> None:
        self.word = word

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return [float(self.word in text) for text in texts]


class Says:
    name = "says"

    def __init__(self, *said: float) -> None:
        self.said = said

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return list(self.said)


def test_the_better_passage_of_a_document_counts() -> None:
    assert look_again(SCORES, TEXTS, "etcd?", Likes("etcd"), 2.0) == {"a": 3.0, "b": 4.5, "c": 1.0}


def test_a_model_that_finds_all_alike_changes_no_order() -> None:
    found = look_again(SCORES, TEXTS, "?", Likes("nothing"), 2.0)

    assert sorted(found, key=lambda key: -found[key]) == ["a", "b", "c"]


def test_one_document_is_not_read_again() -> None:
    assert look_again(SCORES, {"a": ["x"]}, "?", Says(), 2.0) == SCORES


@pytest.mark.parametrize("said", [(1.0,), (1.0, 2.0, float("nan"))])
def test_what_is_no_score_is_refused_with_the_model_and_the_next_step(said: tuple[float, ...]) -> None:
    with pytest.raises(ModelUnavailable, match=r"'says'.*unset it"):
        look_again(SCORES, TEXTS, "?", Says(*said), 2.0)
