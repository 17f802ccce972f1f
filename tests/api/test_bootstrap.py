"""Settings of a search that cannot be meant are refused before anything is served."""

from pathlib import Path

import pytest

from api.bootstrap import open_local
from api.settings import load_settings
from ingest.errors import ModelUnavailable, UsageError


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GROUNDWATCH_DATA_DIR", str(tmp_path / "data"))


def test_a_reranker_in_a_folder_that_is_not_there_is_refused_before_anything_is_served(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GROUNDWATCH_RERANKER", str(tmp_path / "nothing"))

    with pytest.raises(ModelUnavailable, match=r"nothing.*GROUNDWATCH_RERANKER"):
        open_local(load_settings())


def test_rewrites_without_a_language_model_are_refused_with_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWATCH_REWRITE_QUESTIONS", "true")

    with pytest.raises(UsageError, match="GROUNDWATCH_LLM_PROVIDER"):
        open_local(load_settings())
