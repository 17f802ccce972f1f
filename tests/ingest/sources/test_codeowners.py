"""CODEOWNERS: which pattern matches which path, and who wins."""

import time

import pytest

from ingest.sources.codeowners import CodeOwners


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*", ["a.md", "x/y/z.md"], []),
        ("*.md", ["a.md", "x/y/z.md"], ["a.txt", "a.md5"]),
        ("/build/logs/", ["build/logs/a", "build/logs/b/c"], ["x/build/logs/a", "build/logs"]),
        ("docs/*", ["docs/start.md"], ["docs/build/trouble.md", "x/docs/start.md"]),
        ("apps/", ["apps/a", "x/apps/b/c"], ["apps"]),
        ("/docs/", ["docs/a", "docs/b/c"], ["x/docs/a"]),
        ("docs", ["docs", "docs/a", "x/docs/a"], ["docsy/a"]),
        ("/scripts/*.sh", ["scripts/a.sh"], ["scripts/b/a.sh"]),
        ("**/logs", ["logs/a", "x/y/logs/b"], ["xlogs/a"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b/c"], ["a/xb"]),
        ("a/**", ["a/x", "a/x/y"], ["b/a/x"]),
        ("f?o*b*.md", ["foo-bar.md", "x/fxob.md"], ["fo-bar.md", "f/o-b.md"]),
        (r"my\ docs/*.md", ["my docs/a.md"], ["docs/a.md"]),
        (r"\#notes.md", ["#notes.md"], ["notes.md"]),
        ("a+b(c).md", ["a+b(c).md"], ["aab(c).md"]),
    ],
)
def test_a_pattern_matches_as_in_gitignore(pattern: str, matching: list[str], others: list[str]) -> None:
    owners = CodeOwners.parse(f"{pattern} @acme/ops".encode())

    assert [path for path in matching if owners.owners_of(path)] == matching
    assert [path for path in others if owners.owners_of(path)] == []


def test_the_last_matching_line_wins_even_where_it_names_nobody() -> None:
    owners = CodeOwners.parse(b"* @all\n*.md @writers dev@acme.io # both\n/drafts/\n")

    assert owners.owners_of("a.txt") == ("@all",)
    assert owners.owners_of("a.md") == ("@writers", "dev@acme.io")
    assert owners.owners_of("drafts/a.md") == ()


def test_each_section_of_gitlab_names_its_own_owners() -> None:
    owners = CodeOwners.parse(b"* @all\n[Docs][2] @docs-team\n*.md\n/api/ @api\n^[Security]\n*.md @sec\n")

    assert owners.owners_of("a.md") == ("@all", "@docs-team", "@sec")
    assert owners.owners_of("api/x.go") == ("@all", "@api")


def test_comments_negations_and_damaged_lines_state_no_rule() -> None:
    owners = CodeOwners.parse(b"\xef\xbb\xbf# c\n\n!x @no\n/ @no\n* @all not-an-owner \xff\xfe\n")

    assert owners.owners_of("x") == ("@all",)
    assert CodeOwners.parse(b"").owners_of("x") == ()


def test_no_pattern_makes_matching_slow() -> None:
    patterns = ["*a" * 30 + "b", "**/" * 40 + "x", "*" * 200, "a/**/" * 4 + "b", "a/**/" * 40 + "b"]
    owners = CodeOwners.parse("\n".join(f"{pattern} @x" for pattern in patterns * 20).encode())
    started = time.perf_counter()

    owners.owners_of("a" * 250 + "/a" * 100)

    assert time.perf_counter() - started < 1
