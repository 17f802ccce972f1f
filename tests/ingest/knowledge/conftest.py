"""The stores that tests of the index run on, and where those keep their files."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.index import IndexStore
from ingest.knowledge.server_index import QdrantServer
from ingest.knowledge.server_store import QdrantServerStore
from tests.ingest.knowledge.index_material import DIMENSION, MakeStore

_MEMORY = Path("/dev/shm")


@pytest.fixture
def quick_directory() -> Iterator[Path]:
    """Return an empty directory, in memory where the system offers that.

    The embedded engine syncs each of its files to disk, and there are a hundred: on a disk that other
    programs use too, that makes a second of each generation.
    """
    parent = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="groundwatch-", dir=parent, ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(params=["edge", "server"])
def make_store(request: pytest.FixtureRequest, quick_directory: Path) -> MakeStore:
    """Return a way to open the same store, for vectors of a given dimension."""
    if request.param == "edge":
        return lambda dimension: EdgeStore(quick_directory / "knowledge", dimension, patience=0.1)
    from qdrant_client import (
        QdrantClient,
    )  # here: each process of the suite loads this file, and few need seconds of it

    server = QdrantServer(QdrantClient(":memory:"), "memory")
    return lambda dimension: QdrantServerStore(server, prefix="test", dimension=dimension)


@pytest.fixture
def store(make_store: MakeStore) -> IndexStore:
    return make_store(DIMENSION)
