"""Wording: markup, templates and addresses leave, words stay."""

import time

import pytest

from ingest.adaptation.wording import plain, sentences, shortened


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("See [the **runbook**](../a/b(c).md) now.", "See the runbook now."),
        ("1. Run `kubectl get pods` first", "Run kubectl get pods first"),
        ("{{ $value | humanize }} pods are down", "pods are down"),
        ("<a href='x'>Restart it</a> at https://wiki.example.com/x", "Restart it at"),
        ("disk_free_bytes * 2 stays", "disk_free_bytes 2 stays"),
        ("", ""),
    ],
)
def test_markup_leaves_and_words_stay(written: str, read: str) -> None:
    assert plain(written) == read


def test_text_made_to_be_slow_is_read_in_time() -> None:
    started = time.perf_counter()

    for hostile in ("[" * 100_000, "{{" * 100_000, "[a](" * 50_000, "<a " * 50_000, "`" * 100_000, "(" * 100_000):
        plain(hostile)

    assert time.perf_counter() - started < 3.0


def test_sentences_end_at_marks_before_a_new_start() -> None:
    assert sentences("It broke at 3.14 a.m. today. Restart it! Then wait.") == [
        "It broke at 3.14 a.m. today.",
        "Restart it!",
        "Then wait.",
    ]


def test_a_long_text_is_cut_to_what_the_model_reads() -> None:
    assert len(shortened("word " * 500).split()) == 60
