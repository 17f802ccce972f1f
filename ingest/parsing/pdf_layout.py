"""From the lines of PDF pages back to headings, paragraphs, lists and code.

A PDF says where glyphs stand, not what they are. Sizes, weights, gaps and marks at a line's start decide
here; all thresholds are rules of thumb, chosen on incident reports and guides.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from statistics import median

from ingest.parsing.pdf_lines import Line
from ingest.parsing.rendered import ListEntry, code_block, heading, list_block, paragraph

_RUNNING_SHARE = 0.6
_MOSTLY_FIXED = 0.6
_LARGER = 1.12
_PARAGRAPH_GAP = 1.45
_INDENT = 3.0
_LONGEST_HEADING = 14
_BULLET = re.compile(r"^(?:[•▪‣◦●○■□⁃∙·►▶→➔➢✓✔❑❒\ue000-\uf8ff]+\s*|[-–—*o]\s+)")  # noqa: RUF001  typographic dashes are bullets
_NUMBER = re.compile(r"^(\d{1,3})[.)]\s+(?=\S)")
_SECTION_NUMBER = re.compile(r"^\d{1,2}(?:\.\d{1,2})+\.?\s+[A-Z]")
_TIME = re.compile(r"^\[?\d{1,2}:\d{2}(?::\d{2})?\]?(?:\s?[AaPp][Mm])?\b")
_SENTENCE_END = re.compile(r"[.!?:;][\"”’)]*$")
_FENCE = re.compile(r"^```")
_ADDRESS_TAIL = re.compile(r"\S+://\S*$")


@dataclass(frozen=True, slots=True)
class Layout:
    """The text of a PDF, the offset of each of its pages, and the largest heading of its first pages."""

    text: str
    page_starts: tuple[int, ...]
    title: str | None


class _Kind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CODE = "code"


@dataclass(slots=True)
class _Block:
    kind: _Kind
    text: str
    lines: list[Line] = field(default_factory=list)
    marker: str = "-"
    level: int = 0
    fenced: bool = False


@dataclass(frozen=True, slots=True)
class _Measures:
    """What is usual in one file."""

    body: float
    gap: float
    width: float
    levels: dict[float, int]
    vocabulary: frozenset[str]


def lay_out(pages: Sequence[Sequence[Line]]) -> Layout:
    """Return the text of the pages; lines that run along the edges of most pages are left out."""
    kept = _without_running_lines(_with_plain_body(pages))
    measures = _measure(kept)
    blocks: list[list[_Block]] = []
    last: _Block | None = None
    for page in kept:
        found = _page_blocks(page, measures, last)
        blocks.append(found)
        last = found[-1] if found else last
    text, starts = _assemble(blocks)
    return Layout(text, starts, _title(blocks))


def _with_plain_body(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return the lines; where most of a file is set in a fixed-width font, the font marks no code."""
    lines = [line for page in pages for line in page]
    fixed = sum(len(line.text) for line in lines if line.fixed_width)
    if fixed <= _MOSTLY_FIXED * sum(len(line.text) for line in lines):
        return [list(page) for page in pages]
    return [[replace(line, fixed_width=False) for line in page] for page in pages]


def _without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Drop lines that stand at the same height, in the margins, on most pages (numbers may differ)."""
    if len(pages) < 2:
        return [list(page) for page in pages]
    counts = Counter(key for page in pages for key in {_running_key(line) for line in _margin_lines(page)})
    needed = max(2, _RUNNING_SHARE * len(pages))
    running = {key for key, count in counts.items() if count >= needed}
    kept = []
    for page in pages:
        dropped = {id(line) for line in _margin_lines(page) if _running_key(line) in running}
        kept.append([line for line in page if id(line) not in dropped])
    return kept


def _margin_lines(page: Sequence[Line]) -> list[Line]:
    """Return the three highest and the three lowest lines of a page, whatever their order in the file."""
    heights = sorted({round(line.y) for line in page})
    edges = {*heights[:3], *heights[-3:]}
    return [line for line in page if round(line.y) in edges]


def _running_key(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", line.text), round(line.y / 4)


def _measure(pages: Sequence[Sequence[Line]]) -> _Measures:
    lines = [line for page in pages for line in page]
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 10.0
    drops = [above.y - below.y for page in pages for above, below in pairwise(page)]
    usual = [drop for drop in drops if 0.8 * body <= drop <= 2.2 * body]
    larger = sorted({line.size for line in lines if _is_large(line, body)}, reverse=True)
    lengths = sorted(len(line.text) for line in lines if line.size == body)
    return _Measures(
        body,
        median(usual) if usual else 1.2 * body,
        float(lengths[int(0.9 * len(lengths))]) if lengths else 80.0,
        {size: min(number, 5) for number, size in enumerate(larger, start=1)},
        frozenset(word.lower() for line in lines for word in re.findall(r"[^\W\d_]{4,}", line.text)),
    )


def _page_blocks(page: Sequence[Line], measures: _Measures, before: _Block | None) -> list[_Block]:
    """Return the blocks of a page; its first lines may go on the last block of the page before."""
    blocks: list[_Block] = []
    for line in page:
        current = blocks[-1] if blocks else None
        if current is not None and current.fenced:
            _extend_fence(current, line)
        elif current is not None and _continues(current, line, measures):
            _extend(current, line, measures)
        elif current is None and before is not None and _runs_over(before, line, measures):
            _extend(before, line, measures)
        else:
            blocks.append(_start(line, current, measures))
    return blocks


def _start(line: Line, above: _Block | None, measures: _Measures) -> _Block:
    text = line.text
    if _FENCE.match(text):
        return _Block(_Kind.CODE, "", [line], fenced=True)
    if line.fixed_width:
        return _Block(_Kind.CODE, line.raw.rstrip(), [line])
    if _is_heading(line, above, measures):
        lowest = min(max(measures.levels.values(), default=0) + 1, 6)
        return _Block(_Kind.HEADING, text, [line], level=measures.levels.get(line.size, lowest))
    bullet = _BULLET.match(text)
    if bullet is not None:
        return _Block(_Kind.ITEM, text[bullet.end() :], [line])
    number = _NUMBER.match(text)
    if number is not None:
        return _Block(_Kind.ITEM, text[number.end() :], [line], marker=f"{number.group(1)}.")
    return _Block(_Kind.PARAGRAPH, text, [line])


def _is_large(line: Line, body: float) -> bool:
    if line.size < _LARGER * body or line.fixed_width or not _may_be_heading(line.text):
        return False
    return line.size >= 1.4 * body or not _is_field(line.text)


def _is_field(text: str) -> bool:
    """Return whether a line reads `label: value`."""
    return re.search(r":\s+\S", text) is not None


def _may_be_heading(text: str) -> bool:
    return (
        len(text.split()) <= _LONGEST_HEADING
        and len(text) <= 120
        and re.search(r"[^\W\d_]{2,}", text) is not None
        and not text.endswith((".", ",", ";", "!"))
        and "://" not in text
        and "@" not in text
        and _BULLET.match(text) is None
    )


def _is_heading(line: Line, above: _Block | None, measures: _Measures) -> bool:
    """Return whether a line that starts a block is a heading by size, weight, number or capitals."""
    text = line.text
    if line.size in measures.levels and _is_large(line, measures.body):
        return True
    if line.size < 0.95 * measures.body or not _may_be_heading(text) or len(text.split()) > 9:
        return False
    if _TIME.match(text) or text[-1] == ">" or not (text[0].isupper() or text[0].isdigit()):
        return False
    set_apart = above is None or above.lines[-1].y - line.y > 1.15 * measures.gap
    if line.bold:
        finished = above is None or above.kind is not _Kind.PARAGRAPH or _SENTENCE_END.search(above.text)
        after_plain = above is not None and not above.lines[-1].bold and bool(finished)
        return (set_apart or after_plain) and not _is_field(text)
    in_capitals = text.upper() == text and sum(character.isalpha() for character in text) >= 6
    return set_apart and (in_capitals or _SECTION_NUMBER.match(text) is not None)


def _continues(block: _Block, line: Line, measures: _Measures) -> bool:
    """Return whether `line` goes on `block` rather than starting one."""
    last = block.lines[-1]
    drop = last.y - line.y
    if block.kind is _Kind.HEADING:
        alike = abs(line.size - last.size) <= 0.3 and line.bold == last.bold
        near = 0 <= drop <= 1.4 * line.size
        short = len(f"{block.text} {line.text}".split()) <= _LONGEST_HEADING
        return alike and near and (short or line.text[:1].islower())
    if block.kind is _Kind.CODE:
        return line.fixed_width and 0 < drop <= 2.5 * measures.gap
    if line.fixed_width or _starts_block(line) or _is_large(line, measures.body):
        return False
    if not block.text:  # a bullet on a line of its own
        return True
    mid_sentence = not _SENTENCE_END.search(block.text) and _starts_within(line.text)
    if drop < -0.5 * measures.gap or drop > _PARAGRAPH_GAP * measures.gap:
        return mid_sentence and abs(drop) < 2.2 * measures.gap
    ended = _SENTENCE_END.search(block.text) is not None
    # Links within a sentence are often set smaller than the text around them.
    resized = abs(line.size - last.size) > 1 and (ended or max(line.size, last.size) > 1.3 * measures.body)
    if resized or (line.bold != last.bold and not mid_sentence):
        return False
    if block.kind is _Kind.ITEM:
        return line.x >= block.lines[0].x - _INDENT
    return not _ended_short(last, line, measures)


def _ended_short(last: Line, line: Line, measures: _Measures) -> bool:
    """Return whether the line above ended a paragraph: a full stop well before the right margin."""
    ended = _SENTENCE_END.search(last.text) is not None and not line.text[:1].islower()
    return ended and len(last.text) < 0.7 * measures.width


def _starts_within(text: str) -> bool:
    return text[:1].islower() or text.startswith("(")


def _starts_block(line: Line) -> bool:
    patterns = (_BULLET, _NUMBER, _TIME, _FENCE)
    return any(pattern.match(line.text) for pattern in patterns)


def _runs_over(before: _Block, line: Line, measures: _Measures) -> bool:
    """Return whether the first line of a page goes on the sentence at the end of the page before."""
    if before.kind not in (_Kind.PARAGRAPH, _Kind.ITEM) or line.fixed_width or _starts_block(line):
        return False
    unfinished = _SENTENCE_END.search(before.text) is None
    alike = abs(line.size - before.lines[-1].size) <= 1 and not _is_large(line, measures.body)
    return unfinished and alike and _starts_within(line.text)


def _extend(block: _Block, line: Line, measures: _Measures) -> None:
    if block.kind is _Kind.CODE:
        indent = round((line.x - block.lines[0].x) / (0.6 * line.size)) if line.size else 0
        blanks = len(line.raw) - len(line.raw.lstrip())
        block.text += "\n" + " " * max(blanks, min(indent, 40)) + line.raw.strip()
    else:
        block.text = _joined(block.text, line.text, measures.vocabulary)
    block.lines.append(line)


def _extend_fence(block: _Block, line: Line) -> None:
    if _FENCE.match(line.text):
        block.fenced = False
    else:
        block.text += ("\n" if block.text else "") + line.raw.rstrip()
    block.lines.append(line)


def _joined(left: str, right: str, vocabulary: frozenset[str]) -> str:
    """Join two lines: hyphens that only wrapped a word go, addresses that wrapped become whole again."""
    address = _ADDRESS_TAIL.search(left)
    wrapped = left[-1] in "/?&=-_" or right[:1] in "/?&=#"
    if address is not None and wrapped and "://" not in right:
        return left + right
    if not re.search(r"\w-$", left):
        return f"{left} {right}".strip()
    head, tail = re.search(r"(\w*)-$", left), re.match(r"\w+", right)
    whole = f"{head.group(1)}{tail.group()}".lower() if head and tail else ""
    return left[:-1] + right if whole in vocabulary else left + right


def _assemble(pages: Sequence[Sequence[_Block]]) -> tuple[str, tuple[int, ...]]:
    parts: list[str] = []
    starts: list[int] = []
    offset = 0
    for page in pages:
        starts.append(offset)
        for block in _render(page):
            parts.append(block)
            offset += len(block) + 2
    text = "\n\n".join(parts)
    return text, tuple(min(start, len(text)) for start in starts)


def _render(page: Iterable[_Block]) -> list[str]:
    rendered: list[str] = []
    items: list[_Block] = []
    for block in page:
        if block.kind is _Kind.ITEM:
            items.append(block)
            continue
        rendered.extend(_render_items(items))
        items = []
        if block.kind is _Kind.HEADING and _may_be_heading(block.text):
            rendered.append(heading(block.level, block.text))
        elif block.kind is _Kind.CODE:
            rendered.append(code_block(block.text) if block.text.strip() else "")
        else:
            rendered.append(paragraph(block.text))
    rendered.extend(_render_items(items))
    return [block for block in rendered if block]


def _render_items(items: Sequence[_Block]) -> list[str]:
    """Return neighbouring items as one list, nested by how far they are indented."""
    entries: list[ListEntry] = []
    indents: list[float] = []
    for item in items:
        x = item.lines[0].x
        if entries and item.marker == _next_marker(entries[-1].marker):
            x = indents[-1]
        while indents and indents[-1] > x + _INDENT:
            indents.pop()
        if not indents or x > indents[-1] + _INDENT:
            indents.append(x)
        entries.append(ListEntry(len(indents) - 1, item.marker, item.text))
    return [list_block(entries)] if entries else []


def _next_marker(marker: str) -> str | None:
    return f"{int(marker[:-1]) + 1}." if marker[:-1].isdigit() else None


def _title(pages: Sequence[Sequence[_Block]]) -> str | None:
    headings = [block for page in pages[:1] for block in page if block.kind is _Kind.HEADING]
    return min(headings, key=lambda block: block.level).text if headings else None
