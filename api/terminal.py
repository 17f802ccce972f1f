"""Lines for a terminal: wrapped to its width, coloured where it has colours, free of control characters."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "strong", "good", "middling", "bad", "faint"]

MAX_WIDTH = 100
"""Wider lines are hard to read."""

# C0 and C1 controls but for line feed and tab: a document must not steer the terminal that shows it.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_STYLES = {
    "plain": "",
    "strong": "bold",
    "good": "bold green",
    "middling": "bold yellow",
    "bad": "bold red",
    "faint": "dim",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph to show. `indent` counts columns, `hanging` those that its further lines are set in by.

    A `verbatim` one is not wrapped, so that what is copied from it is what it says.
    """

    text: str = ""
    tone: Tone = "plain"
    indent: int = 0
    hanging: int = 0
    verbatim: bool = False


def print_text(lines: Iterable[Line]) -> None:
    """Print to standard output."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    width = min(console.width, MAX_WIDTH)
    for line in lines:
        for row in laid_out(line, width):
            console.print(Text(row, style=_STYLES[line.tone]), soft_wrap=True)


def plain_text(lines: Iterable[Line], width: int = 80) -> str:
    """Return the lines as they are printed where there are no colours."""
    return "\n".join(row for line in lines for row in laid_out(line, width))


def laid_out(line: Line, width: int) -> list[str]:
    """Return the rows that a line takes at that width."""
    margin = " " * line.indent
    text = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", line.text.expandtabs(4))
    if line.verbatim:
        return [margin + row if row else "" for row in text.split("\n")]
    hanging = margin + " " * line.hanging
    # Long words stay whole: paths and identifiers are copied.
    return textwrap.wrap(
        " ".join(text.split()) if "\n" in text else text,
        max(20, width),
        initial_indent=margin,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def columns(rows: Sequence[Sequence[str]], *, indent: int = 2, right: frozenset[int] = frozenset()) -> list[Line]:
    """Return rows set in columns; the columns in `right` are aligned to the right."""
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))] if rows else []
    lines: list[Line] = []
    for row in rows:
        cells = [
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(Line("  ".join(cells).rstrip(), indent=indent, verbatim=True))
    return lines
