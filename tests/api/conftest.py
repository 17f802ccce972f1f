"""Fixtures of the API's tests: one small knowledge base, written once and copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Local
from ingest.knowledge.generation_files import copy_tree
from tests.api.shop import FILES
from tests.api.world import app_of, open_world, write_knowledge


@pytest.fixture(scope="session")
def written_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory that nobody may change. It is a copy itself: files of a copy are holes for most part."""
    folder = tmp_path_factory.mktemp("written")
    written, copied = folder / "data", folder / "copy"
    write_knowledge(written, FILES | {"runbooks/empty.md": ""})
    copy_tree(written, copied)
    shutil.rmtree(written)
    return copied.rename(written)


@pytest.fixture
def data_dir(written_once: Path, tmp_path: Path) -> Iterator[Path]:
    """Return a data directory of this test's own, with documents in it; holes of its files stay holes."""
    copied = tmp_path / "data"
    copy_tree(written_once, copied)
    yield copied
    shutil.rmtree(copied)


@pytest.fixture
def world(data_dir: Path) -> Iterator[Local]:
    """Return an assistant over the documents."""
    opened = open_world(data_dir)
    yield opened
    opened.assistant.close()


@pytest.fixture
def http(world: Local) -> Iterator[TestClient]:
    """Return a client of the application, as this machine calls it."""
    with TestClient(app_of(world), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client
