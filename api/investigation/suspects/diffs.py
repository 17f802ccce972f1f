"""Diffs as records: which files a change touches, and which lines it takes out and puts in.

Read are unified diffs, and the looser ones that tools and people write, in which a hunk's header names the file.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_LONGEST = 200_000  # characters of a diff that are read
_MOST_LINES = 1_000  # changed lines that are kept
_WIDEST = 600  # characters of a line
_PATH = re.compile(r"^[\w@.+-]+(?:/[\w@.+-]+)*$")
_IN_HEADER = re.compile(r"[\w@.+-]+(?:/[\w@.+-]+)+|[\w@+-]+\.\w{1,6}(?![\w(])")
_QUIET_NAMES = re.compile(
    r"(?:^|/)(?:tests?|testdata|__tests__|spec|specs|fixtures|docs?|documentation|examples?|\.github|\.circleci|"
    r"\.gitlab|locales?|i18n)/|(?:^|/)test_[^/]*$|(?:_test|\.test|\.spec|_spec)\.\w+$|"
    r"\.(?:md|rst|adoc|css|scss|less|svg|png|jpe?g|gif|ico|snap|golden)$|"
    r"(?:^|/)(?:CODEOWNERS|LICENSE\S*|NOTICE|CHANGELOG\S*|AUTHORS|\.gitignore|\.editorconfig|\.golangci\.ya?ml|"
    r"\.eslintrc\S*|\.prettierrc\S*|\.gitlab-ci\.yml|Jenkinsfile)$",
    re.IGNORECASE,
)
_DEPENDENCIES = re.compile(
    r"(?:^|/)(?:go\.(?:mod|sum)|package(?:-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|requirements[^/]*\.txt|pyproject\.toml|"
    r"poetry\.lock|uv\.lock|Pipfile(?:\.lock)?|Cargo\.(?:toml|lock)|Gemfile(?:\.lock)?|pom\.xml|build\.gradle(?:\.kts)?|"
    r"composer\.(?:json|lock))$"
)
_HASH_COMMENTS = re.compile(
    r"\.(?:py|rb|sh|ya?ml|toml|tf|pl|r|conf|cfg|ini|properties|mk)$|(?:^|/)(?:Dockerfile|Makefile)"
)
_SIGNATURE = re.compile(r"[({]|\b(?:class|struct|interface|module|func|function|def|fn)\s+\w")
_SLASH_COMMENT = re.compile(r"^\s*(?://|/\*|\*\s|\*/|<!--|--\s)")


class FileRole(StrEnum):
    """What a file is to a running system."""

    CODE = "code"
    DEPENDENCIES = "dependencies"
    QUIET = "quiet"  # documents, tests, styles, and what builds or reviews: no running process reads it


@dataclass(frozen=True, slots=True)
class Hunk:
    """One stretch of a diff; `header` is what follows its @@, `lines` all of it with their first character.

    `removed` and `added` are its lines of code, stripped; comments and empty lines are left out.
    """

    file: str
    header: str
    lines: tuple[str, ...]
    removed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def signature(self) -> str:
        """What its header says of the function or type that it stands in; empty where that is prose or nothing."""
        said = _IN_HEADER.sub(" ", self.header)
        return said.strip(" @:") if _SIGNATURE.search(said) else ""

    @property
    def text(self) -> str:
        """Its code, changed or not, with the function that it stands in; comments are left out."""
        return "\n".join((self.signature, *(line[1:] for line in self.lines if is_code(line[1:], self.file))))


@dataclass(frozen=True, slots=True)
class Diff:
    """The files that a change touches and the hunks that are told of it, which can be none."""

    files: tuple[str, ...]
    hunks: tuple[Hunk, ...]

    @property
    def quiet(self) -> bool:
        """Whether nothing that it touches is read by a running process; False where no file is told."""
        return bool(self.files) and all(role_of(file) is FileRole.QUIET for file in self.files)


def role_of(file: str) -> FileRole:
    """Return what a file is to a running system, by its path."""
    if _QUIET_NAMES.search(file):
        return FileRole.QUIET
    return FileRole.DEPENDENCIES if _DEPENDENCIES.search(file) else FileRole.CODE


def read_diff(text: str) -> Diff:
    """Read a diff, which paths of files can stand before, one a line; text that is no diff gives no hunks."""
    files: list[str] = []
    hunks: list[Hunk] = []
    file, header, lines, kept = "", "", list[str](), 0
    for line in text[:_LONGEST].splitlines():
        line = line[:_WIDEST]
        if line.startswith("+++ ") or line.startswith("--- "):
            hunks.extend(_hunk(file, header, lines))
            header, lines = "", []
            path = line[4:].split("\t")[0].strip().removeprefix("a/").removeprefix("b/")
            file = file if path == "/dev/null" else path
            files.append(file)
        elif line.startswith("@@"):
            hunks.extend(_hunk(file, header, lines))
            header, lines = line.strip("@ "), []
            named = _named(header, files)
            file = named or file
        elif line[:1] in {"+", "-", " "} and line.strip("+- "):
            if line[0] != " ":
                kept += 1
            if kept <= _MOST_LINES:
                lines.append(line)
        elif not hunks and not lines and _PATH.match(line) and ("/" in line or "." in line):
            files.append(line)
    hunks.extend(_hunk(file, header, lines))
    own = tuple(dict.fromkeys(one for one in files if one))
    return Diff(own, tuple(one if one.file else _of(one, own) for one in hunks))


def _named(header: str, files: list[str]) -> str:
    """Return the file that a hunk's header names: one of those that are told, or, with none told, what is a path."""
    found = _IN_HEADER.findall(header)
    known = [one for one in found if one in files or (not files and "/" in one)]
    return known[0] if known else ""


def _of(hunk: Hunk, files: tuple[str, ...]) -> Hunk:
    """Give a hunk that names no file the first one of the change: dependencies and their lock stand together."""
    return _hunk(files[0], hunk.header, list(hunk.lines))[0] if files else hunk


def _hunk(file: str, header: str, lines: list[str]) -> list[Hunk]:
    if not lines:
        return []
    sides = {
        sign: tuple(line[1:].strip() for line in lines if line[0] == sign and is_code(line[1:], file)) for sign in "-+"
    }
    return [Hunk(file, header, tuple(lines), sides["-"], sides["+"])]


def is_code(line: str, file: str) -> bool:
    """Tell whether a line does something: it is no comment and not empty."""
    if not line.strip() or _SLASH_COMMENT.match(line):
        return False
    return not (line.lstrip().startswith("#") and _HASH_COMMENTS.search(file))
