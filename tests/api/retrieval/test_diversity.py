"""Documents that differ: the best keeps its place, and one like it comes later."""

from hypothesis import given
from hypothesis import strategies as st

from api.retrieval.diversity import spread

WORDS = {"a": {"etcd", "quorum"}, "b": {"etcd", "quorum"}, "c": {"dns", "ndots"}}


def test_a_document_like_the_best_comes_after_one_that_differs() -> None:
    scores = spread({"a": 0.9, "b": 0.8, "c": 0.7}, lambda key: WORDS[key], 0.5)

    assert scores == {"a": 0.9, "c": 0.8, "b": 0.7}


def test_without_likeness_nothing_moves() -> None:
    given_scores = {"a": 0.9, "b": 0.8, "c": 0.7}

    assert spread(given_scores, lambda key: WORDS[key], 0.0) == given_scores


def test_only_the_first_are_compared() -> None:
    assert list(spread({"a": 0.9, "b": 0.8, "c": 0.7}, lambda key: WORDS[key], 0.9, compared=2)) == ["a", "b", "c"]


def test_documents_without_words_are_like_none() -> None:
    assert spread({"a": 0.9, "b": 0.8}, lambda _: set(), 0.5) == {"a": 0.9, "b": 0.8}


@given(st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1), min_size=1), st.floats(0, 1))
def test_the_scores_are_dealt_out_anew_and_none_is_lost(scores: dict[str, float], likeness: float) -> None:
    dealt = spread(scores, lambda key: {key, "same"}, likeness)

    assert sorted(dealt.values()) == sorted(scores.values())
    assert set(dealt) == set(scores)
