"""Watching folders: which changes wake a sync, and for which sources."""

from pathlib import Path
from threading import Event, Thread

import pytest

from ingest.errors import SourceUnreadable
from ingest.sources.folder import FolderSource
from ingest.sources.watching import watch


@pytest.fixture
def folders(tmp_path: Path) -> tuple[FolderSource, FolderSource]:
    for name in ("docs", "runbooks"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text("text")
    return FolderSource([tmp_path / "docs"]), FolderSource([tmp_path / "runbooks"], excludes=["drafts"])


class Seen:
    """What a watcher that runs in a thread of its own yields."""

    def __init__(self, sources: tuple[FolderSource, ...], ignored: tuple[Path, ...] = ()) -> None:
        self.changes: list[frozenset[str]] = []
        self._some = Event()
        self._stop = Event()
        # Polling takes none of the machine's few watches.
        self._watch = watch(sources, settle_seconds=0.1, stop=self._stop, ignored=ignored, poll=True)
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for names in self._watch:
            self.changes.append(names)
            self._some.set()

    def after(self, file: Path) -> list[frozenset[str]]:
        """Write a file until its change is noticed, and return all that was noticed."""
        for number in range(50):
            file.write_text("x" * number)
            if self._some.wait(0.2):
                break
        self._stop.set()
        self._thread.join(10)
        return self.changes


def test_a_change_names_the_source_it_is_in(folders: tuple[FolderSource, FolderSource]) -> None:
    assert Seen(folders).after(folders[1].root / "b.md")[0] == {"runbooks"}


def test_files_that_no_snapshot_lists_wake_nothing(folders: tuple[FolderSource, FolderSource], tmp_path: Path) -> None:
    data = folders[0].root / "data"
    for folder in (folders[1].root / "drafts", data):
        folder.mkdir()
    seen = Seen(folders, ignored=(data,))
    for file in (folders[1].root / "drafts" / "x.md", folders[1].root / "logo.png", data / "index.md"):
        file.write_text("x")

    assert set(seen.after(folders[0].root / "b.md")) == {frozenset({"docs"})}


def test_a_folder_that_is_gone_cannot_be_watched(folders: tuple[FolderSource, FolderSource], tmp_path: Path) -> None:
    folders[0].root.rename(tmp_path / "moved")

    with pytest.raises(SourceUnreadable, match="docs' cannot be watched: no such file or folder"):
        next(watch(folders, stop=Event()))
