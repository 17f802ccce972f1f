"""Sections to passages: raw slices of about 200 word pieces that never cut a fence, table row or step."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ingest.knowledge.documents import (
    Block,
    BlockKind,
    Document,
    Section,
    passage_id,
)
from ingest.knowledge.identifiers import find_identifiers
from ingest.knowledge.passages import Passage
from ingest.knowledge.spans import LineIndex, Span

MAX_TOKENS = 220
"""Word pieces of a passage with its header line; the packaged model reads 256 with its two marks."""

MAX_CODE_CHARACTERS = 6000
"""A fence longer than this is data, not a command: it is cut between lines."""

TokenCounter = Callable[[Sequence[str]], list[int]]

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"(\[])|\n")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of text that is not cut any further."""

    start: int
    end: int
    tokens: int


def split(document: Document, count_tokens: TokenCounter) -> list[Passage]:
    """Cut a document into passages in document order.

    A passage lies within one section; neighbours don't overlap. Sections that hold nothing but their
    heading give no passage, unless the document has nothing else.
    """
    lines = LineIndex.of(document.text)
    passages: list[Passage] = []
    for section in _with_content(document.sections):
        header = header_line(document.facts.title, section.heading_path)
        room = max(80, MAX_TOKENS - count_tokens([header])[0])
        pieces = _pieces(document.text, section, room, count_tokens)
        for start, end in _pack(pieces, room):
            span = lines.span(start, end)
            passages.append(_passage(document, section, header, span, len(passages)))
    return passages


def header_line(title: str, heading_path: Sequence[str]) -> str:
    """Return `title > heading > heading`, leaving out a first heading that repeats the title."""
    rest = heading_path[1:] if heading_path and heading_path[0].casefold() == title.casefold() else heading_path
    return " > ".join((title, *rest))


def _with_content(sections: Sequence[Section]) -> list[Section]:
    full = [s for s in sections if any(block.kind is not BlockKind.HEADING for block in s.blocks)]
    return full or list(sections)


def _passage(document: Document, section: Section, header: str, span: Span, ordinal: int) -> Passage:
    text = document.text[span.start : span.end]
    blocks = tuple(b for b in section.blocks if b.span.start >= span.start and b.span.end <= span.end)
    return Passage(
        id=passage_id(document.facts.id, document.facts.revision, span.start),
        document_id=document.facts.id,
        ordinal=ordinal,
        heading_path=section.heading_path,
        header=header,
        span=span,
        text=text,
        blocks=blocks,
        identifiers=tuple(found.key for found in find_identifiers(text)),
        page=section.page,
    )


def _pieces(text: str, section: Section, room: int, count_tokens: TokenCounter) -> list[_Piece]:
    """Return the uncuttable stretches of a section, outermost blocks first, opened up where too long."""
    spans = _uncovered(text, section, [block for block in section.blocks if block.depth == 0])
    pieces: list[_Piece] = []
    for span, tokens in zip(spans, count_tokens([text[s:e] for s, e in spans]), strict=True):
        if tokens <= room:
            pieces.append(_Piece(*span, tokens))
        else:
            pieces.extend(_opened(text, section, span, room, count_tokens))
    return pieces


def _opened(
    text: str, section: Section, span: tuple[int, int], room: int, count_tokens: TokenCounter
) -> Iterator[_Piece]:
    """Yield the parts of a stretch that is too long; a nested block that is too long itself is opened in turn."""
    parts = _open(text, section, span, room)
    for part, tokens in zip(parts, count_tokens([text[s:e] for s, e in parts]), strict=True):
        nested = part != span and any((block.span.start, block.span.end) == part for block in section.blocks)
        if tokens > room and nested:
            yield from _opened(text, section, part, room, count_tokens)
        else:
            yield _Piece(*part, tokens)


def _uncovered(text: str, section: Section, blocks: Sequence[Block]) -> list[tuple[int, int]]:
    """Return spans of `blocks` together with what lies between them (text no block claims, such as tags)."""
    spans: list[tuple[int, int]] = []
    position = section.span.start
    for block in blocks:
        if block.span.start < position:
            continue
        gap = text[position : block.span.start]
        if gap.strip():
            start = position + len(gap) - len(gap.lstrip())
            spans.append((start, position + len(gap.rstrip())))
        spans.append((block.span.start, block.span.end))
        position = block.span.end
    tail = text[position : section.span.end]
    if tail.strip():
        spans.append((position + len(tail) - len(tail.lstrip()), position + len(tail.rstrip())))
    return spans


def _open(text: str, section: Section, span: tuple[int, int], room: int) -> list[tuple[int, int]]:
    """Cut a stretch that is too long at the next finer place: nested blocks, lines, sentences."""
    start, end = span
    inside = [b for b in section.blocks if start <= b.span.start and b.span.end <= end]
    outer = next((b for b in inside if (b.span.start, b.span.end) == span), None)
    if outer is not None and outer.kind is BlockKind.CODE:
        return [span] if end - start <= MAX_CODE_CHARACTERS else _cut(text, span, "\n", MAX_CODE_CHARACTERS)
    if outer is not None and outer.kind in (BlockKind.TABLE_ROW, BlockKind.TABLE_HEADER):
        return [span]
    children = [b for b in inside if outer is not None and b.depth == outer.depth + 1]
    if children:
        return _children(text, span, children)
    return _sentences(text, span, room)


def _children(text: str, span: tuple[int, int], children: Sequence[Block]) -> list[tuple[int, int]]:
    """Return a list item's own text and then its nested blocks, without gaps."""
    starts = [child.span.start for child in children if child.span.start > span[0]]
    bounds = [span[0], *starts, span[1]]
    stretches = []
    for start, end in itertools.pairwise(bounds):
        trimmed = start + len(text[start:end].rstrip())
        if trimmed > start:
            stretches.append((start, trimmed))
    return stretches


def _sentences(text: str, span: tuple[int, int], room: int) -> list[tuple[int, int]]:
    """Return runs of sentences of at most about `room` word pieces (four characters each)."""
    start, end = span
    bounds = [start, *(start + m.end() for m in _SENTENCE_END.finditer(text[start:end])), end]
    runs: list[tuple[int, int]] = []
    begin = start
    for here, following in zip(bounds[1:], [*bounds[2:], end], strict=True):
        if following - begin > room * 4 or here == end:
            runs.extend(_cut(text, (begin, here), " ", room * 8) if here - begin > room * 8 else [(begin, here)])
            begin = here
    return [(s, s + len(text[s:e].rstrip())) for s, e in runs if text[s:e].strip()]


def _cut(text: str, span: tuple[int, int], separator: str, size: int) -> list[tuple[int, int]]:
    """Cut at the last separator within each `size` characters, or hard where there is none."""
    start, end = span
    parts: list[tuple[int, int]] = []
    while end - start > size:
        at = text.rfind(separator, start + 1, start + size)
        at = at + 1 if at != -1 else start + size
        parts.append((start, at))
        start = at
    parts.append((start, end))
    return parts


def _pack(pieces: Sequence[_Piece], room: int) -> list[tuple[int, int]]:
    """Join neighbouring pieces while they fit; a piece that is too long alone stays alone."""
    packed: list[tuple[int, int]] = []
    start = end = tokens = 0
    for piece in pieces:
        if tokens and tokens + piece.tokens > room:
            packed.append((start, end))
            tokens = 0
        if not tokens:
            start = piece.start
        end = piece.end
        tokens += max(1, piece.tokens)
    if tokens:
        packed.append((start, end))
    return packed
