"""The smallest citable pieces of a passage: sentences, steps, items, commands and table rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from api.answering.answer import StatementKind
from ingest.knowledge.commands import code_block
from ingest.knowledge.documents import Block, BlockKind
from ingest.knowledge.passages import StoredPassage
from ingest.knowledge.spans import LineIndex, Span

_MARKER = re.compile(r"\s*(?:[-*+]|(\d{1,4})[.)])(?:[ \t]+\[[ xX]\])?[ \t]+")
_SENTENCE = re.compile(r"(?<=[.!?:])[\"”)*_`]*\s+(?=[\"“(*_`\[]*[A-Z0-9$/<])|\n[ \t]*\n")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|no|fig|Mr|Ms|Dr)|(?:^|\s)[A-Z])\.$", re.IGNORECASE)
_NOTHING = re.compile(r"^(?:[\W_]*|\[!\w+\]|(?:\{\{[^}]*\}\}\s*)+|:::+\s*\w*|<[^>]*>|<!--.*-->)$", re.DOTALL)
_QUOTE_MARK = re.compile(r"[>\s]*")
_QUOTE_LINE = re.compile(r"\n[ \t]*>[ \t]?")
_SHORTEST = 12  # characters of a sentence; "**Danger." alone says nothing


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a passage that can stand as one statement; `quote` is the text at `span`.

    `group` numbers the top-level block it came from, so that what belongs together stays together.
    """

    stored: StoredPassage
    kind: StatementKind
    span: Span
    quote: str
    group: int
    depth: int = 0
    number: int | None = None
    language: str | None = None
    header: str | None = None

    @property
    def text(self) -> str:
        """The quote as shown: white space folded; a command keeps its lines, less their common indentation."""
        if self.kind is StatementKind.COMMAND:
            return dedent(self.quote)
        return " ".join(_QUOTE_LINE.sub(" ", self.quote).split())


def units(stored: StoredPassage) -> list[Unit]:
    """Cut a passage into units in document order; headings give none."""
    return [unit for unit in _Cutter(stored).cut() if not _NOTHING.match(unit.quote)]


class _Cutter:
    """Walk the blocks of one passage (containers come before their content)."""

    def __init__(self, stored: StoredPassage) -> None:
        self._stored = stored
        self._text = stored.passage.text
        self._base = stored.passage.span.start
        self._lines = LineIndex.of(self._text)

    def cut(self) -> Iterator[Unit]:
        blocks = self._stored.passage.blocks
        covered = 0
        header: str | None = None
        for number, block in enumerate(blocks):
            start, end = block.span.start - self._base, block.span.end - self._base
            if block.depth == 0 and start > covered:
                yield from self._prose(covered, start, number, 0)
            covered = max(covered, end)
            if block.kind is BlockKind.TABLE_HEADER:
                header = self._text[start:end].strip()
            elif block.kind is BlockKind.TABLE_ROW:
                yield self._unit(StatementKind.TABLE_ROW, start, end, number, header=header)
            elif block.kind is BlockKind.CODE:
                yield from self._code(start, end, number, block.depth)
            elif block.kind in (BlockKind.STEP, BlockKind.ITEM):
                yield from self._item(block, blocks[number + 1 :], number)
            elif block.kind is BlockKind.PARAGRAPH and not self._is_own_text(blocks, number):
                yield from self._prose(start, end, number, block.depth)
        if covered < len(self._text) and not blocks:
            yield from self._prose(covered, len(self._text), len(blocks), 0)

    def _is_own_text(self, blocks: Sequence[Block], number: int) -> bool:
        """Whether a paragraph is the first one of the item before it, which then already speaks it."""
        before = blocks[number - 1] if number else None
        return (
            before is not None
            and before.kind in (BlockKind.STEP, BlockKind.ITEM)
            and before.depth + 1 == blocks[number].depth
            and before.span.end >= blocks[number].span.end
        )

    def _item(self, block: Block, following: Sequence[Block], group: int) -> Iterator[Unit]:
        start, end = block.span.start - self._base, block.span.end - self._base
        inside = [b for b in following if b.depth > block.depth and b.span.end <= block.span.end]
        own = next((b.span.start for b in inside if b.kind is not BlockKind.PARAGRAPH), block.span.end) - self._base
        paragraphs = [b for b in inside if b.kind is BlockKind.PARAGRAPH and b.depth == block.depth + 1]
        if paragraphs:
            own = min(own, paragraphs[0].span.end - self._base)
        marker = _MARKER.match(self._text, start, end)
        number = int(marker.group(1)) if marker and marker.group(1) else None
        kind = StatementKind.STEP if block.kind is BlockKind.STEP else StatementKind.ITEM
        first = marker.end() if marker else start
        if own > first:
            yield self._unit(kind, first, own, group, depth=block.depth, number=number)

    def _code(self, start: int, end: int, group: int, depth: int) -> Iterator[Unit]:
        code = code_block(self._text, start, end)
        yield self._unit(
            StatementKind.COMMAND, code.start, code.end, group, depth=depth, language=code.language or None
        )

    def _prose(self, start: int, end: int, group: int, depth: int) -> Iterator[Unit]:
        begin = start
        for match in _SENTENCE.finditer(self._text, start, end):
            if match.start() - begin < _SHORTEST or _ABBREVIATION.search(self._text[begin : match.start()]):
                continue
            yield self._unit(StatementKind.SENTENCE, begin, match.start(), group, depth=depth)
            begin = match.end()
        yield self._unit(StatementKind.SENTENCE, begin, end, group, depth=depth)

    def _unit(
        self,
        kind: StatementKind,
        start: int,
        end: int,
        group: int,
        *,
        depth: int = 0,
        number: int | None = None,
        language: str | None = None,
        header: str | None = None,
    ) -> Unit:
        raw = self._text[start:end]
        if kind is not StatementKind.COMMAND:
            mark = _QUOTE_MARK.match(raw)
            start += mark.end() if mark else 0
        end = max(start, end - (len(raw) - len(raw.rstrip())))
        local = self._lines.span(start, end)
        shift = self._stored.passage.span.line_start - 1
        span = Span(self._base + start, self._base + end, local.line_start + shift, local.line_end + shift)
        return Unit(self._stored, kind, span, self._text[start:end], group, depth, number, language, header)
