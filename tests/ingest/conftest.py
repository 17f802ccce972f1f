"""Where the tests of ingest keep an index, and what they ingest with."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.building import Workshop
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.manifest import Manifest
from tests.fakes import FakeEmbedder
from tests.ingest.another_model import CharacterEmbedder

_MEMORY = Path("/dev/shm")


@pytest.fixture
def knowledge() -> Iterator[Path]:
    """Return a folder for an index, in memory where the system offers that: the engine syncs each file."""
    parent = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="groundwatch-", dir=parent, ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def workshop(knowledge: Path, embedder: FakeEmbedder) -> Iterator[Workshop]:
    """Return a workshop over the embedded store with the fake embedder."""
    opened = Workshop(
        EdgeStore(knowledge, embedder.dimension, patience=0.1),
        Manifest(knowledge / "manifest.sqlite"),
        EmbeddingCache(knowledge / "embeddings.sqlite"),
        embedder,
    )
    yield opened
    opened.close()


@pytest.fixture
def other(workshop: Workshop, knowledge: Path) -> Workshop:
    """Return the same workshop as a process sees it that is configured with another model."""
    another = CharacterEmbedder()
    return replace(workshop, embedder=another, store=EdgeStore(knowledge, another.dimension, patience=0.1))
