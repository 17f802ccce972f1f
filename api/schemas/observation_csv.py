"""The rows of an observation as CSV, of which no spreadsheet takes a cell for a formula."""

import csv
import io

from api.schemas.investigations import Cell, ObservationDetail


def rows_csv(seen: ObservationDetail) -> str:
    """Return the rows under the names of their columns."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_harmless(name) for name in seen.columns])
    writer.writerows([_harmless(cell) for cell in row] for row in seen.rows)
    return text.getvalue()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
