"""What the XML of an XLSX sheet tells beside the values of its cells: merges, and formulas without a value."""

import re
from dataclasses import dataclass

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")
_UNCOMPUTED = re.compile(rb"</f>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>|<f\s[^>]*/>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_WIDE = re.compile(rb'<c r="(?:G[S-Z]|[H-Z][A-Z]|[A-Z]{3})\d+"[^>/]*>\s*<[vif]')  # right of column 200, "GR"
_DEFAULT_NAME = re.compile(r"(?:Sheet|Tabelle|Feuil|Hoja|Foglio|Planilha|Blad|Ark|Лист)\s?\d*", re.IGNORECASE)
_MOST_MERGES = 5_000
_WIDEST_MERGE = 200


@dataclass(frozen=True, slots=True)
class SheetXml:
    """Facts of one sheet: how many rows it stores, and which cells repeat the one at their top left."""

    rows: int
    uncomputed: int
    is_wide: bool
    _merges: "dict[int, list[_Merge]]"  # by each row that a merge reaches

    @classmethod
    def of(cls, xml: bytes) -> "SheetXml":
        """Read the facts from the sheet's XML; damaged XML gives what can be found."""
        merges: dict[int, list[_Merge]] = {}
        for number, found in enumerate(_MERGE.finditer(xml)):
            left, top, right, bottom = _column(found[1]), int(found[2]), _column(found[3]), int(found[4])
            if number >= _MOST_MERGES:
                break
            merge = _Merge(left, min(right, left + _WIDEST_MERGE), [""])
            for row in range(top, min(bottom, top + _WIDEST_MERGE) + 1):
                merges.setdefault(row, []).append(merge)
        uncomputed = sum(1 for _ in _UNCOMPUTED.finditer(xml))
        return cls(sum(1 for _ in _ROW.finditer(xml)), uncomputed, _WIDE.search(xml) is not None, merges)

    def merged(self, row: int, cells: list[str]) -> list[str]:
        """Return the cells of `row` (from 1) with what merged cells show; rows are given from the top down."""
        for merge in self._merges.get(row, ()):
            shown = cells[merge.left] if merge.left < len(cells) else ""
            merge.text[0] = shown or merge.text[0]
            for column in range(merge.left, min(merge.right + 1, len(cells))):
                cells[column] = cells[column] or merge.text[0]
        return cells


@dataclass(frozen=True, slots=True)
class _Merge:
    """A merged range: its columns from 0, both included, and the text found in it so far."""

    left: int
    right: int
    text: list[str]


def is_default_name(name: str) -> bool:
    """Tell whether a sheet has the name that spreadsheet programs give, which says nothing."""
    return _DEFAULT_NAME.fullmatch(name) is not None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
