"""What must hold before a procedure starts: prerequisites sections, and paragraphs that say what is needed."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.extraction.wording import Item, folded, items_of
from ingest.knowledge.documents import Block, BlockKind, Document, Section
from ingest.knowledge.extracts import Statement
from ingest.knowledge.spans import LineIndex

_HEADING = re.compile(
    r"^\W*(?:\d+[.)]\s*)?(?:pre-?requisites?|pre-?conditions?|before (?:you )?(?:begin|start)(?:ing)?|requirements?|"
    r"what you(?:'ll| will)? need|you will need|assumptions|needed (?:access|tools))\b[\w\s]{0,20}\W*$",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(
    r"^\W*(?:you(?:'ll| will| must| should)? (?:first )?(?:need|have to have|require)\b|"
    r"(?:please )?(?:make sure|ensure)\b|this (?:procedure|guide|runbook|task) (?:requires|assumes|needs)\b|"
    r"before (?:you (?:begin|start)|starting|beginning|proceeding|running)\b|"
    r"prerequisites?\s*:|pre-?conditions?\s*:|requirements?\s*:|requires\b)",
    re.IGNORECASE,
)
_MOST = 20


@dataclass(frozen=True, slots=True)
class Prerequisites:
    """The prerequisites sections of one document by what stands above them, found once for all its procedures."""

    sections: Mapping[tuple[str, ...], Sequence[Section]]

    @classmethod
    def of(cls, document: Document) -> "Prerequisites":
        """Find the sections whose heading says that they list what must hold."""
        found: dict[tuple[str, ...], list[Section]] = {}
        for section in document.sections:
            if is_prerequisites(section):
                found.setdefault(section.heading_path[:-1], []).append(section)
        return cls(found)

    def above(self, section: Section) -> Iterator[Section]:
        """Yield, for each heading above `section`, the last prerequisites under it that stand before `section`."""
        for depth in range(len(section.heading_path)):
            under = self.sections.get(section.heading_path[:depth], ())
            before = bisect_left(under, section.span.start, key=lambda each: each.span.start)
            if before:
                yield under[before - 1]


def is_prerequisites(section: Section) -> bool:
    """Tell whether the section's heading says that it lists what must hold."""
    return bool(section.heading_path) and bool(_HEADING.match(section.heading_path[-1][:120]))


def announces_prerequisites(text: str, block: Block) -> bool:
    """Tell whether a paragraph is a title of the list of prerequisites below it."""
    words = text[block.span.start : min(block.span.end, block.span.start + 120)]
    return block.kind is BlockKind.PARAGRAPH and bool(_HEADING.match(words.strip("*_: \n")))


def preconditions_for(
    text: str, lines: LineIndex, known: Prerequisites, section: Section, first: Block | None
) -> tuple[Statement, ...]:
    """Return what is stated to hold before the procedure of `section` whose first block is `first`.

    That is what a prerequisites heading before it lists, where that heading and the procedure share what
    stands above them, and a paragraph right before the list that says what is needed.
    """
    found = [statement for other in known.above(section) for statement in _statements(text, lines, other.blocks)]
    if first is not None:
        found += _before(text, lines, section.blocks, first)
    return tuple(found[:_MOST])


def _statements(text: str, lines: LineIndex, blocks: Sequence[Block]) -> Iterator[Statement]:
    listed = list(items_of(text, blocks))
    if listed:
        yield from (_of_item(text, lines, item) for item in listed)
        return
    for block in blocks:
        if block.kind is BlockKind.PARAGRAPH and block.depth == 0:
            yield Statement(folded(text[block.span.start : block.span.end]), block.span)


def _before(text: str, lines: LineIndex, blocks: Sequence[Block], first: Block) -> Iterator[Statement]:
    """Yield what the paragraph right before a list says is needed, or the list under such a paragraph."""
    top = [block for block in blocks if block.depth == 0 and block.span.start < first.span.start]
    listed: list[Block] = []
    while top and top[-1].kind is BlockKind.ITEM:
        listed.insert(0, top.pop())
    if not top or top[-1].kind is not BlockKind.PARAGRAPH:
        return
    words = text[top[-1].span.start : top[-1].span.end]
    if _HEADING.match(words.strip("*_: ")) or _SAYS_SO.match(words):
        if listed:
            inside = [block for block in blocks if listed[0].span.start <= block.span.start < first.span.start]
            yield from (_of_item(text, lines, item) for item in items_of(text, inside))
        else:
            yield Statement(folded(words), top[-1].span)


def _of_item(text: str, lines: LineIndex, item: Item) -> Statement:
    end = item.start + len(text[item.start : item.own_end].rstrip())
    return Statement(folded(text[item.start : end]), lines.span(item.start, end))
