"""A folder as a source: what it lists, what it leaves out, and how it bears what file systems hold."""

import os
from pathlib import Path

import pytest

from ingest.errors import DocumentUnreadable, SourceUnreadable, UsageError
from ingest.sources.folder import FolderSource


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "handbook"
    for path in ("b.md", "a.md", "deep/er/c.txt"):
        write(root / path)
    return root


def test_documents_are_listed_by_path_relative_to_the_folder(folder: Path) -> None:
    source = FolderSource([folder])

    assert source.name == "handbook"
    assert listed(source) == ["a.md", "b.md", "deep/er/c.txt"]
    assert source.snapshot().complete


def test_what_is_hidden_generated_or_no_document_is_left_out(folder: Path) -> None:
    for path in (".git/x.md", ".hidden.md", "node_modules/y.md", "LICENSE", "logo.PNG", "run.sh", "a.md~"):
        write(folder / path)

    assert listed(FolderSource([folder])) == ["a.md", "b.md", "deep/er/c.txt"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("*.txt", ["a.md", "b.md"]),
        ("deep", ["a.md", "b.md"]),
        ("deep/er/*", ["a.md", "b.md"]),
        ("deep/er/", ["a.md", "b.md"]),
        ("er/c.txt", ["a.md", "b.md", "deep/er/c.txt"]),
    ],
)
def test_patterns_exclude_by_name_or_by_path_from_the_root(folder: Path, pattern: str, left: list[str]) -> None:
    assert listed(FolderSource([folder], excludes=[pattern])) == left


def test_several_paths_share_their_nearest_common_folder_as_root(folder: Path) -> None:
    source = FolderSource([folder / "a.md", folder / "deep"], name="some")

    assert (source.name, source.root, listed(source)) == ("some", folder, ["a.md", "deep/er/c.txt"])


def test_a_link_is_the_prefix_and_the_quoted_path(folder: Path) -> None:
    write(folder / "disk full#1.md")

    entries = FolderSource([folder], url_prefix="https://wiki.example/docs/").snapshot().entries

    assert "https://wiki.example/docs/disk%20full%231.md" in [entry.url for entry in entries]


def test_a_fingerprint_changes_with_the_content(folder: Path) -> None:
    source = FolderSource([folder])
    before = source.snapshot().entries

    write(folder / "a.md", "longer than before")

    after = source.snapshot().entries
    assert before[0].fingerprint != after[0].fingerprint
    assert before[1:] == after[1:]


def test_names_of_any_script_are_listed_and_fetched(folder: Path) -> None:
    write(folder / "störung 断线 🔥.md", "text")

    source = FolderSource([folder])

    assert listed(source)[-1] == "störung 断线 🔥.md"
    assert source.fetch("störung 断线 🔥.md") == b"text"


def test_a_name_that_is_not_utf8_is_listed_with_its_problem(folder: Path) -> None:
    with open(os.fsencode(folder) + b"/caf\xe9.md", "wb") as file:  # noqa: PTH123 - pathlib takes no bytes
        file.write(b"text")

    (odd,) = [entry for entry in FolderSource([folder], url_prefix="u").snapshot().entries if entry.problem]

    assert (odd.path, odd.problem) == ("caf\ufffd.md", "has a name that is not UTF-8; rename it")


def test_links_to_files_are_followed_and_links_to_folders_are_not(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "d.md")
    (folder / "file.md").symlink_to(tmp_path / "elsewhere" / "d.md")
    (folder / "folder").symlink_to(tmp_path / "elsewhere")
    (folder / "deep" / "up").symlink_to(folder)

    assert listed(FolderSource([folder])) == ["a.md", "b.md", "deep/er/c.txt", "file.md"]


def test_links_that_lead_nowhere_or_in_a_circle_are_entries_with_a_problem(folder: Path) -> None:
    (folder / "nowhere.md").symlink_to(folder / "gone.md")
    (folder / "circle.md").symlink_to(folder / "circle.md")

    problems = {entry.path: entry.problem for entry in FolderSource([folder]).snapshot().entries if entry.problem}

    assert sorted(problems) == ["circle.md", "nowhere.md"]
    assert all(problem.startswith("cannot be read: ") for problem in problems.values())


def test_pipes_are_left_out_rather_than_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.md")

    assert "pipe.md" not in listed(FolderSource([folder]))


def test_a_file_that_vanishes_after_it_was_listed_is_an_unreadable_document(folder: Path) -> None:
    source = FolderSource([folder])
    (folder / "a.md").unlink()

    with pytest.raises(DocumentUnreadable, match="No such file"):
        source.fetch("a.md")


def test_a_path_that_does_not_exist_is_a_usage_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such file or folder: '.*typo'"):
        FolderSource([tmp_path / "typo"])


def test_a_path_that_is_a_circle_of_links_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    with pytest.raises(UsageError, match="cannot be followed"):
        FolderSource([tmp_path / "loop"])


def test_a_folder_that_vanished_cannot_be_listed_at_all(folder: Path, tmp_path: Path) -> None:
    source = FolderSource([folder])
    folder.rename(tmp_path / "moved")

    with pytest.raises(SourceUnreadable, match="source 'handbook'"):
        source.snapshot()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_without_permission_makes_the_listing_partial(folder: Path) -> None:
    (folder / "deep").chmod(0)

    snapshot = FolderSource([folder]).snapshot()

    (folder / "deep").chmod(0o700)
    assert not snapshot.complete
    assert "deep" in snapshot.problems[0]


def write(file: Path, text: str = "text") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def listed(source: FolderSource) -> list[str]:
    return [entry.path for entry in source.snapshot().entries]
