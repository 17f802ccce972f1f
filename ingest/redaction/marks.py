"""What stands in a text in place of a secret, and where secrets were found."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.knowledge.spans import LineIndex

MARK = re.compile(r"⟦secret [a-z0-9-]+⟧")
"""A mark as it stands in a text. It holds no colon, quote or comma, so YAML and JSON around it stay valid."""


@dataclass(frozen=True, slots=True)
class SecretMark:
    """One secret that was taken out: what kind it was and the line, from 1, where its mark stands."""

    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with marks in place of its secrets; it has as many lines as before."""

    text: str
    marks: tuple[SecretMark, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A secret at characters `[start, end)`; where two overlap, the kind of the lower `rank` names both.

    `quoted` asks for quotation marks around the mark, where the syntax needs a string in place of a number.
    """

    start: int
    end: int
    kind: str
    rank: int = 1
    quoted: bool = False

    def moved(self, by: int) -> "Found":
        """Return the same find in a text that starts `by` characters earlier."""
        return Found(self.start + by, self.end + by, self.kind, self.rank, self.quoted)


def mark_of(kind: str) -> str:
    """Return the mark for a kind of secret."""
    return f"⟦secret {kind}⟧"


def merged(found: Iterable[Found]) -> list[Found]:
    """Return the finds in order of place, those that overlap made one."""
    result: list[Found] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if result and each.start < result[-1].end:
            last = result[-1]
            kind = each.kind if each.rank < last.rank else last.kind
            quoted = last.quoted and each.end <= last.end
            end = max(last.end, each.end)
            result[-1] = Found(last.start, end, kind, min(last.rank, each.rank), quoted)
        else:
            result.append(each)
    return result


def apply(text: str, found: Iterable[Found]) -> Redacted:
    """Put a mark in place of every find; a find of several lines becomes a mark on each of them."""
    index = LineIndex.of(text)
    pieces: list[str] = []
    marks: list[SecretMark] = []
    position = 0
    for each in merged(found):
        pieces += [text[position : each.start], _covering(text[each.start : each.end], each)]
        marks.append(SecretMark(each.kind, index.line_of(each.start)))
        position = each.end
    return Redacted("".join([*pieces, text[position:]]), tuple(marks))


def _covering(secret: str, found: Found) -> str:
    mark = f'"{mark_of(found.kind)}"' if found.quoted else mark_of(found.kind)
    if "\n" not in secret:
        return mark
    return "\n".join(_line_mark(line, mark) for line in secret.split("\n"))


def _line_mark(line: str, mark: str) -> str:
    """Return the mark with the white space around a line kept, so that indented blocks stay whole."""
    bare = line.strip()
    return line.replace(bare, mark, 1) if bare else line
