"""Entries of a postmortem's timeline and its action items, from lists, tables and lines."""

import re
from collections.abc import Iterator, Sequence

from ingest.extraction.times import leading_time
from ingest.extraction.wording import Item, Piece, cells, folded, item_at, items_of, piece, plain
from ingest.knowledge.documents import Block, BlockKind
from ingest.knowledge.extracts import PostmortemField, PostmortemPart
from ingest.knowledge.spans import LineIndex

_TIME_COLUMN = re.compile(r"\b(?:time|date|day|when|utc|gmt|[pec][sd]?t|timestamp|start|end)\b", re.IGNORECASE)
_EVENT_COLUMN = re.compile(
    r"\b(?:events?|descriptions?|what|details?|happen\w*|updates?|notes?|activity|actions?|comments?|log)\b",
    re.IGNORECASE,
)
_ITEM_COLUMN = re.compile(
    r"\b(?:action(?: items?)?|descriptions?|what|tasks?|to-?dos?|items?|follow-?ups?|measures?|improvements?|title)\b",
    re.IGNORECASE,
)
_OWNER_COLUMN = re.compile(r"\b(?:owners?|assignees?|assigned|responsible|who|dri|lead|team|contact)\b", re.IGNORECASE)
_OWNER_SAID = re.compile(
    r"\b(?:owners?|assignees?|assigned to|responsible|dri)\s*[:=]\s*\**\s*([^\n|,;()\[\]*]{2,60})", re.IGNORECASE
)
_HANDLE = re.compile(r"(?:^|[\s(\[*])@([A-Za-z][\w-]{1,38})\b(?!\.\w)|\b([a-z][\w-]{1,30})@(?=\s|$|[,;:)])")
_NOTHING = re.compile(
    r"^\W*(?:none|n/?a|no \w+(?: (?:added|yet|provided|available))?|tbd|tbc|todo|"
    r"to ?be ?(?:done|determined)|unknown|\.\.\.|…)?\W*$",
    re.IGNORECASE,
)
_SHORTEST = 8  # characters of an action item


def is_placeholder(text: str) -> bool:
    """Tell whether words say nothing: "TBD", "none", a template's blank."""
    return bool(_NOTHING.match(text)) or bool(
        re.fullmatch(r"\W*<[^<>]{0,300}>\W*|_[^_]{0,300}_ *|\{[^{}]{0,300}\}", text)
    )


def timeline_entries(text: str, lines: LineIndex, blocks: Sequence[Block]) -> Iterator[PostmortemField]:
    """Yield the entries of a timeline's blocks in order; chat logs quoted between them are left out."""
    header: list[Piece] = []
    for number, block in enumerate(blocks):
        if block.depth:
            continue
        if block.kind is BlockKind.TABLE_HEADER:
            header = cells(text, block.span.start, block.span.end)
        elif block.kind is BlockKind.TABLE_ROW:
            yield from _table_entry(text, header, block)
        elif block.kind is BlockKind.PARAGRAPH:
            yield from _lines(text, lines, block)
        elif block.kind in (BlockKind.ITEM, BlockKind.STEP):
            item, inner = item_at(text, blocks, number), _inside(blocks, number)
            yield from _timed_item(text, lines, item, inner)


def action_items(text: str, lines: LineIndex, blocks: Sequence[Block]) -> Iterator[PostmortemField]:
    """Yield the action items of some blocks: those of a table where there is one, else of lists, else of paragraphs."""
    header: list[Piece] = []
    kinds = {block.kind for block in blocks if block.depth == 0}
    for number, block in enumerate(blocks):
        if block.depth:
            continue
        if block.kind is BlockKind.TABLE_HEADER:
            header = cells(text, block.span.start, block.span.end)
        elif block.kind is BlockKind.TABLE_ROW:
            yield from _table_item(text, header, block)
        elif BlockKind.TABLE_ROW in kinds:
            continue
        elif block.kind in (BlockKind.ITEM, BlockKind.STEP):
            yield from _listed(text, lines, blocks, number)
        elif block.kind is BlockKind.PARAGRAPH and not kinds & {BlockKind.ITEM, BlockKind.STEP}:
            yield from _paragraph_items(text, lines, block)


def _inside(blocks: Sequence[Block], number: int) -> list[Block]:
    """Return the blocks inside the container at `number`."""
    inner: list[Block] = []
    for position in range(number + 1, len(blocks)):
        if blocks[position].depth <= blocks[number].depth:
            break
        inner.append(blocks[position])
    return inner


def _timed_item(text: str, lines: LineIndex, item: Item, inner: Sequence[Block]) -> Iterator[PostmortemField]:
    own_end = _own_end(text, item, inner)
    when = leading_time(text, item.start, own_end)
    begin = when.end if when else item.start
    words = plain(text[begin:own_end])
    deeper = list(items_of(text, inner, item.block.depth + 1))
    if deeper and not words:
        day = f"{when.at} " if when else ""
        for number, block in enumerate(inner):
            if block.depth == item.block.depth + 1 and block.kind in (BlockKind.ITEM, BlockKind.STEP):
                nested = item_at(text, inner, number)
                for entry in _timed_item(text, lines, nested, _inside(inner, number)):
                    yield PostmortemField(entry.part, entry.text, entry.span, (day + entry.at).strip())
        return
    if words and not is_placeholder(words):
        span = lines.span(item.block.span.start, _trimmed(text, item.block.span.start, own_end))
        yield PostmortemField(PostmortemPart.TIMELINE, words, span, when.at if when else "")


def _own_end(text: str, item: Item, inner: Sequence[Block]) -> int:
    """Return where an item's own words end: before the first block in it that is not its first paragraph."""
    nested = [block for block in inner if block.kind is not BlockKind.PARAGRAPH]
    end = nested[0].span.start if nested else item.block.span.end
    return _trimmed(text, item.start, max(item.start, end))


def _trimmed(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def _table_entry(text: str, header: Sequence[Piece], block: Block) -> Iterator[PostmortemField]:
    row = cells(text, block.span.start, block.span.end)
    timed = [
        number
        for number, cell in enumerate(row)
        if (_TIME_COLUMN.search(_title(header, number)) or leading_time(text, cell.start, cell.end)) and number < 4
    ]
    rest = [number for number in range(len(row)) if number not in timed and row[number].words]
    told = [number for number in rest if _EVENT_COLUMN.search(_title(header, number))] or rest
    if not told:
        return
    longest = max(told, key=lambda number: len(row[number].words))
    at = " ".join(row[number].words for number in timed if row[number].words)
    if not is_placeholder(row[longest].words):
        yield PostmortemField(PostmortemPart.TIMELINE, row[longest].words, block.span, at)


def _title(header: Sequence[Piece], number: int) -> str:
    return header[number].words if number < len(header) else ""


def _lines(text: str, lines: LineIndex, block: Block) -> Iterator[PostmortemField]:
    """Yield the lines of a paragraph that open with a time, each with the lines that go on from it."""
    opened: tuple[int, int, str] | None = None
    start = block.span.start
    while start < block.span.end:
        stop = text.find("\n", start, block.span.end)
        stop = block.span.end if stop < 0 else stop
        when = leading_time(text, start, stop)
        if when is not None:
            yield from _line_entry(text, lines, opened, start)
            opened = (start, when.end, when.at)
        start = stop + 1
    yield from _line_entry(text, lines, opened, block.span.end)


def _line_entry(
    text: str, lines: LineIndex, opened: tuple[int, int, str] | None, end: int
) -> Iterator[PostmortemField]:
    if opened is None:
        return
    start, words_start, at = opened
    words = plain(text[words_start:end])
    if words and not is_placeholder(words):
        yield PostmortemField(PostmortemPart.TIMELINE, words, lines.span(start, _trimmed(text, start, end)), at)


def _table_item(text: str, header: Sequence[Piece], block: Block) -> Iterator[PostmortemField]:
    row = cells(text, block.span.start, block.span.end)
    owner = next((c.words for n, c in enumerate(row) if _OWNER_COLUMN.search(_title(header, n))), "")
    told = [
        c
        for n, c in enumerate(row)
        if _ITEM_COLUMN.search(_title(header, n)) and not _OWNER_COLUMN.search(_title(header, n))
    ]
    words = next((cell.words for cell in told if len(cell.words) >= _SHORTEST), "")
    if not words and not told:
        words = max((cell.words for cell in row), key=len, default="")
    if len(words) >= _SHORTEST and not is_placeholder(words):
        owner = "" if is_placeholder(owner) else owner
        yield PostmortemField(PostmortemPart.ACTION_ITEM, words, block.span, owner=owner or _owner(words))


def _listed(text: str, lines: LineIndex, blocks: Sequence[Block], number: int) -> Iterator[PostmortemField]:
    """Yield a list item, or, where it only announces others, those inside it."""
    inner = _inside(blocks, number)
    item = item_at(text, blocks, number)
    end = _own_end(text, item, inner)
    raw = text[item.start : end]
    deeper = [each for each, block in enumerate(inner) if block.depth == item.block.depth + 1 and _is_item(block)]
    words = plain(raw)
    if deeper and (words.endswith(":") or len(words.split()) <= 4):
        for each in deeper:
            yield from _listed(text, lines, inner, each)
        return
    if len(words) >= _SHORTEST and not is_placeholder(words):
        span = lines.span(item.block.span.start, end)
        yield PostmortemField(PostmortemPart.ACTION_ITEM, words, span, owner=_owner(raw))


def _is_item(block: Block) -> bool:
    return block.kind in (BlockKind.ITEM, BlockKind.STEP)


def _paragraph_items(text: str, lines: LineIndex, block: Block) -> Iterator[PostmortemField]:
    """Yield a paragraph, or each of its lines where every line is a sentence of its own."""
    raw = text[block.span.start : block.span.end]
    rows = raw.split("\n")
    sentences = len(rows) > 1 and all(
        row.rstrip().endswith((".", "!", ")")) and row.lstrip()[:1].isupper() for row in rows
    )
    start = block.span.start
    for row in rows if sentences else [raw]:
        found = piece(text, start, start + len(row))
        if len(found.words) >= 3 * _SHORTEST and not found.words.endswith(":") and not is_placeholder(found.words):
            span = lines.span(found.start, found.end)
            yield PostmortemField(PostmortemPart.ACTION_ITEM, folded(found.words), span, owner=_owner(row))
        start += len(row) + 1


def _owner(raw: str) -> str:
    said = _OWNER_SAID.search(raw)
    if said:
        return plain(said[1]).strip(" .")
    handle = _HANDLE.search(raw)
    return f"@{handle[1] or handle[2]}" if handle else ""
