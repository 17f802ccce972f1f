"""CODEOWNERS: who owns which file, by the rules of GitHub and the sections of GitLab."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where the file may be; the first one that there is counts."""

_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?\s*(?P<owners>.*)")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
_OWNER = re.compile(r"@[\w./-]+|[^\s@]+@[^\s@]+\.[^\s@]+")
_MOST_BYTES = 3_000_000  # GitHub's limit; a larger file is not loaded there either
_MOST_LEAPS = 4  # each `**` may multiply the time of a match


@dataclass(frozen=True, slots=True)
class _Section:
    """The rules of one section, the last one first, as one expression whose n-th group is the n-th rule."""

    pattern: re.Pattern[str]
    owners: tuple[tuple[str, ...], ...]

    def owners_of(self, path: str) -> tuple[str, ...]:
        found = self.pattern.fullmatch(path)
        return self.owners[found.lastindex - 1] if found and found.lastindex else ()


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """The owners of the files of one repository."""

    sections: tuple[_Section, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> "CodeOwners":
        """Read the file; lines that state no rule are passed over, as code hosts do."""
        if len(data) > _MOST_BYTES:
            return cls()
        rules: dict[str, list[tuple[str, tuple[str, ...]]]] = {"": []}
        section = ""
        default: tuple[str, ...] = ()
        for line in data.decode("utf-8-sig", "replace").splitlines():
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            heading = _SECTION.fullmatch(line)
            if heading:
                section, default = heading["name"].strip().lower(), _owners(heading["owners"])
                rules.setdefault(section, [])
                continue
            pattern, owners = _rule(line)
            if pattern:
                rules[section].append((pattern, owners or default))
        return cls(tuple(_section(one) for one in rules.values() if one))

    def owners_of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path from the repository's root: the last rule that matches it says."""
        named = (owner for section in self.sections for owner in section.owners_of(path))
        return tuple(dict.fromkeys(named))


def _rule(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the expression of a line's pattern, "" where it is none, and its owners."""
    word = _WORD.match(line)
    if word is None or line.startswith("!") or word.group().count("**") > _MOST_LEAPS:
        return "", ()
    return _expression(word.group()), _owners(line[word.end() :])


def _owners(text: str) -> tuple[str, ...]:
    words = text.partition(" #")[0].split()
    return tuple(word for word in words if _OWNER.fullmatch(word))


def _section(rules: Sequence[tuple[str, tuple[str, ...]]]) -> _Section:
    latest_first = list(reversed(rules))
    joined = "|".join(f"(?:{pattern})()" for pattern, _ in latest_first)
    return _Section(re.compile(joined, re.DOTALL), tuple(owners for _, owners in latest_first))


def _expression(pattern: str) -> str:
    """Write a pattern of gitignore's kind as an expression for whole paths.

    A slash at the start or within ties it to the root. What it names may be a file or a folder; a last `*`
    is one level of names, so that `docs/*` leaves `docs/a/b.md` out.
    """
    anchored = "/" in pattern.rstrip("/")
    below_only = pattern.endswith("/")
    parts = [part for part in pattern.strip("/").split("/") if part]
    start = "" if anchored else "(?:.*/)?"
    one_level = anchored and parts[-1:] == ["*"]
    end = "/.*" if below_only else "" if one_level else "(?:/.*)?"
    return start + _joined(parts) + end if parts else ""


def _joined(parts: Sequence[str]) -> str:
    out = ""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            if number and parts[number - 1] == "**":
                continue
            out += ".*" if last else "(?:.*/)?"
        else:
            out += _name(part) + ("" if last else "/")
    return out


def _name(part: str) -> str:
    """Write one name of a pattern as an expression: `*` and `?` stay within the name, a backslash quotes.

    What stands between two stars is matched where it comes first and never tried elsewhere: that finds the
    same names, and no pattern can make a match slow.
    """
    pieces = [""]
    letters = iter(part)
    for letter in letters:
        if letter == "*":
            pieces.append("")
        elif letter == "\\":
            pieces[-1] += re.escape(next(letters, "\\"))
        else:
            pieces[-1] += "[^/]" if letter == "?" else re.escape(letter)
    first, *others = pieces
    if not others:
        return first
    between = "".join(f"(?>[^/]*?{piece})" for piece in others[:-1] if piece)
    return f"{first}{between}[^/]*{others[-1]}"
