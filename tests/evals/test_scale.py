"""The scale measure edits what it says, times what it says, and counts every failed query of a swap."""

import subprocess
import sys
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from api.serving import ServedKnowledge
from evals.corpus import Bench, open_workshop
from evals.edited_copy import EditedCopy, edited, fill_up, is_edited
from evals.generation_swap import builder, swap_under_load
from evals.hashing_embedder import HashingEmbedder
from evals.hybrid_latency import measure_hybrid
from evals.index_size import measure_size
from ingest.errors import KnowledgeError
from ingest.pipeline import ingest
from ingest.sources.folder import FolderSource

QUESTIONS = ["CartDown fires", "the order queue is full"]


def test_copies_fill_up_to_the_wished_number_of_passages() -> None:
    passages = {f"{number}.md": 10 for number in range(10)}

    copies = fill_up(passages, 250)

    assert [len(paths) for paths in copies] == [10, 10, 5]
    assert copies == fill_up(passages, 250)


def test_an_edit_adds_words_to_two_plain_sentences_and_leaves_commands_alone() -> None:
    line = b"The order queue holds more messages than its limit allows.\n"
    text = b"# Title\n\n" + line + b"```\nkubectl rollout restart deploy/cart and then wait for it\n```\n" + line + line

    found = edited(text, "again-1")

    assert found.count(b"again-1") == 2
    assert b"kubectl rollout restart deploy/cart and then wait for it\n" in found


def test_about_every_fifth_document_of_a_copy_is_edited(tmp_path: Path) -> None:
    for number in range(100):
        sentence = "The order queue holds more messages than its limit allows.\n"
        (tmp_path / f"{number}.md").write_text(sentence)
    paths = frozenset(f"{number}.md" for number in range(100))
    copy = EditedCopy(tmp_path, name="again-1", paths=paths)

    changed = [entry.path for entry in copy.snapshot().entries if b"again-1" in copy.fetch(entry.path)]

    assert changed == [path for path in sorted(paths) if is_edited(path)]
    assert 10 < len(changed) < 30


def test_search_and_its_legs_are_timed_once_a_question(bench: Bench) -> None:
    ticks = count()

    found = measure_hybrid(bench.reader, HashingEmbedder(), QUESTIONS, clock=lambda: float(next(ticks)))

    assert (found.n, found.raw_p50, found.search_p95, found.ratio) == (2, 1000, 1000, 1.0)
    assert next(ticks) == 4 * len(QUESTIONS)


def test_the_size_of_an_index_is_counted_by_passage(bench: Bench, tmp_path: Path) -> None:
    size = measure_size(bench.reader, tmp_path / "data" / "knowledge" / "generations" / "1")

    assert size.passages == bench.reader.describe().passages
    assert size.dense == 64 * 4
    assert size.terms > 5
    assert size.payload > 100
    assert size.shard > 0


@pytest.fixture
def served_data(tmp_path: Path, corpus: Path) -> Path:
    """Return a data directory whose index was made with the embedder that a build without a model uses."""
    with closing(open_workshop(tmp_path / "data", HashingEmbedder())) as workshop:
        ingest(workshop, [FolderSource([corpus], name="shop")])
    return tmp_path / "data"


def test_no_query_fails_while_another_process_builds_and_promotes(served_data: Path) -> None:
    store = open_workshop(served_data, HashingEmbedder()).store
    with closing(ServedKnowledge(store, HashingEmbedder(), check_every=0.05)) as served:
        found = swap_under_load(served, QUESTIONS, builder(served_data, hashing=True), minimum=200)

    assert (found.failed, found.failures) == (0, ())
    assert found.asked >= 200
    assert found.after >= 100


def test_a_build_that_fails_ends_the_measure(served_data: Path) -> None:
    store = open_workshop(served_data, HashingEmbedder()).store

    def broken() -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])

    with closing(ServedKnowledge(store, HashingEmbedder())) as served, pytest.raises(KnowledgeError, match="code 3"):
        swap_under_load(served, QUESTIONS, broken, minimum=1)
