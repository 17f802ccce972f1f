"""Tables of AsciiDoc as rows of cells: column counts, spans, and cells that hold blocks."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.parsing.asciidoc_inline import inline

_CELL = re.compile(
    r"(?:(?<=\s)|^)(?:(\d+)?(?:\.(\d+))?([+*]))?[<^>]?(?:\.[<^>])?[adehlmsv]?(?<!\\)\||(?<!\\)\|", re.MULTILINE
)
_REPEAT = re.compile(r"^\s*(\d+)\*")
_COLUMNS = re.compile(r"""\bcols\s*=\s*(?:"([^"]*)"|'([^']*)'|([^,\]]*))""")
_FORMAT = re.compile(r"""\bformat\s*=\s*["']?(csv|dsv|tsv)""")
_BLOCK_MARKS = re.compile(r"^(?:-{2,}|\.{4,}|={4,}|\*{4,}|`{3,}.*|\[[^\]]*\]|\+)$")
_CALLOUT = re.compile(r"[ \t]*<(?:\d+|\.)>[ \t]*$")
_LIST_MARK = re.compile(r"^\s*\*+\s+")
_MOST_COLUMNS = 100
_MOST_SPANNED = 200
_MOST_PLACES = 500_000


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    columns: int = 1
    rows: int = 1


def table_rows(lines: Sequence[str], attributes: str, marks: str) -> list[list[str]]:
    """Return the rows of the table between `lines`; `marks` is its delimiter, `attributes` stand above it."""
    stated = _COLUMNS.search(attributes)
    columns = _column_count(next(filter(None, stated.groups()), "")) if stated else 0
    form = _FORMAT.search(attributes)
    if marks.startswith((",", ":")) or form is not None:
        kind = form.group(1) if form else "csv" if marks.startswith(",") else "dsv"
        separator = {"csv": ",", "dsv": ":", "tsv": "\t"}[kind]
        return [[inline(cell.strip()) for cell in row] for row in csv.reader(lines, delimiter=separator) if any(row)]
    separated = [line.replace("!", "|") for line in lines] if marks.startswith("!") else list(lines)
    if not columns:
        first = next((line for line in separated if line.strip()), "")
        columns = sum(cell.columns for cell in _cells(first))
    return _arranged(list(_cells("\n".join(separated))), min(max(1, columns), _MOST_COLUMNS))


def _column_count(stated: str) -> int:
    count = 0
    for part in re.split(r"[,;]", stated):
        repeated = _REPEAT.match(part)
        count += min(int(repeated.group(1)[:4]), _MOST_COLUMNS) if repeated else 1
    return count


def _cells(text: str) -> Iterator[_Cell]:
    """Yield the cells; what stands before a bar and fits a cell's specification belongs to the bar."""
    marks = list(_CELL.finditer(text))
    for number, found in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        cell = _flat(text[found.end() : end])
        columns, rows, kind = found.group(1), found.group(2), found.group(3)
        if kind == "*":
            yield from (_Cell(cell) for _ in range(min(int((columns or "1")[:4]), _MOST_COLUMNS)))
        else:
            wide, high = min(int((columns or "1")[:4]), _MOST_COLUMNS), min(int((rows or "1")[:4]), _MOST_SPANNED)
            yield _Cell(cell, max(1, wide), max(1, high))


def _flat(raw: str) -> str:
    """Return the words of a cell, whose blocks a pipe table can only show one after the other."""
    kept = [line.strip() for line in raw.replace("\\|", "|").split("\n")]
    kept = [_LIST_MARK.sub("- ", _CALLOUT.sub("", line)) for line in kept if line and not _BLOCK_MARKS.match(line)]
    return inline("\n".join(kept))


def _arranged(cells: list[_Cell], columns: int) -> list[list[str]]:
    """Put cells into rows; a cell that spans shows its text in each place that it covers."""
    places: dict[tuple[int, int], str] = {}
    row = column = 0
    for cell in cells:
        while (row, column) in places:
            row, column = (row, column + 1) if column + 1 < columns else (row + 1, 0)
        if len(places) > _MOST_PLACES:
            break
        for down in range(cell.rows):
            for right in range(min(cell.columns, columns - column)):
                places.setdefault((row + down, column + right), cell.text)
    last = max((row for row, _ in places), default=-1)
    return [[places.get((row, column), "") for column in range(columns)] for row in range(last + 1)]
