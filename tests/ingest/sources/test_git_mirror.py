"""Remote repositories over HTTP: what is copied, where the token goes, and what is said when it fails."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import SourceUnreadable
from ingest.sources.git import GitSource
from tests.ingest.sources.contract import SourceContract, World
from tests.ingest.sources.git_repositories import GitServer, WorkTree, git, git_server, served_copy

TOKEN = "s3cret-t0ken-1234567890"


class HostedWorld:
    """A repository behind a server that asks for a token."""

    secret = TOKEN

    def __init__(self, folder: Path, server: GitServer) -> None:
        self.work = WorkTree(folder / "work")
        self.work.commit("a.md", "deep/er/b.txt", "z.md")
        served_copy(self.work, folder / "hosted" / "ops.git")
        self.url = f"{server.url}/ops.git"
        self.cache = folder / "cache"

    def source(self, **terms: object) -> GitSource:
        values = {"name": "ops", "url": self.url, "cache_dir": self.cache, "token": TOKEN, **terms}
        return GitSource(**values)  # type: ignore[arg-type]  # the values of each test fit

    def add(self) -> None:
        self.work.write("middle.md")
        self.publish()

    def change(self, path: str) -> None:
        self.work.write(path, "# Changed\n\nanother text\n")
        self.publish()

    def remove(self, path: str) -> None:
        (self.work.folder / path).unlink()
        self.publish()

    def publish(self) -> None:
        self.work.commit()
        git(self.work.folder, "push", "--quiet", "--force", "origin", "HEAD")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with git_server(tmp_path / "hosted", TOKEN) as running:
        yield running


@pytest.fixture
def hosted(tmp_path: Path, server: GitServer) -> HostedWorld:
    return HostedWorld(tmp_path, server)


class TestHostedRepository(SourceContract):
    @pytest.fixture
    def world(self, hosted: HostedWorld) -> World:
        return hosted


def test_old_contents_and_files_that_are_no_documents_are_not_copied(hosted: HostedWorld) -> None:
    hosted.work.write("video.mp4", os.urandom(300_000))
    hosted.change("a.md")

    hosted.source().snapshot()

    assert _size(hosted.cache) < 100_000


def test_a_second_snapshot_of_an_unchanged_branch_asks_once_and_copies_nothing(
    hosted: HostedWorld, server: GitServer
) -> None:
    before = hosted.source().snapshot()
    server.asked.clear()

    assert hosted.source().snapshot() == before
    assert [path.rpartition("/")[2] for path in server.asked if "info/refs" not in path] == ["git-upload-pack"]


def test_documents_are_fetched_from_the_copy_after_the_remote_went_away(hosted: HostedWorld, server: GitServer) -> None:
    read = hosted.source()
    read.snapshot()
    server.asked.clear()

    assert read.fetch("a.md").startswith(b"# a.md")
    assert server.asked == []


def test_links_and_owners_are_found_in_a_partial_copy(hosted: HostedWorld) -> None:
    hosted.work.write("CODEOWNERS", "*.md @acme/ops\n")
    hosted.work.write("shared/real.md")
    (hosted.work.folder / "deep/link.md").symlink_to("../shared/real.md")
    hosted.publish()
    read = hosted.source(subpath="deep")

    listed = {entry.path: entry for entry in read.snapshot().entries}

    assert listed["link.md"].owners == ("@acme/ops",)
    assert read.fetch("link.md").startswith(b"# shared/real.md")


def test_the_token_is_in_no_file_and_no_process_line(
    hosted: HostedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, wrapper = tmp_path / "lines", tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {shutil.which("git")} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")

    hosted.source().snapshot()

    lines = log.read_text()
    assert "ls-remote" in lines
    assert "fetch" in lines
    assert TOKEN not in lines
    assert "Basic" not in lines
    assert not [file for file in hosted.cache.rglob("*") if file.is_file() and TOKEN.encode() in file.read_bytes()]


@pytest.mark.parametrize("token", [None, "expired-" + TOKEN])
def test_a_refused_token_says_so_without_showing_it(hosted: HostedWorld, token: str | None) -> None:
    with pytest.raises(SourceUnreadable, match=r"give a token or ssh key") as caught:
        hosted.source(token=token).snapshot()

    assert TOKEN not in str(caught.value)


def test_a_remote_that_does_not_answer_is_no_current_snapshot_though_a_copy_exists(
    tmp_path: Path,
) -> None:
    with git_server(tmp_path / "hosted", TOKEN) as server:
        hosted = HostedWorld(tmp_path, server)
        hosted.source().snapshot()

    with pytest.raises(SourceUnreadable, match="check the network"):
        hosted.source().snapshot()


def test_a_missing_repository_and_a_missing_branch_say_what_is_wrong(hosted: HostedWorld) -> None:
    with pytest.raises(SourceUnreadable, match="check the URL"):
        hosted.source(url=hosted.url.replace("ops", "nope")).snapshot()
    with pytest.raises(SourceUnreadable, match=r"no branch or tag 'x'; it has 'main'"):
        hosted.source(branch="x").snapshot()


def test_locks_of_a_killed_git_do_not_stop_the_next_run(hosted: HostedWorld) -> None:
    hosted.source().snapshot()
    (copy,) = hosted.cache.glob("*.git")
    for name in ("config.lock", "packed-refs.lock", "refs/heads/main.lock"):
        (copy / name).touch()
    hosted.change("a.md")

    assert hosted.source().snapshot().revision == hosted.work.head


def test_two_syncs_at_once_share_one_copy(hosted: HostedWorld) -> None:
    revisions: list[str] = []
    threads = [threading.Thread(target=lambda: revisions.append(hosted.source().snapshot().revision)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert revisions == [hosted.work.head] * 3


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
