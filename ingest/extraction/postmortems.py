"""Fields of a postmortem: summary, impact, trigger, root cause, detection, resolution, timeline, action items."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.extraction.postmortem_entries import action_items, is_placeholder, timeline_entries
from ingest.extraction.postmortem_headings import opens_other, part_of
from ingest.extraction.times import leading_time
from ingest.extraction.wording import cells, folded, item_at, plain
from ingest.knowledge.documents import Block, BlockKind, Document, DocumentKind, Section
from ingest.knowledge.extracts import PostmortemField, PostmortemPart
from ingest.knowledge.spans import LineIndex

_LONGEST = 2000  # characters of a field's text, cut after a block
_LEAST_INTRODUCTION = 120  # characters of a first paragraph that sums up a report without a summary
_LEAST_TOLD = 40  # characters of a paragraph that tells what happened
_LABEL = re.compile(
    r"[ \t]*(?:[-*+][ \t]+)?(?:\*\*|__|_|\*)?([A-Za-z][A-Za-z '/-]{2,40}?)(?:\*\*|__|_|\*)?\s*:(?:\*\*|__)?[ \t]*"
)
_BOLD_LINE = re.compile(r"(\*\*|__)([^*_\n]{3,80})\1\s*:?|([A-Z][^\n.!?]{2,60}):")
_PLAIN_LINE = re.compile(r"[A-Z][a-z]+(?: [A-Za-z]+){0,2}")
_TEMPLATE = re.compile(r"template|checklist|(?:^|/)readme\b", re.IGNORECASE)
_FEWEST_PARTS = 2
_TELLING = {
    PostmortemPart.TIMELINE,
    PostmortemPart.ROOT_CAUSE,
    PostmortemPart.TRIGGER,
    PostmortemPart.DETECTION,
    PostmortemPart.RESOLUTION,
}
"""Parts that a report of an incident has; a playbook kept beside such reports has actions and impact only."""

_ENTRIES = (PostmortemPart.TIMELINE, PostmortemPart.ACTION_ITEM)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Blocks that belong to one part."""

    part: PostmortemPart | None
    blocks: tuple[Block, ...]
    heading: str = ""


def find_postmortem_fields(document: Document, lines: LineIndex) -> tuple[PostmortemField, ...]:
    """Return the fields of a postmortem in the order of the text; none for documents of another kind."""
    if document.facts.kind is not DocumentKind.POSTMORTEM or _TEMPLATE.search(document.facts.path.rpartition("/")[2]):
        return ()
    found: list[PostmortemField] = []
    for section in document.sections:
        for stretch in _stretches(document.text, section):
            found += _fields(document.text, lines, stretch)
    parts = {field.part for field in found}
    found += [field for field in _labelled(document, lines) if field.part not in parts]
    parts = {field.part for field in found}
    if len(parts) < _FEWEST_PARTS or not parts & _TELLING:
        return ()
    if PostmortemPart.SUMMARY not in parts:
        found += _introduction(document)
    return tuple(sorted(found, key=lambda field: (field.span.start, field.span.end)))


def _stretches(text: str, section: Section) -> Iterator[_Stretch]:
    """Cut a section at paragraphs that stand for headings ("**Impact**"), and tell the part of each stretch."""
    part = _part(section.heading_path)
    heading = section.heading_path[-1] if section.heading_path else ""
    own: list[Block] = []
    for block in section.blocks:
        if block.kind is BlockKind.HEADING and block.depth == 0:
            continue
        title = _bold_title(text, block)
        named = part_of(title) if title else None
        if named is not None or (title and opens_other(title)):
            yield _Stretch(part, tuple(own), heading)
            part, own, heading = named, [], ""
        else:
            own.append(block)
    yield _Stretch(part, tuple(own), heading)


def _part(path: Sequence[str]) -> PostmortemPart | None:
    """Return the part that the innermost telling heading opens; a heading of another kind ends the search."""
    for number, heading in enumerate(reversed(path)):
        if opens_other(heading):
            return None
        part = part_of(heading)
        if part is not None and (number < len(path) - 1 or len(heading.split()) <= 5):
            return part
    return None


def _bold_title(text: str, block: Block) -> str:
    if block.kind is not BlockKind.PARAGRAPH or block.depth or block.span.end - block.span.start > 90:
        return ""
    words = text[block.span.start : block.span.end].strip()
    match = _BOLD_LINE.fullmatch(words)
    if match:
        return match[2] or match[3]
    return words if _PLAIN_LINE.fullmatch(words) and part_of(words) else ""


def _fields(text: str, lines: LineIndex, stretch: _Stretch) -> Iterator[PostmortemField]:
    if stretch.part is None or not stretch.blocks:
        return
    if stretch.part is PostmortemPart.TIMELINE:
        yield from _timeline(text, lines, stretch)
    elif stretch.part is PostmortemPart.ACTION_ITEM:
        yield from action_items(text, lines, stretch.blocks)
    else:
        yield from _prose(text, lines, stretch.part, stretch.blocks)


def _timeline(text: str, lines: LineIndex, stretch: _Stretch) -> Iterator[PostmortemField]:
    """Yield the entries; under a heading that is a time of day, all that stands there is one entry."""
    when = leading_time(stretch.heading, 0, len(stretch.heading)) if ":" in stretch.heading else None
    if when is None:
        entries = list(timeline_entries(text, lines, stretch.blocks))
        yield from entries or _told(text, stretch.blocks)
        return
    told = [*_prose(text, lines, PostmortemPart.TIMELINE, stretch.blocks)]
    rest = plain(stretch.heading[when.end :])
    for field in told[:1]:
        words = f"{rest}: {field.text}" if rest else field.text
        yield PostmortemField(field.part, words, field.span, at=when.at)


def _told(text: str, blocks: Sequence[Block]) -> Iterator[PostmortemField]:
    """Yield the paragraphs of a timeline that is told as a story."""
    for block in blocks:
        words = plain(text[block.span.start : block.span.end])
        if block.kind is BlockKind.PARAGRAPH and block.depth == 0 and len(words) >= _LEAST_TOLD:
            yield PostmortemField(PostmortemPart.TIMELINE, words, block.span)


def _prose(text: str, lines: LineIndex, part: PostmortemPart, blocks: Sequence[Block]) -> Iterator[PostmortemField]:
    """Yield the words of some blocks as one field."""
    start, end = blocks[0].span.start, blocks[0].span.start
    for block in blocks:
        if block.span.end - start > _LONGEST and end > start:
            break
        end = max(end, block.span.end)
    words = text[start:end].strip()
    if words and not is_placeholder(folded(plain(words))):
        yield PostmortemField(part, words, lines.span(start, end))


def _labelled(document: Document, lines: LineIndex) -> Iterator[PostmortemField]:
    """Yield what labels state: `Impact: …` on a line or list item, and rows of two cells in a table."""
    text = document.text
    for section in document.sections:
        for number, block in enumerate(section.blocks):
            if block.kind is BlockKind.TABLE_ROW or block.kind is BlockKind.TABLE_HEADER:
                row = cells(text, block.span.start, block.span.end)
                part = part_of(row[0].words) if len(row) == 2 else None
                if part and part not in _ENTRIES and not is_placeholder(row[1].words):
                    yield PostmortemField(part, row[1].words, block.span)
            elif block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.STEP) and block.depth == 0:
                yield from _labelled_lines(text, lines, section.blocks, number)


def _labelled_lines(text: str, lines: LineIndex, blocks: Sequence[Block], number: int) -> Iterator[PostmortemField]:
    block = blocks[number]
    end = block.span.end if block.kind is BlockKind.PARAGRAPH else item_at(text, blocks, number).own_end
    start = block.span.start
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        match = _LABEL.match(text, start, stop)
        part = part_of(match[1]) if match else None
        words = plain(text[match.end() : stop]) if match else ""
        if part and part not in _ENTRIES and len(words) > 20 and not is_placeholder(words):
            yield PostmortemField(part, words, lines.span(start, stop))
        start = stop + 1


def _introduction(document: Document) -> Iterator[PostmortemField]:
    """Yield the first real paragraph of a report that has other parts and no summary."""
    for section in document.sections[:3]:
        if len(section.heading_path) > 1 or (section.heading_path and part_of(section.heading_path[-1])):
            return
        for block in section.blocks:
            words = plain(document.text[block.span.start : block.span.end])
            if block.kind is BlockKind.PARAGRAPH and block.depth == 0 and len(words) >= _LEAST_INTRODUCTION:
                yield PostmortemField(PostmortemPart.SUMMARY, words, block.span)
                return
