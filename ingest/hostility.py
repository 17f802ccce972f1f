"""Flag text that addresses a language model, or hides words from a reader: such text is data, never followed."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.hostile_disguises import decoded_runs, invisible_runs, mixed_words, without_disguise
from ingest.hostile_phrases import HostileKind, phrases_in
from ingest.knowledge.spans import LineIndex

_OPENING = re.compile(r"<(?P<tag>[a-z][a-z0-9]{0,14})\s(?P<attributes>[^<>]{0,600})>", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(
    r"""style\s*=\s*["']?[^"'<>]{0,300}?(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:;|["'])|"""
    r"""opacity\s*:\s*0(?:\.0+)?\s*(?:;|["'])|(?<![-\w])color\s*:\s*(?:white|transparent|#fff(?:fff)?\b|rgba?\(\s*255\s*,\s*255\s*,\s*255)|"""
    r"""text-indent\s*:\s*-\d{3,}|(?:left|top)\s*:\s*-\d{3,}|max-height\s*:\s*0\s*(?:px)?\s*(?:;|["'])|clip\s*:\s*rect\(0)"""
    r"""|\baria-hidden\s*=\s*["']?true|(?<![\w-])hidden(?=\s|$|/|=["']?(?:hidden|true|["']))""",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]{0,600}>")
_LONGEST_HIDDEN = 4_000
_WORDS = re.compile(r"[^\W\d_]{2,}")
_ENOUGH_WORDS = 4
"""A hidden element of fewer words is an icon, a label for a screen reader or a tab, and orders nothing."""

_Place = tuple[HostileKind, int, int]


@dataclass(frozen=True, slots=True)
class HostileMark:
    """A stretch `[start, end)` of a text that addresses a model, with the line, from 1, on which it starts."""

    kind: HostileKind
    start: int
    end: int
    line: int


def find_hostile(text: str) -> tuple[HostileMark, ...]:
    """Return what in a text addresses a model or is hidden from its readers, in order, each span once a kind."""
    phrases = list(_phrases(text))
    found = sorted(
        {*phrases, *_hiding_comments(text, phrases), *_hidden(text), *_disguised(text)},
        key=lambda one: (one[1], one[2], one[0]),
    )
    if not found:
        return ()
    lines = LineIndex.of(text)
    return tuple(HostileMark(kind, start, end, lines.line_of(start)) for kind, start, end in found)


def _phrases(text: str) -> Iterator[_Place]:
    plain = without_disguise(text)
    for kind, start, end in phrases_in(plain.kept, plain.latin):
        if end > start:
            yield kind, *plain.original(start, end)


def _disguised(text: str) -> Iterator[_Place]:
    yield from ((HostileKind.INVISIBLE, *span) for span in invisible_runs(text))
    yield from ((HostileKind.LOOK_ALIKES, *span) for span in mixed_words(text))
    for start, end, said in decoded_runs(text):
        if any(_phrases(said)):
            yield HostileKind.ENCODED, start, end


def _hiding_comments(text: str, phrases: Sequence[_Place]) -> Iterator[_Place]:
    """Yield the comments that order something."""
    starts = sorted(first for _, first, _ in phrases)
    start = text.find("<!--") if starts else -1
    while start != -1:
        closing = text.find("-->", start)
        end = len(text) if closing == -1 else closing + len("-->")
        following = bisect_left(starts, start)
        if following < len(starts) and starts[following] < end:
            yield HostileKind.HIDDEN_TEXT, start, end
        start = text.find("<!--", end)


def _hidden(text: str) -> Iterator[_Place]:
    """Yield elements that a browser doesn't show."""
    for match in _OPENING.finditer(text):
        # A caption that only a screen reader reads out is how tables are made accessible.
        if match["tag"].lower() == "caption" or not _HIDDEN_STYLE.search(match["attributes"]):
            continue
        closing = text.find(f"</{match['tag']}", match.end(), match.end() + _LONGEST_HIDDEN)
        end = closing if closing != -1 else min(len(text), match.end() + _LONGEST_HIDDEN)
        if len(_WORDS.findall(_TAG.sub(" ", text[match.end() : end]))) >= _ENOUGH_WORDS:
            yield HostileKind.HIDDEN_TEXT, match.start(), end
