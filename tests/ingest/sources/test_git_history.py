"""The history of a git repository: which commit a document is read at, linked to and dated by."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.ingest.sources.git_repositories import HOST, GitWorld, WorkTree, entries, git, source


@pytest.fixture
def work(tmp_path: Path) -> WorkTree:
    tree = WorkTree(tmp_path / "work")
    tree.commit("README.md", "docs/disk full#1.md", "docs/net.md", date="2026-01-01T10:00:00+02:00")
    return tree


def test_fetch_reads_from_the_commit_of_the_snapshot_though_the_branch_moves_on(work: WorkTree) -> None:
    read = source(work)
    read.snapshot()

    work.write("README.md", "pushed during the crawl")
    (work.folder / "docs/net.md").unlink()
    work.commit()

    assert read.fetch("README.md").startswith(b"# README.md")
    assert read.fetch("docs/net.md").startswith(b"# docs/net.md")


def test_a_force_push_during_the_crawl_changes_nothing_that_was_listed(tmp_path: Path) -> None:
    world = GitWorld(tmp_path, remote=True)
    read = world.source()
    read.snapshot()

    git(world.work.folder, "checkout", "--quiet", "--orphan", "other")
    world.work.write("a.md", "rewritten")
    world.work.commit()
    git(world.work.folder, "push", "--quiet", "--force", "origin", "HEAD:main")
    second = world.source()
    second.snapshot()

    assert read.fetch("a.md").startswith(b"# a.md")
    assert second.fetch("a.md") == b"rewritten"


def test_a_link_is_pinned_to_the_last_commit_that_changed_the_file(work: WorkTree) -> None:
    first = work.head
    work.write("README.md", "new")
    second = work.commit()

    listed = entries(source(work, web_url=HOST))

    assert listed["README.md"].url == f"{HOST}/blob/{second}/README.md"
    assert listed["docs/disk full#1.md"].url == f"{HOST}/blob/{first}/docs/disk%20full%231.md"


def test_a_date_is_the_authors_of_the_last_commit_that_changed_the_file(work: WorkTree) -> None:
    work.write("README.md", "new")
    work.commit(date="2026-03-04T05:06:07Z")

    listed = entries(source(work))

    assert listed["README.md"].updated_at == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert listed["docs/net.md"].updated_at == datetime(2026, 1, 1, 8, tzinfo=UTC)


def test_what_is_remembered_of_the_history_gives_the_same_answer_as_reading_it_anew(work: WorkTree) -> None:
    warm = source(work)
    warm.snapshot()
    for number in range(3):
        git(work.folder, "checkout", "--quiet", "-b", f"side{number}")
        work.write("docs/net.md", f"# docs/net.md\n\nbody\n{number}\n")
        work.commit(date=f"2026-02-0{number + 1}T00:00:00Z")
        git(work.folder, "checkout", "--quiet", "main")
        work.write("README.md", f"text {number}")
        work.commit(date=f"2026-02-1{number}T00:00:00Z")
        git(work.folder, "merge", "--quiet", "--no-edit", f"side{number}", date="2026-02-20T00:00:00Z")
        warm.snapshot()

    cold = source(work, cache_dir=work.folder.parent / "other")

    assert warm.snapshot() == cold.snapshot()


def test_a_merge_that_changes_a_file_itself_is_its_last_change(work: WorkTree) -> None:
    git(work.folder, "checkout", "--quiet", "-b", "side")
    work.write("README.md", "# README.md\n\nbody\nside\n")
    work.commit()
    git(work.folder, "checkout", "--quiet", "main")
    work.write("README.md", "top\n# README.md\n\nbody\n")
    work.commit()
    git(work.folder, "merge", "--quiet", "--no-commit", "side")
    merge = work.commit(date="2026-05-01T00:00:00Z")

    entry = entries(source(work, web_url=HOST))["README.md"]

    assert entry.url == f"{HOST}/blob/{merge}/README.md"
    assert git(work.folder, "show", f"{merge}:README.md").startswith("top")


def test_the_file_behind_every_link_has_the_listed_content(work: WorkTree) -> None:
    work.write("README.md", "one")
    work.commit(date="2026-06-01T00:00:00Z")
    git(work.folder, "checkout", "--quiet", "-b", "side")
    work.write("README.md", "two")
    work.commit(date="2026-01-05T00:00:00Z")  # a clock that runs behind
    git(work.folder, "checkout", "--quiet", "main")
    work.commit(date="2026-06-02T00:00:00Z")
    git(work.folder, "merge", "--quiet", "--no-ff", "--no-edit", "side", date="2026-01-06T00:00:00Z")

    for entry in source(work, web_url="{commit} {path}").snapshot().entries:
        commit = (entry.url or "").split(" ")[0]
        assert git(work.folder, "rev-parse", f"{commit}:{entry.path}") == entry.fingerprint


def test_a_damaged_memory_of_the_history_is_read_anew(work: WorkTree) -> None:
    before = source(work).snapshot()
    (memory,) = (work.folder.parent / "cache").glob("*.history")
    memory.write_bytes(memory.read_bytes()[:-40])

    assert source(work).snapshot() == before


def test_a_clone_without_its_history_vouches_for_no_dates(work: WorkTree, tmp_path: Path) -> None:
    work.commit("late.md", date="2026-02-02T00:00:00Z")
    git(tmp_path, "clone", "--quiet", "--depth=1", work.folder.as_uri(), "shallow")

    listed = entries(source(work, url=str(tmp_path / "shallow")))

    assert len(listed) == 4
    assert {entry.updated_at for entry in listed.values()} == {None}


def test_dates_that_no_calendar_has_are_left_out(work: WorkTree) -> None:
    raw = git(work.folder, "cat-file", "commit", "HEAD")
    raw = "\n".join(
        line.rsplit(" ", 2)[0] + " 99999999999999 +0000" if line.startswith("author") else line
        for line in raw.splitlines()
    )
    commit = git(work.folder, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=raw.encode() + b"\n")
    git(work.folder, "update-ref", "refs/heads/far", commit)

    assert entries(source(work, branch="far"))["README.md"].updated_at is None
