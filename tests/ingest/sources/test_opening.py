"""From declaration to adapter: the right one, with its terms, and what is missing told by name."""

from pathlib import Path

import pytest

from ingest.errors import DocumentUnreadable, UsageError
from ingest.sources.declarations import Declarations
from ingest.sources.folder import FolderSource
from ingest.sources.opening import open_source
from ingest.sources.source import Source


def opened(base: Path, environment: dict[str, str] | None = None, **source: object) -> Source:
    declared = Declarations.model_validate({"version": 1, "sources": [{"name": "one", **source}]}).sources[0]
    return open_source(declared, base=base, cache_dir=base / "cache", environment=environment or {})


def test_a_folder_is_relative_to_the_file_and_keeps_its_patterns(tmp_path: Path) -> None:
    for name in ("a.md", "b.txt", "old.md"):
        (tmp_path / "docs" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "docs" / name).write_text("text")

    source = opened(
        tmp_path, type="folder", path="docs", include=["*.md"], exclude=["old*"], url_prefix="https://w.example"
    )

    assert isinstance(source, FolderSource)
    assert (source.name, source.url_prefix) == ("one", "https://w.example")
    assert [entry.path for entry in source.snapshot().entries] == ["a.md"]


def test_patterns_are_applied_to_adapters_that_know_none(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text('{"company": "Shop", "summary": "It was down."}')

    source = opened(tmp_path, type="postmortems", path=".", exclude=["b.*"])

    assert [entry.path for entry in source.snapshot().entries] == ["a.json.md"]
    assert source.fetch("a.json.md")
    assert (source.name, source.location, source.url_prefix) == ("one", str(tmp_path), None)
    with pytest.raises(DocumentUnreadable, match="left out by the source's"):
        source.fetch("b.json.md")


def test_a_path_that_is_not_there_is_told_with_the_source(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"source 'one': 'gone' is no file or folder below"):
        opened(tmp_path, type="mbox", path="gone")


@pytest.mark.parametrize("environment", [{}, {"WIKI_TOKEN": " "}])
def test_a_missing_variable_is_told_by_name(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"source 'one': the environment variable 'WIKI_TOKEN' is not set"):
        opened(tmp_path, environment, type="confluence", url="https://w.example", token_env="WIKI_TOKEN")


@pytest.mark.parametrize(
    "declared",
    [
        {"type": "git", "url": "https://git.example/a/b.git", "token_env": "TOKEN"},
        {"type": "web", "start": "https://docs.example/"},
        {"type": "confluence", "url": "https://w.example", "user": "me@example.com", "token_env": "TOKEN"},
        {"type": "notion", "token_env": "TOKEN"},
        {"type": "github", "repository": "a/b", "token_env": "TOKEN"},
        {"type": "gitlab", "project": "a/b", "token_env": "TOKEN"},
    ],
    ids=lambda declared: str(declared["type"]),
)
def test_sources_elsewhere_are_opened_without_asking_them(tmp_path: Path, declared: dict[str, object]) -> None:
    source = opened(tmp_path, {"TOKEN": "s3cret-value"}, **declared)

    assert source.name == "one"
    assert "s3cret-value" not in f"{source.location} {source!r}"


def test_a_local_repository_is_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()

    assert str(tmp_path / "repository") in opened(tmp_path, type="git", url="repository").location
