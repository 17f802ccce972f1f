"""Diffs: unified ones, looser ones, and text that is none."""

import pytest

from api.investigation.suspects.diffs import FileRole, read_diff, role_of

UNIFIED = """diff --git a/src/pool.py b/src/pool.py
--- a/src/pool.py
+++ b/src/pool.py
@@ -1,4 +1,4 @@ def connect(url):
     # a comment
-    size = 50
+    size = 5
+    # another comment
"""


def test_a_unified_diff_tells_its_file_the_function_and_lines_of_code() -> None:
    diff = read_diff(UNIFIED)

    assert diff.files == ("src/pool.py",)
    assert (diff.hunks[0].removed, diff.hunks[0].added) == (("size = 50",), ("size = 5",))
    assert "connect" in diff.hunks[0].signature
    assert "comment" not in diff.hunks[0].text


def test_paths_before_a_diff_are_its_files_and_headers_choose_among_them() -> None:
    diff = read_diff("a/one.go\nb/two.go\n@@ b/two.go: func F() {\n-x := 1\n+x := 2\n@@ see github.com/x/y\n+y := 3")

    assert diff.files == ("a/one.go", "b/two.go")
    assert [one.file for one in diff.hunks] == ["b/two.go", "b/two.go"]


def test_a_new_file_keeps_its_name_and_a_header_of_prose_is_no_signature() -> None:
    diff = read_diff("--- /dev/null\n+++ b/pkg/new.go\n@@ note: this is harmless\n+package pkg\n")

    assert diff.files == ("pkg/new.go",)
    assert diff.hunks[0].signature == ""


@pytest.mark.parametrize("text", ["", "\x00\x01", "just words of a person", "+" * 5_000, "@@\n@@\n@@"])
def test_text_that_is_no_diff_gives_no_files(text: str) -> None:
    assert not read_diff(text).files


def test_a_huge_diff_is_read_up_to_a_limit() -> None:
    diff = read_diff("\n".join(f"+line {number}" for number in range(50_000)))

    assert sum(len(one.added) for one in diff.hunks) == 1_000


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("docs/api.md", FileRole.QUIET),
        ("pkg/a_test.go", FileRole.QUIET),
        ("tests/unit/x.py", FileRole.QUIET),
        (".github/workflows/build.yml", FileRole.QUIET),
        ("web/src/app.css", FileRole.QUIET),
        ("go.mod", FileRole.DEPENDENCIES),
        ("web/package.json", FileRole.DEPENDENCIES),
        ("requirements-dev.txt", FileRole.DEPENDENCIES),
        ("pkg/latest/run.go", FileRole.CODE),
        ("config/pool.yaml", FileRole.CODE),
    ],
)
def test_the_role_of_a_file_is_told_by_its_path(path: str, role: FileRole) -> None:
    assert role_of(path) is role


def test_a_change_of_documents_and_tests_alone_is_quiet() -> None:
    assert read_diff("docs/a.md\ntests/test_b.py").quiet
    assert not read_diff("docs/a.md\nsrc/b.py").quiet
    assert not read_diff("").quiet
