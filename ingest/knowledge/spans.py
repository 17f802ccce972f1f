"""Places in a text: spans of characters with their lines, and the index that finds one from the other."""

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters `[start, end)` of a document's text, with its lines.

    `start` and `end` are offsets in characters (code points) from 0; `line_start` and `line_end`
    count from 1 and both are included.
    """

    start: int
    end: int
    line_start: int
    line_end: int


@dataclass(frozen=True, slots=True)
class LineIndex:
    """Offsets of line starts, to turn character offsets into line numbers and back."""

    starts: tuple[int, ...]
    length: int

    @classmethod
    def of(cls, text: str) -> "LineIndex":
        """Index the lines of `text`; only "\\n" ends a line, as in editors and on code hosts."""
        starts = [0]
        position = text.find("\n")
        while position != -1:
            starts.append(position + 1)
            position = text.find("\n", position + 1)
        return cls(tuple(starts), len(text))

    def line_of(self, offset: int) -> int:
        """Return the line number, from 1, of the character at `offset`."""
        return bisect_right(self.starts, offset)

    def start_of(self, line: int) -> int:
        """Return the offset at which `line` (from 1) starts; the text's length beyond its last line."""
        return self.starts[line - 1] if line <= len(self.starts) else self.length

    def span(self, start: int, end: int) -> Span:
        """Return the span `[start, end)`; an empty one stays on the line of `start`."""
        return Span(start, end, self.line_of(start), self.line_of(max(start, end - 1)))
