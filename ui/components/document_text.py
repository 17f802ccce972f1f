"""A whole document with line numbers: a window of its lines, its outline, and what a link marked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.schemas.knowledge import SectionSpan
from ui.components.excerpt import Highlight, NumberedText, merged
from ui.components.hostile_text import FlaggedLines, hostile_markup

WINDOW_LINES = 1_000
_RANGE = re.compile(r"^(\d{1,9})(?:-(\d{1,9}))?$")


@dataclass(frozen=True, slots=True)
class Window:
    """The lines `[first, last]` of a document of `total` lines."""

    first: int
    last: int
    total: int

    @property
    def whole(self) -> bool:
        """Whether this is all of the document."""
        return self.first == 1 and self.last == self.total


def linked_range(value: str | None) -> tuple[int, int] | None:
    """Return the range that `12` or `12-18` stands for, None for anything else."""
    match = _RANGE.match(value or "")
    if match is None:
        return None
    first = int(match[1])
    return first, max(first, int(match[2] or first))


def linked_highlights(
    text: str, *, lines: tuple[int, int] | None, characters: tuple[int, int] | None
) -> list[Highlight]:
    """Return what a link marks: its characters where it names them, else its lines; nothing beyond the text."""
    if characters is not None:
        return merged([Highlight(*characters)], len(text))
    if lines is None:
        return []
    starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text) + 1]
    if lines[0] < 1 or lines[0] >= len(starts):
        return []
    end = starts[min(lines[1], len(starts) - 1)] - 1
    return merged([Highlight(starts[lines[0] - 1], end)], len(text))


def window_around(text: str, *, first: int | None, highlights: Sequence[Highlight]) -> Window:
    """Return the window that starts at `first`, or the one that holds the first highlight."""
    numbered = NumberedText(text)
    wanted = first or (numbered.line_of(highlights[0].start) if highlights else 1)
    start = (min(wanted, numbered.line_count) - 1) // WINDOW_LINES * WINDOW_LINES + 1
    return Window(start, min(start + WINDOW_LINES - 1, numbered.line_count), numbered.line_count)


def document_markup(
    text: str, window: Window, highlights: Sequence[Highlight], flagged: Sequence[FlaggedLines] = ()
) -> Markup:
    """Return the lines of `window` with their numbers and marks; those that address a model stand in a frame."""
    numbered = NumberedText(text)
    marks = merged(highlights, len(text))

    def lines(first: int, last: int) -> Markup:
        return Markup("").join(numbered.line_markup(number, marks, anchor=True) for number in range(first, last + 1))

    pieces: list[Markup] = []
    following = window.first
    for stretch in flagged:
        first, last = max(stretch.first, following), min(stretch.last, window.last)
        if first <= last:
            pieces += [lines(following, first - 1), hostile_markup(stretch.flags, lines(first, last))]
            following = last + 1
    return Markup('<div class="gw-document" tabindex="0" role="region" aria-label="Document text">{}</div>').format(
        Markup("").join([*pieces, lines(following, window.last)])
    )


def outline_markup(sections: Sequence[SectionSpan], window: Window) -> Markup:
    """Return links to the sections of `window`; sections beyond it are named without a link."""
    rows = Markup("").join(_outline_row(section, window) for section in sections if section.heading_path)
    if not rows:
        return Markup("")
    return Markup('<nav class="gw-outline" aria-label="Sections"><h3>Sections</h3><ul>{}</ul></nav>').format(rows)


def _outline_row(section: SectionSpan, window: Window) -> Markup:
    name = section.heading_path[-1]
    place = f"page {section.page}" if section.page is not None else f"{section.line_start}"
    inside = window.first <= section.line_start <= window.last
    shown = Markup('<a href="#L{}">{}</a>').format(section.line_start, name) if inside else name
    return Markup('<li class="gw-depth-{}">{} <span class="gw-no">{}</span></li>').format(
        min(len(section.heading_path) - 1, 4), shown, place
    )
