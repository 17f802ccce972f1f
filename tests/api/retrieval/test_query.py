"""What is read out of a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.retrieval.query import MAX_CHARACTERS, understand
from api.retrieval.words import content_words, stem, stems


def test_identifiers_phrases_and_words_are_told_apart() -> None:
    query = understand('Why does KubePodCrashLooping say "back-off restarting" for checkout?')

    assert [found.text for found in query.identifiers] == ["KubePodCrashLooping"]
    assert query.phrases == ("back-off restarting",)
    assert "checkout" in query.words
    assert "why" not in query.words


def test_the_label_values_of_a_metric_are_no_phrases() -> None:
    assert understand('rate(http_requests_total{job="api-server",code=~"5.."}[5m]) > 1').phrases == ()


def test_words_that_may_spell_a_name_are_joined() -> None:
    assert "kubepodcrashlooping" in understand("kube pod crash looping what now").spelled


@pytest.mark.parametrize(
    "family",
    [("failing", "failed", "fails", "fail"), ("queries", "query"), ("stopped", "stops", "stop"), ("pods", "pod")],
)
def test_inflections_of_a_word_share_a_stem(family: tuple[str, ...]) -> None:
    assert len({stem(word) for word in family}) == 1


def test_compound_names_give_their_parts() -> None:
    assert {"crash", "loop"} <= stems("KubePodCrashLooping")


def test_content_words_leave_out_padding_and_repetition() -> None:
    assert content_words("How do I restart the pod, the POD's sidecar?") == ["restart", "pod", "sidecar"]


@given(st.text(min_size=1, max_size=300).filter(lambda text: text.replace("\x00", " ").strip()))
def test_any_text_can_be_read(text: str) -> None:
    assert understand(text).text


def test_a_question_of_the_longest_length_is_read() -> None:
    assert len(understand("a" * MAX_CHARACTERS).text) == MAX_CHARACTERS


@pytest.mark.parametrize(
    "text",
    [
        "Have we seen checkout time out like this before?",
        "similar incidents to the search outage",
        "any past outages of the queue?",
        "incidents like the lost replica",
        "has this happened earlier, with etcd",
    ],
)
def test_who_asks_for_incidents_like_one_is_understood(text: str) -> None:
    assert understand(text).similar


@pytest.mark.parametrize(
    "text",
    [
        "how do I fail over the cache before a release",
        "have we drained the node before the upgrade of the cluster",
        "what do I do when DbDiskFull fires",
        "who is told of an incident",
        "the earlier deploy was rolled back",
    ],
)
def test_other_questions_do_not_ask_for_incidents(text: str) -> None:
    assert not understand(text).similar
