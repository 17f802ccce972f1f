"""The contract of sources, held by every adapter that reads files of this machine."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.sources.filtered import filtered
from ingest.sources.folder import FolderSource
from ingest.sources.source import Source
from tests.ingest.sources.archives import MboxWorld, RecordsWorld, SlackWorld
from tests.ingest.sources.contract import SourceContract, World


@dataclass(frozen=True)
class FolderWorld:
    """A folder with three documents."""

    root: Path
    secret: str = ""

    def source(self) -> Source:
        return FolderSource([self.root], url_prefix="https://wiki.example/docs")

    def add(self) -> None:
        (self.root / "middle.md").write_text("# Middle\n\nAdded later.\n")

    def change(self, path: str) -> None:
        (self.root / path).write_text("# Changed\n\nThis text is another one, and longer.\n")

    def remove(self, path: str) -> None:
        (self.root / path).unlink()


@dataclass(frozen=True)
class FilteredWorld(FolderWorld):
    """A folder of which a pattern leaves one document out."""

    def source(self) -> Source:
        return filtered(super().source(), (), ["left-out*"])


class TestFolder(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        root = tmp_path / "handbook"
        for path in ("a.md", "deep/er/b.txt", "rules/alerts.yaml"):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(f"# {path}\n\ntext\n")
        return FolderWorld(root)


class TestPostmortems(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return RecordsWorld(tmp_path / "incidents")


class TestMbox(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return MboxWorld(tmp_path / "oncall.mbox")


class TestSlack(SourceContract):
    @pytest.fixture(params=["export", "export.zip"])
    def world(self, tmp_path: Path, request: pytest.FixtureRequest) -> World:
        return SlackWorld(tmp_path / request.param)


class TestFilteredFolder(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        root = tmp_path / "handbook"
        root.mkdir()
        for path in ("a.md", "b.md", "left-out.md"):
            (root / path).write_text(f"# {path}\n\ntext\n")
        return FilteredWorld(root)
