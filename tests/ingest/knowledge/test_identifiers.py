"""Names in text: which are found, and which spellings mean the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.knowledge.identifiers import find_identifiers, fold_identifier, name_words, spelled_out


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("KubePodCrashLooping fires.", ["KubePodCrashLooping"]),
        ("sum(rate(http_requests_total[5m]))", ["http_requests_total"]),
        ("job:errors:rate5m is high", ["job:errors:rate5m"]),
        ("see OPS-1234 and ORA-00600", ["OPS-1234", "ORA-00600"]),
        ("code 0xdeadbeef", ["0xdeadbeef"]),
        ("log in to db-1.prod.example.com now", ["db-1.prod.example.com"]),
        ("set `max.poll.records` and `node-exporter`", ["max.poll.records", "node-exporter"]),
        ("a real-time, well-known thing, e.g. this one. Or that.", []),
        ("SRE team, SLOs and the API", []),
        ("KubePodCrashLooping, kube_pod_crash_looping", ["KubePodCrashLooping"]),
    ],
)
def test_identifiers_are_told_from_prose(text: str, names: list[str]) -> None:
    assert [found.text for found in find_identifiers(text)] == names


@pytest.mark.parametrize("spelling", ["KubePodCrashLooping", "kube_pod_crash_looping", "kubepodcrashlooping"])
def test_spellings_of_one_name_fold_to_one_key(spelling: str) -> None:
    assert fold_identifier(spelling) == "kubepodcrashlooping"


def test_a_name_typed_as_words_is_among_the_runs_of_words() -> None:
    assert "kubepodcrashlooping" in set(spelled_out(["why", "is", "kube", "pod", "crash", "looping", "firing"]))


def test_a_name_is_taken_apart_at_its_humps() -> None:
    assert name_words("KubeAPIErrorBudget_5m") == ["kube", "api", "error", "budget", "5m"]


@given(st.text(max_size=200))
def test_any_text_can_be_searched_for_names(text: str) -> None:
    keys = [found.key for found in find_identifiers(text)]

    assert len(keys) == len(set(keys))
    assert all(key == fold_identifier(key) and len(key) >= 3 for key in keys)


def test_a_long_run_of_letters_and_dots_takes_no_noticeable_time() -> None:
    assert find_identifiers("aA" * 20_000 + " " + "a." * 20_000 + " " + "a-" * 20_000) == []
