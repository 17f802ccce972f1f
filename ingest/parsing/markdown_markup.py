"""Blocks for what dialects add: lines of markup as such, and the titles of admonitions and tabs."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.knowledge.documents import Block, BlockKind
from ingest.knowledge.spans import LineIndex
from ingest.parsing.markdown_dialects import View

_CONTAINERS = frozenset({BlockKind.STEP, BlockKind.ITEM, BlockKind.QUOTE})
_CLOSED = frozenset({BlockKind.CODE, BlockKind.HTML})
_BOXES = "note|warning|caution|tip|info|important|alert|danger|callout|admonition|notice|hint"
_BOX_START = re.compile(rf"(?:\{{\{{[<%]\s*(?:{_BOXES})\b(?:(?!\}}\}}).)*[>%]\}}\}}\s*)+")
_BOX_END = re.compile(rf"(?:\s*\{{\{{[<%]\s*/\s*(?:{_BOXES})\s*[>%]\}}\}})+\Z")
_LONGEST_TAG = 300


def with_markup(text: str, body: int, lines: LineIndex, blocks: Sequence[Block], view: View) -> list[Block]:
    """Return `blocks` with those for markup lines and titles, in document order.

    `view` counts lines and characters from the character `body` of `text` on. A section that holds nothing
    but markup keeps its heading only.
    """
    found = [_unboxed(text, lines, block) for block in blocks]
    if not view.markup:
        return found
    titles = [Block(BlockKind.PARAGRAPH, lines.span(body + start, body + end)) for start, end in view.titles]
    markup = _markup_lines(text, body, lines, view, {block.span.line_start for block in titles})
    marks = {block.span.start for block in markup}
    placed = _placed([*found, *titles, *markup], marks | {block.span.start for block in titles})
    return _without_empty(placed, marks)


def _markup_lines(text: str, body: int, lines: LineIndex, view: View, titled: set[int]) -> list[Block]:
    """Return a block for each line of markup, but for those whose title is a block."""
    first_line = lines.line_of(body) if body < len(text) else len(lines.starts) + 1
    found: list[Block] = []
    for line in sorted(first_line + number for number in view.markup):
        start, end = lines.start_of(line), lines.start_of(line + 1)
        raw = text[start:end]
        if raw.strip() and line not in titled:
            start += len(raw) - len(raw.lstrip())
            found.append(Block(BlockKind.HTML, lines.span(start, start + len(raw.strip()))))
    return found


def _placed(blocks: Sequence[Block], added: set[int]) -> list[Block]:
    """Return the blocks in order; the added ones get the depth of their place, and none lies within code or HTML."""
    placed: list[Block] = []
    around: list[Block] = []
    for block in sorted(blocks, key=lambda each: (each.span.start, each.depth)):
        while around and around[-1].span.end <= block.span.start:
            around.pop()
        is_added = block.span.start in added and block.kind in (BlockKind.HTML, BlockKind.PARAGRAPH)
        if is_added and around:
            if around[-1].kind in _CLOSED:
                continue
            block = replace(block, depth=around[-1].depth + 1)
        if block.kind in _CONTAINERS or (block.kind in _CLOSED and not is_added):
            around.append(block)
        placed.append(block)
    return placed


def _without_empty(blocks: Sequence[Block], marks: set[int]) -> list[Block]:
    """Leave out the markup of sections that hold nothing else."""
    kept: list[Block] = []
    waiting: list[Block] = []
    is_empty = True
    for block in blocks:
        if block.kind is BlockKind.HEADING and block.depth == 0:
            waiting, is_empty = [], True
            kept.append(block)
        elif is_empty and block.kind is BlockKind.HTML and block.span.start in marks:
            waiting.append(block)
        else:
            kept += waiting
            waiting, is_empty = [], False
            kept.append(block)
    return kept


def _unboxed(text: str, lines: LineIndex, block: Block) -> Block:
    """Return a paragraph without the shortcodes of the box that it fills."""
    if block.kind is not BlockKind.PARAGRAPH or "{{" not in text[block.span.start : block.span.end]:
        return block
    start, end = block.span.start, block.span.end
    opened = _BOX_START.match(text, start, end)
    start = opened.end() if opened else start
    closed = _BOX_END.search(text, max(start, end - _LONGEST_TAG), end)
    end = closed.start() if closed else end
    return replace(block, span=lines.span(start, end)) if start < end else block
