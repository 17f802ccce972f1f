"""The knowledge that suites ask: opened through the settings, and plain searches over the same passages."""

from pathlib import Path

import pytest

from evals.corpus import Bench, configured_embedder
from evals.quality.knowledge import Premises, Wanted, opened
from evals.quality.plain_search import plain_ranks
from evals.quality.replies import Interviewer
from ingest.errors import KnowledgeMissing, UsageError
from tests.evals.material import HashingEmbedder


def test_a_corpus_has_to_be_given(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="give --corpus"),
        opened("corpus", Premises(tmp_path, HashingEmbedder()), Wanted(), None),
    ):
        pass


def test_before_the_first_ingest_nothing_can_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWATCH_DATA_DIR", str(tmp_path))

    with (
        pytest.raises(KnowledgeMissing, match="groundwatch ingest PATH"),
        opened("served", Premises(tmp_path, HashingEmbedder()), Wanted(), None),
    ):
        pass


def test_plain_searches_name_documents_once_best_first(bench: Bench) -> None:
    found = plain_ranks(bench, ["the order queue holds more messages"])["the order queue holds more messages"]

    assert found.bm25[0] == "shop/QueueFull.md"
    assert found.dense[0] == "shop/QueueFull.md"
    assert found.rrf[0] == "shop/QueueFull.md"
    assert len(set(found.rrf)) == len(found.rrf)


@pytest.mark.slow
@pytest.mark.model
def test_the_handbook_is_asked_through_the_assistant_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A team's servers are not touched: the handbook has an index of its own.
    monkeypatch.setenv("GROUNDWATCH_QDRANT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GROUNDWATCH_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    question = "What do I do when PgDiskAlmostFull fires?"

    with opened(
        "handbook", Premises(tmp_path, configured_embedder()), Wanted(alike=True, plain=(question,)), None
    ) as subject:
        found = Interviewer(subject.assistant).search(question, 5)
        reply = Interviewer(subject.assistant).ask(question, {found[0].path})

    assert found[0].path == "runbooks/postgresql-disk-full.md"
    assert {"runbooks/postgresql-disk-full.md", "corpus/runbooks/postgresql-disk-full.md"} <= subject.names
    assert found[0].path not in {one.path for one in reply.found}
    assert subject.plain[question].bm25
    assert reply.broken == ()
