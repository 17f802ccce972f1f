"""The words of a stretch of Markdown: without its marks, cut into sentences, cells and items."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.knowledge.documents import Block, BlockKind

_IMAGE = re.compile(r"!\[([^\[\]\n]{0,300})\](?:\([^()\n]{0,600}\)|\[[^\[\]\n]{0,200}\])?")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\](?:\([^()\n]{0,600}\)|\[[^\[\]\n]{0,200}\])")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,300}>|<!--[^<]{0,2000}?-->", re.DOTALL)
_SHORTCODE = re.compile(r"\{\{[<%].{0,300}?[%>]\}\}|\{:[^}\n]{0,100}\}")
_MARKS = re.compile(r"\*{1,3}|(?<![A-Za-z0-9])_{1,3}(?=\S)|(?<=\S)_{1,3}(?![A-Za-z0-9])|~~|`+")
_ITEM_MARK = re.compile(r"[ \t]*(?:[-*+]|(\d{1,6})[.)])(?:[ \t]+\[([ xX])\])?(?:[ \t]+|$)", re.MULTILINE)
_PIPE = re.compile(r"(?<!\\)\|")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”)*_`]*\s+(?=[\"“(*_`\[]*[A-Z0-9$/<])|\n[ \t]*\n")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|no|fig|Mr|Ms|Dr)|(?:^|\s)[A-Z])\.$", re.IGNORECASE)


_MOST_CELLS = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch `[start, end)` of a document's text and the words in it, without Markdown's marks."""

    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Item:
    """A list item: where its words start behind the marker, where its own words end, and the blocks inside it.

    `number` is that of an ordered list as it is written; `ticked` is set for a task box.
    """

    block: Block
    start: int
    own_end: int
    inner: tuple[Block, ...]
    number: int | None
    ticked: bool | None


def folded(text: str) -> str:
    """Return `text` with all white space folded to single spaces."""
    return " ".join(text.split())


def plain(text: str) -> str:
    """Return the words of `text` without links, emphasis, tags, shortcodes and code marks."""
    text = _SHORTCODE.sub(" ", text) if "{" in text else text
    if "[" in text:
        text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    text = _TAG.sub(" ", text) if "<" in text else text
    return folded(_MARKS.sub("", text))


def piece(text: str, start: int, end: int) -> Piece:
    """Return the words of `[start, end)`, the white space around them left out of the stretch."""
    raw = text[start:end]
    begin = start + len(raw) - len(raw.lstrip())
    return Piece(plain(raw), begin, max(begin, end - (len(raw) - len(raw.rstrip()))))


def sentences(text: str, start: int, end: int) -> Iterator[Piece]:
    """Yield the sentences of a paragraph."""
    begin = start
    for match in _SENTENCE_END.finditer(text, start, end):
        if _ABBREVIATION.search(text, max(begin, match.start() - 12), match.start()):
            continue
        yield piece(text, begin, match.start())
        begin = match.end()
    if begin < end:
        yield piece(text, begin, end)


def cells(text: str, start: int, end: int) -> list[Piece]:
    """Return the cells of a table row written with pipes."""
    bounds = [match.start() for match in itertools.islice(_PIPE.finditer(text, start, end), _MOST_CELLS)]
    raw = text[start:end].strip()
    edges = [*([] if raw.startswith("|") else [start - 1]), *bounds, *([] if raw.endswith("|") else [end])]
    return [piece(text, left + 1, right) for left, right in itertools.pairwise(edges)]


def item_at(text: str, blocks: Sequence[Block], number: int) -> Item:
    """Return the list item at `blocks[number]` with the blocks inside it."""
    block = blocks[number]
    inner: list[Block] = []
    for position in range(number + 1, len(blocks)):
        follower = blocks[position]
        if follower.depth <= block.depth or follower.span.start >= block.span.end:
            break
        inner.append(follower)
    mark = _ITEM_MARK.match(text, block.span.start, block.span.end)
    start = mark.end() if mark else block.span.start
    paragraphs = [each for each in inner if each.kind is BlockKind.PARAGRAPH and each.depth == block.depth + 1]
    own_end = next((each.span.start for each in inner if each.kind is not BlockKind.PARAGRAPH), block.span.end)
    if paragraphs and paragraphs[0].span.start <= start:
        own_end = min(own_end, paragraphs[0].span.end)
    ticked = None if mark is None or mark.group(2) is None else mark.group(2) != " "
    written = int(mark.group(1)) if mark and mark.group(1) else None
    return Item(block, start, max(start, own_end), tuple(inner), written, ticked)


def items_of(text: str, blocks: Sequence[Block], depth: int = 0) -> Iterator[Item]:
    """Yield the list items of `blocks` at `depth`, in order."""
    for number, block in enumerate(blocks):
        if block.depth == depth and block.kind in (BlockKind.ITEM, BlockKind.STEP):
            yield item_at(text, blocks, number)
