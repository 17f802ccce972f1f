"""Sections of a structured file: stretches of its text, each with a heading path and one block of code."""

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.knowledge.documents import Block, BlockKind, Section
from ingest.knowledge.spans import LineIndex, Span

_LONGEST_LINE = 1_000  # in a longer one (JSON on one line) a fact is cited by its own characters


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the text with the words that stand above it."""

    heading_path: tuple[str, ...]
    start: int
    end: int


def sections_of(text: str, lines: LineIndex, stretches: Iterable[Stretch]) -> tuple[Section, ...]:
    """Return the stretches as sections in the order of the text; one that overlaps the one before is left out."""
    sections: list[Section] = []
    position = 0
    for stretch in sorted(stretches, key=lambda stretch: (stretch.start, -stretch.end)):
        start = max(stretch.start, 0)
        end = start + len(text[start : stretch.end].rstrip())
        if start < position or end <= start:
            continue
        span = lines.span(start, end)
        sections.append(Section(stretch.heading_path, span, (Block(BlockKind.CODE, span),)))
        position = end
    return tuple(sections)


def whole_lines(start: int, end: int, text: str, lines: LineIndex) -> tuple[int, int]:
    """Return the range from the first character of `start`'s line, indentation left out, to `end`'s line end.

    Where other words stand before `start` on its line (JSON on one line) the range stays as it is.
    """
    begin = lines.start_of(lines.line_of(start))
    lead = text[begin:start] if start - begin <= _LONGEST_LINE else "…"
    if lead.strip() not in ("", "-", '"'):
        return start, end
    line_end = text.find("\n", end, end + _LONGEST_LINE)
    return begin + len(lead) - len(lead.lstrip()), line_end if line_end != -1 else end


def line_span(start: int, end: int, text: str, lines: LineIndex) -> Span:
    """Return the span of the line that holds `start`, without its indentation; of the range alone where it is long."""
    number = lines.line_of(start)
    begin, stop = lines.start_of(number), lines.start_of(number + 1)
    if stop - begin > _LONGEST_LINE:
        return lines.span(start, end)
    line = text[begin:stop]
    return lines.span(begin + len(line) - len(line.lstrip()), max(begin + len(line.rstrip()), start + 1))
