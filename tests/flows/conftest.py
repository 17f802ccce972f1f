"""One Prefect server for all tests of flows: starting it takes ten seconds."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.building import Workshop
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.manifest import Manifest
from tests.fakes import FakeEmbedder

_MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run a Prefect server with an empty database of its own."""
    from flows.prefect_surroundings import prepare_prefect

    prepare_prefect(tmp_path_factory.mktemp("prefect"), quiet=True)
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    """Return a workshop over the embedded store with the fake embedder, in memory where the system offers that."""
    parent = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="groundwatch-", dir=parent, ignore_cleanup_errors=True) as name:
        folder, embedder = Path(name), FakeEmbedder()
        opened = Workshop(
            EdgeStore(folder, embedder.dimension, patience=0.1),
            Manifest(folder / "manifest.sqlite"),
            EmbeddingCache(folder / "embeddings.sqlite"),
            embedder,
        )
        yield opened
        opened.close()
