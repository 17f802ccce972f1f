"""The lines of a PDF page with their place and type, from the pieces of text that pypdf visits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import TypeVar

from ingest.parsing.rendered import words

_Value = TypeVar("_Value", float, str)
_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_FIXED_WIDTH = re.compile(r"mono|courier|consol|menlo|typewriter|cmtt|code", re.IGNORECASE)
# Unused codes of WinAnsiEncoding, 0x7f among them, stand for a bullet (ISO 32000-1, D.2).
_REPLACED = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
        "\u00a0": " ",
        "\x7f": "•",
    }
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page.

    `raw` keeps its blanks; `x` and `y` are where it starts, in points from the lower left corner; `size` is
    the size of most of its characters.
    """

    raw: str
    x: float
    y: float
    size: float
    bold: bool = False
    fixed_width: bool = False

    @property
    def text(self) -> str:
        """The words of the line."""
        return words(self.raw)


@dataclass(slots=True)
class _Piece:
    text: str
    x: float
    y: float
    size: float
    font: str


class LineCollector:
    """Collect what pypdf's `visitor_text` is called with."""

    def __init__(self) -> None:
        self._pieces: list[list[_Piece]] = [[]]

    def visit(
        self,
        text: str,
        user_matrix: Sequence[float],
        text_matrix: Sequence[float],
        font: Mapping[str, object] | None,
        size: float,
    ) -> None:
        """Take one piece of text; matrices are PDF's six numbers (ISO 32000-1, 8.3.3)."""
        x = text_matrix[4] * user_matrix[0] + text_matrix[5] * user_matrix[2] + user_matrix[4]
        y = text_matrix[4] * user_matrix[1] + text_matrix[5] * user_matrix[3] + user_matrix[5]
        scale = hypot(text_matrix[0], text_matrix[1]) * hypot(user_matrix[0], user_matrix[1])
        name = str((font or {}).get("/BaseFont", ""))
        for number, part in enumerate(text.translate(_REPLACED).split("\n")):
            if number:
                self._pieces.append([])
            self._pieces[-1].append(_Piece(_UNPRINTABLE.sub("", part), x, y, round(size * scale, 1), name))

    def lines(self) -> list[Line]:
        """Return the lines in the order of the file, without blank ones."""
        lines = [_line(pieces) for pieces in self._pieces]
        return [line for line in lines if line is not None]


def _line(pieces: list[_Piece]) -> Line | None:
    inked = [piece for piece in pieces if piece.text.strip()]
    if not inked:
        return None
    size = _of_most_characters([(piece.size, piece.text) for piece in inked])
    font = _of_most_characters([(piece.font, piece.text) for piece in inked])
    return Line(
        "".join(piece.text for piece in pieces),
        inked[0].x,
        inked[0].y,
        size,
        bold=_BOLD.search(font) is not None,
        fixed_width=_FIXED_WIDTH.search(font) is not None,
    )


def _of_most_characters(weighted: list[tuple[_Value, str]]) -> _Value:
    counts: dict[_Value, int] = {}
    for value, text in weighted:
        counts[value] = counts.get(value, 0) + len(text.strip())
    return max(counts, key=lambda value: counts[value])
