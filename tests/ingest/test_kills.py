"""A run killed with SIGKILL at any point loses nothing: the old generation serves, the next run completes."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from evals.fault_moments import AFTER_PROMOTION, BEFORE_PROMOTION
from ingest.building import Workshop
from ingest.knowledge.generation_files import copy_tree
from ingest.knowledge.manifest import SyncRow
from ingest.pipeline import ingest
from tests.fakes import FakeEmbedder
from tests.ingest.dying_run import source, workshop

REPOSITORY = Path(__file__).resolve().parents[2]

# The pages here are longer and fewer than those of the evaluation: an early document is written in the first batch.
POINTS = [point.replace("add 50", "add 13") for point in BEFORE_PROMOTION]


@pytest.fixture(scope="module")
def first_generation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an index of version 1."""
    folder = tmp_path_factory.mktemp("first")
    with closing(workshop(folder)) as opened:
        ingest(opened, [source(1)])
    return folder


@pytest.fixture(scope="module")
def undisturbed(first_generation: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what is served after a run over version 2 that nobody killed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    copy_tree(first_generation, folder)
    with closing(workshop(folder)) as opened:
        ingest(opened, [source(2)])
        return served(opened)


@pytest.fixture(scope="module")
def parent() -> Iterator["subprocess.Popen[str]"]:
    """Return the process that forks the runs that die."""
    command = [sys.executable, "-m", "tests.ingest.dying_run"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture
def killed(
    first_generation: Path, parent: "subprocess.Popen[str]", knowledge: Path, request: pytest.FixtureRequest
) -> Iterator[Workshop]:
    """Return the workshop in a folder in which a run over version 2 was killed at the point given."""
    copy_tree(first_generation, knowledge)
    assert parent.stdin is not None
    assert parent.stdout is not None
    print(f"{knowledge}\t{request.param}", file=parent.stdin, flush=True)
    assert parent.stdout.readline() == f"{signal.SIGKILL:d}\n"
    with closing(workshop(knowledge)) as opened:
        yield opened


@pytest.mark.parametrize("killed", POINTS, indirect=True)
def test_killed_before_promotion_the_old_generation_serves_and_the_next_run_completes(
    killed: Workshop, knowledge: Path, undisturbed: dict[str, str]
) -> None:
    assert killed.store.current() == 1
    assert served(killed) == source(1).documents

    assert_next_run_completes(killed, knowledge, undisturbed)


@pytest.mark.parametrize("killed", AFTER_PROMOTION, indirect=True)
def test_killed_after_promotion_the_new_generation_serves_and_nothing_is_done_twice(
    killed: Workshop, knowledge: Path, undisturbed: dict[str, str]
) -> None:
    assert served(killed) == undisturbed

    assert_next_run_completes(killed, knowledge, undisturbed)

    assert isinstance(killed.embedder, FakeEmbedder)
    assert killed.embedder.embedded == []
    assert killed.store.current() == 2


def assert_next_run_completes(opened: Workshop, knowledge: Path, undisturbed: dict[str, str]) -> None:
    """Run again, and check that it ends where an undisturbed run does, embedding only what was not cached."""
    cached = vectors(knowledge)

    result = ingest(opened, [source(2)])

    assert isinstance(opened.embedder, FakeEmbedder)
    assert vectors(knowledge) == cached + len(opened.embedder.embedded), "a cached text was embedded again"
    assert result.generation == 2
    assert served(opened) == undisturbed
    assert {row.path: row.passages for row in opened.manifest.rows()} == dict.fromkeys(undisturbed, 9)
    assert [type(sync) for sync in opened.manifest.syncs()] == [SyncRow]
    assert list((knowledge / "generations").glob("*.building")) == []
    assert ingest(opened, [source(2)]).sources[0].unchanged == len(undisturbed)


def served(opened: Workshop) -> dict[str, str]:
    """Return the text of every document being served, put together from its passages and their gaps."""
    with closing(opened.store.open()) as reader:
        texts: dict[str, str] = {}
        for facts in reader.documents():
            document = reader.document(facts.id)
            assert document is not None
            texts[facts.path] = document.text
            passages = [stored.passage for stored in reader.passages_of(facts.id)]
            assert [one.text for one in passages] == [document.text[p.span.start : p.span.end] for p in passages]
            assert len(passages) == 9
        return texts


def vectors(knowledge: Path) -> int:
    with closing(sqlite3.connect(knowledge / "embeddings.sqlite")) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM vectors").fetchone()[0])
