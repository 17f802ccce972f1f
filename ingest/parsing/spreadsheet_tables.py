"""Rows of cells as blocks: the lines above a table as paragraphs, the table with its first row as header."""

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.parsing.rendered import paragraph, table, words

MAX_ROWS = 10_000
MAX_COLUMNS = 200
MAX_CELL = 4_000
_MOST_TITLES = 20


@dataclass(frozen=True, slots=True)
class TableText:
    """A rendered sheet: its blocks, and what was left out of it."""

    blocks: tuple[str, ...]
    rows_left_out: int = 0
    cells_cut: int = 0

    def warnings(self, name: str) -> tuple[str, ...]:
        """Return a sentence for each thing that was left out of what is called `name`."""
        told = []
        if self.rows_left_out:
            told.append(
                f"{name} has {self.rows_left_out:,} rows beyond the first {MAX_ROWS:,}, which were left out; split it"
            )
        if self.cells_cut:
            told.append(f"{self.cells_cut} cells of {name} are longer than {MAX_CELL:,} characters and were cut")
        return tuple(told)


def lay_out(rows: Iterable[list[str]], *, left_out: int = 0) -> TableText:
    """Render rows of cells; empty rows and columns are dropped, rows with one cell above a table are its title.

    `left_out` is how many rows there are beyond the first MAX_ROWS where the caller knows; else they are counted.
    """
    kept: list[list[str]] = []
    cut = beyond = 0
    for row in rows:
        cells = [words(cell[: MAX_CELL + 1]) for cell in row[:MAX_COLUMNS]]
        if not any(cells):
            continue
        if len(kept) == MAX_ROWS:
            beyond += 1
            if left_out:
                break
            continue
        cut += sum(len(cell) > MAX_CELL for cell in row[:MAX_COLUMNS])
        kept.append([cell if len(cell) <= MAX_CELL else f"{cell[:MAX_CELL]}…" for cell in cells])
    used = [column for column in range(max(map(len, kept), default=0)) if any(_at(row, column) for row in kept)]
    narrow = [[_at(row, column) for column in used] for row in kept]
    titles, body = _titles(narrow)
    blocks = [*(paragraph(next(filter(None, row))) for row in titles), table(body)]
    return TableText(tuple(block for block in blocks if block), max(beyond, left_out) if beyond else 0, cut)


def _titles(rows: list[list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """Part the lines above a table (rows with one cell, merged or not, before wider ones) from the table."""
    wide = next((number for number, row in enumerate(rows[: _MOST_TITLES + 1]) if len(set(filter(None, row))) > 1), 0)
    return rows[:wide], rows[wide:]


def _at(row: list[str], column: int) -> str:
    return row[column] if column < len(row) else ""
