"""A small knowledge base that the tests of writing share."""

import pytest

from api.retrieval.search import Searcher
from tests.api.writing.material import FILES
from tests.small_knowledge import build_knowledge


@pytest.fixture(scope="session")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """Return a searcher over the small documents."""
    return build_knowledge(tmp_path_factory.mktemp("writing"), FILES)
