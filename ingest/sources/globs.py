"""Patterns over paths of documents: what `include`, `exclude` and a rule's `match` mean.

`*` and `?` stay inside one name, `**` crosses folders, `[ab]` is one of several characters. A pattern
without a slash matches a name at any depth; one with a slash matches from the root. Whatever matches a
folder matches everything below it.
"""

import re
from collections.abc import Sequence
from functools import cache


def matches_any(path: str, patterns: Sequence[str]) -> bool:
    """Tell whether one of the patterns matches `path`, which is relative and has forward slashes."""
    return bool(patterns) and _together(tuple(patterns)).match(path) is not None


def matches(path: str, pattern: str) -> bool:
    """Tell whether `pattern` matches `path` or a folder above it; capitals matter."""
    return matches_any(path, (pattern,))


@cache
def _together(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_expression, patterns)), re.DOTALL)


def _expression(pattern: str) -> str:
    anchored = "/" in pattern.rstrip("/")
    body = "/".join(_name(name) for name in _without_repeats(pattern.strip("/").split("/")))
    # "**/" may stand for no folder at all, and "/**" matches what lies below, not the folder itself.
    body = body.replace("\0/", "(?:[^/]+/)*").replace("\0", ".+")
    start = "" if anchored else "(?:[^/]+/)*"
    return rf"\A{start}{body}(?:/|\Z)"


def _without_repeats(names: list[str]) -> list[str]:
    # Two "**" in a row mean one, and would make the expression try every split between them.
    return [name for number, name in enumerate(names) if name != "**" or names[number - 1 : number] != ["**"]]


def _name(name: str) -> str:
    if name == "**":
        return "\0"
    pieces = re.split(r"(\*+|\?|\[!?[^\]]+\])", name)
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: str) -> str:
    if piece.startswith("*"):
        return "[^/]*"
    if piece == "?":
        return "[^/]"
    if len(piece) > 2 and piece.startswith("[") and piece.endswith("]"):
        inner = piece[1:-1]
        refused = inner.startswith("!")
        return f"[{'^/' if refused else ''}{re.escape(inner.removeprefix('!')).replace(chr(92) + '-', '-')}]"
    return re.escape(piece)
