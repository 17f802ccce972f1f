"""Fixtures of the eval tests: an open index of a small corpus, without a model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.corpus import Bench, CorpusSource, configured_embedder, open_bench
from evals.questions import Question, load_questions
from tests.evals.material import HashingEmbedder, write_corpus, write_questions


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return a folder of documents."""
    return write_corpus(tmp_path / "corpus")


@pytest.fixture
def questions(tmp_path: Path) -> list[Question]:
    """Return questions about them."""
    return load_questions(write_questions(tmp_path / "questions"))


@pytest.fixture
def bench(tmp_path: Path, corpus: Path) -> Iterator[Bench]:
    """Return an index of the documents."""
    opened = open_bench(tmp_path / "data", CorpusSource(corpus), HashingEmbedder())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def real_bench(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Return an index of some real runbooks, made with the packaged model."""
    source = CorpusSource(shared / "corpus", subset=["prometheus-operator-runbooks"])
    opened = open_bench(tmp_path_factory.mktemp("real"), source, configured_embedder())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def handbook_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory for the sample handbook, so that it is embedded once."""
    return tmp_path_factory.mktemp("handbook")
