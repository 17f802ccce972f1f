"""A git repository as a source: what it lists at which commit, how links and dates are found, and what may go wrong."""

import os
import stat
from pathlib import Path

import pytest

from ingest.errors import DocumentUnavailable, DocumentUnreadable, SourceUnreadable, UsageError
from ingest.sources.git import GitSource
from tests.ingest.sources.contract import SourceContract, World
from tests.ingest.sources.git_repositories import HOST, GitWorld, WorkTree, entries, git, source


class TestLocalRepository(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return GitWorld(tmp_path, remote=False)


class TestRemoteRepository(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return GitWorld(tmp_path, remote=True)


@pytest.fixture
def work(tmp_path: Path) -> WorkTree:
    tree = WorkTree(tmp_path / "work")
    tree.commit("README.md", "docs/disk full#1.md", "docs/net.md", date="2026-01-01T10:00:00+02:00")
    return tree


def test_the_snapshot_names_the_commit_and_leaves_uncommitted_files_out(work: WorkTree) -> None:
    work.write("draft.md")
    work.write("README.md", "edited, not committed")
    read = source(work)

    snapshot = read.snapshot()

    assert snapshot.revision == work.head
    assert [entry.path for entry in snapshot.entries] == ["README.md", "docs/disk full#1.md", "docs/net.md"]
    assert read.fetch("README.md").startswith(b"# README.md")


def test_paths_count_from_the_subpath_and_links_from_the_root(work: WorkTree) -> None:
    read = source(work, subpath="/docs/", web_url=HOST)

    listed = entries(read)

    assert list(listed) == ["disk full#1.md", "net.md"]
    assert listed["net.md"].url == f"{HOST}/blob/{work.head}/docs/net.md"
    assert listed["net.md"].updated_at is not None
    assert read.fetch("net.md") == b"# docs/net.md\n\nbody\n"


def test_a_branch_or_tag_is_read_in_place_of_what_is_checked_out(work: WorkTree) -> None:
    git(work.folder, "tag", "-a", "v1", "-m", "first")
    git(work.folder, "checkout", "--quiet", "-b", "next")
    work.commit("new.md")

    assert "new.md" in entries(source(work, branch="next"))
    assert "new.md" not in entries(source(work, branch="main"))
    assert "new.md" not in entries(source(work, branch="v1"))


def test_the_usual_files_are_left_out_and_patterns_choose_among_the_rest(work: WorkTree) -> None:
    work.commit(".github/x.md", "LICENSE", "logo.png", "node_modules/y.md", "docs/deep/z.md", "docs/a.txt")

    assert list(entries(source(work))) == [
        "README.md",
        "docs/a.txt",
        "docs/deep/z.md",
        "docs/disk full#1.md",
        "docs/net.md",
    ]
    assert list(entries(source(work, include=["docs/**/*.md"], exclude=["deep"]))) == [
        "docs/disk full#1.md",
        "docs/net.md",
    ]
    with pytest.raises(DocumentUnreadable, match="not among the documents"):
        source(work).fetch("node_modules/y.md")


def test_owners_come_from_codeowners_by_paths_from_the_root(work: WorkTree) -> None:
    work.write(".github/CODEOWNERS", "* @acme/ops\n/docs/net.md @acme/network  # routers\n")
    work.commit()

    listed = entries(source(work, subpath="docs"))

    assert listed["net.md"].owners == ("@acme/network",)
    assert listed["disk full#1.md"].owners == ("@acme/ops",)


def test_a_link_inside_the_repository_is_followed_and_changes_with_its_target(work: WorkTree) -> None:
    (work.folder / "docs/start.md").symlink_to("../README.md")
    (work.folder / "runbooks").symlink_to("docs")
    (work.folder / "docs/again.md").symlink_to("../runbooks/net.md")
    work.commit()
    read = source(work, subpath="docs")
    before = entries(read)

    work.write("README.md", "changed")
    work.commit()

    assert read.fetch("start.md") == b"# README.md\n\nbody\n"
    assert read.fetch("again.md") == b"# docs/net.md\n\nbody\n"
    assert entries(read)["start.md"].fingerprint != before["start.md"].fingerprint
    assert "runbooks" not in entries(source(work))


@pytest.mark.parametrize(
    ("target", "reason"),
    [("../../../etc/passwd", "out of"), ("/etc/passwd", "out of"), ("gone.md", "nothing"), ("bad.md", "itself")],
)
def test_a_link_that_leads_nowhere_is_listed_with_its_problem(work: WorkTree, target: str, reason: str) -> None:
    (work.folder / "bad.md").symlink_to(target)
    work.commit()
    read = source(work)

    entry = entries(read)["bad.md"]

    assert reason in (entry.problem or "")
    with pytest.raises(DocumentUnreadable):
        read.fetch("bad.md")


def test_a_pointer_of_git_lfs_is_listed_with_what_to_do(work: WorkTree) -> None:
    work.write("plan.pdf", f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n")
    work.commit()

    assert "Git LFS" in (entries(source(work))["plan.pdf"].problem or "")


def test_a_submodule_is_noted_and_not_read(work: WorkTree) -> None:
    git(work.folder, "update-index", "--add", "--cacheinfo", f"160000,{work.head},theme")
    git(work.folder, "commit", "--quiet", "--message=theme")

    snapshot = source(work).snapshot()

    assert snapshot.complete
    assert ["submodule" in problem for problem in snapshot.problems] == [True]
    assert len(snapshot.entries) == 3


def test_a_name_that_is_not_utf8_is_listed_with_its_problem(work: WorkTree) -> None:
    blob = git(work.folder, "hash-object", "-w", "--stdin", stdin=b"text")
    names = b"".join(b"100644 blob %s\t%s\0" % (blob.encode(), name) for name in (b"caf\xe9.md", b"two\nlines.md"))
    tree = git(work.folder, "mktree", "-z", stdin=names)
    commit = git(work.folder, "commit-tree", tree, "-m", "odd")
    git(work.folder, "update-ref", "refs/heads/odd", commit)

    listed = entries(source(work, branch="odd"))

    assert [("rename it" in (entry.problem or "")) for entry in listed.values()] == [True, True]
    assert "caf�.md" in listed


def test_settings_and_hooks_of_the_repository_start_no_program(work: WorkTree, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    git(work.folder, "config", "log.showSignature", "true")
    for setting in ("gpg.program", "core.fsmonitor", "core.pager", "diff.external", "core.sshCommand"):
        git(work.folder, "config", setting, str(script))
    git(work.folder, "config", "core.hooksPath", str(tmp_path))
    work_before = os.environ.get("GIT_DIR")

    assert len(entries(source(work))) == 3
    assert not trap.exists()
    assert os.environ.get("GIT_DIR") == work_before


def test_variables_of_a_surrounding_git_command_are_not_obeyed(
    work: WorkTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "elsewhere"))

    assert len(entries(source(work))) == 3


def test_a_missing_branch_names_those_that_exist(work: WorkTree) -> None:
    git(work.folder, "branch", "stable")

    with pytest.raises(SourceUnreadable, match=r"no branch or tag 'mian'; it has 'main', 'stable'"):
        source(work, branch="mian").snapshot()


def test_an_empty_repository_and_a_missing_folder_say_so(work: WorkTree, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "empty")

    with pytest.raises(SourceUnreadable, match="has no commit"):
        source(work, url=str(tmp_path / "empty")).snapshot()
    with pytest.raises(SourceUnreadable, match="no folder 'nope'"):
        source(work, subpath="nope").snapshot()


@pytest.mark.parametrize("place", ["nowhere", "work/docs"])
def test_a_folder_that_is_no_repository_says_what_to_give(work: WorkTree, tmp_path: Path, place: str) -> None:
    with pytest.raises(SourceUnreadable, match=r"not a git repository.*subpath"):
        source(work, url=str(tmp_path / place)).snapshot()


def test_without_its_repository_a_listed_document_is_unavailable_for_now(tmp_path: Path) -> None:
    world = GitWorld(tmp_path, remote=True)
    read = world.source()
    read.snapshot()

    world.cache.rename(tmp_path / "elsewhere")

    with pytest.raises(DocumentUnavailable):
        read.fetch("a.md")


@pytest.mark.parametrize(
    "url",
    ["ext::sh -c 'touch /tmp/x'", "git://host/x", "-oProxyCommand=x", "ftp://host/x", "", "https://me:pw@host/x"],
)
def test_addresses_that_cannot_or_must_not_be_used_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        GitSource(name="ops", url=url, cache_dir=tmp_path)

    assert "pw" not in str(caught.value)


def test_a_subpath_does_not_leave_the_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder inside"):
        GitSource(name="ops", url="https://host/x", cache_dir=tmp_path, subpath="../up")
