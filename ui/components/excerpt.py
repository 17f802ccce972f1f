"""Lines of a document around quoted spans, with the quoted characters marked."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ui.components.secret_marks import data_markup

SURROUNDING_LINES = 3
MAX_LINES = 28


@dataclass(frozen=True, slots=True, order=True)
class Highlight:
    """A half-open range of characters of a document's text that is to be marked."""

    start: int
    end: int


class NumberedText:
    """A text whose lines can be shown with their numbers; only "\\n" ends a line, as in the API."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    @property
    def line_count(self) -> int:
        """Number of lines; a trailing line break opens no further line."""
        empty_last = len(self._starts) > 1 and self._starts[-1] == len(self.text)
        return len(self._starts) - empty_last

    def line_of(self, offset: int) -> int:
        """Return the number, from 1, of the line that holds the character at `offset`."""
        return min(bisect_right(self._starts, max(0, offset)), self.line_count)

    def bounds(self, number: int) -> tuple[int, int]:
        """Return the half-open range of characters of line `number`, without its line break."""
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self._starts[number - 1], end

    def is_blank(self, number: int) -> bool:
        """Tell whether line `number` holds nothing but white space."""
        start, end = self.bounds(number)
        return not self.text[start:end].strip()

    def line_markup(self, number: int, highlights: Sequence[Highlight], *, anchor: bool = False) -> Markup:
        """Return one line with its number; `highlights` must be sorted and apart (see `merged`)."""
        start, end = self.bounds(number)
        inside = [mark for mark in highlights if mark.start < max(end, start + 1) and mark.end > start]
        return Markup(
            '<div class="gw-line{}"{}><span class="gw-no">{}</span><span class="gw-text">{}</span></div>'
        ).format(
            " gw-hit" if inside else "",
            Markup(' id="L{}"').format(number) if anchor else "",
            number,
            _marked(self.text, start, end, inside),
        )


def merged(highlights: Iterable[Highlight], length: int) -> list[Highlight]:
    """Return the ranges sorted, clipped to `length` characters, overlapping ones joined, empty ones left out."""
    result: list[Highlight] = []
    for mark in sorted(highlights):
        start, end = max(0, mark.start), min(mark.end, length)
        if start >= end:
            continue
        if result and start <= result[-1].end:
            result[-1] = Highlight(result[-1].start, max(end, result[-1].end))
        else:
            result.append(Highlight(start, end))
    return result


def excerpt_markup(text: str, highlights: Iterable[Highlight]) -> Markup:
    """Return the lines of `highlights` with some around them; what is left out between them is counted."""
    numbered = NumberedText(text)
    marks = merged(highlights, len(text))
    wanted = _without_blank_edges(numbered, list(_wanted_lines(numbered, marks)))
    shown = wanted[:MAX_LINES]
    pieces: list[Markup] = []
    previous = 0
    for number in shown:
        if previous and number > previous + 1:
            pieces.append(_gap(number - previous - 1))
        pieces.append(numbered.line_markup(number, marks))
        previous = number
    if len(wanted) > len(shown):
        pieces.append(_gap(len(wanted) - len(shown)))
    return Markup('<div class="gw-excerpt">{}</div>').format(Markup("").join(pieces))


def _wanted_lines(numbered: NumberedText, marks: Sequence[Highlight]) -> Iterator[int]:
    """Yield the numbers of the lines of all marks and of those around them, each once, in order."""
    last = 0
    for mark in marks:
        first = max(last + 1, numbered.line_of(mark.start) - SURROUNDING_LINES)
        final = min(numbered.line_count, numbered.line_of(mark.end - 1) + SURROUNDING_LINES)
        if last and first == last + 2:
            first -= 1  # one hidden line would take as much room as its notice
        yield from range(first, final + 1)
        last = max(last, final)


def _without_blank_edges(numbered: NumberedText, lines: list[int]) -> list[int]:
    while lines and numbered.is_blank(lines[0]):
        lines = lines[1:]
    while lines and numbered.is_blank(lines[-1]):
        lines = lines[:-1]
    return lines


def _marked(text: str, start: int, end: int, marks: Sequence[Highlight]) -> Markup:
    pieces: list[Markup] = []
    position = start
    for mark in marks:
        left, right = max(start, mark.start), min(end, mark.end)
        pieces += [data_markup(text[position:left]), Markup("<mark>{}</mark>").format(data_markup(text[left:right]))]
        position = right
    return Markup("").join([*pieces, data_markup(text[position:end])])


def _gap(lines: int) -> Markup:
    return Markup('<div class="gw-gap">{} more {}</div>').format(lines, "line" if lines == 1 else "lines")
