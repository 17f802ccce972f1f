"""The smallest parts of a text that mean something, and which of a source's is most like one of a statement."""

import re
from collections.abc import Iterator, Sequence

from api.answering.units import Unit
from api.writing.checks_quotes import Support, cells_of, said
from api.writing.words import said_words

_WORD = re.compile(r"[A-Za-z][A-Za-z'’\-]*|=>|→")
SEGMENT = re.compile(
    r"(?<=[.;:!?])\s+|[,;]\s+|\s+[—–]\s+|\s*[()]\s*|\n+|\s(?:but|while|whereas|which|because|since|although)\s|\|"
)


def parts(support: Support) -> Iterator[str]:
    """Yield the segments of what a quote touches."""
    for unit in support.units:
        yield from parts_of(unit)
    if not support.units:
        yield support.citation.quote


def parts_of(unit: Unit) -> Iterator[str]:
    """Yield the segments of a unit; of a table row its cells, each before what it is about."""
    for whole in cells_of(unit) or [said(unit)]:
        yield from (part for part in SEGMENT.split(whole) if part and part.strip())


def nearest(part: str, segments: Sequence[str]) -> tuple[str, float]:
    """Return the segment most like a part of a statement, and how alike they are (Jaccard, 0..1)."""
    words = set(said_words(part))

    def likeness(segment: str) -> float:
        there = set(said_words(segment))
        return len(words & there) / len(words | there) if words | there else 0.0

    best = max(segments, key=likeness, default="")
    return best, likeness(best)


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text in lower case, those with hyphens whole and in parts."""
    found = {word.lower().replace("’", "'") for word in _WORD.findall(text)}
    return frozenset(found | {part for word in found for part in word.split("-")})
