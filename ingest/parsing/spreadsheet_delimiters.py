"""Values separated by commas, tabs, semicolons or bars, read with the separator that fits them best.

The standard library's sniffer guesses from letters where there is no clear separator, and takes quadratic
time on some input; here each separator is tried on the first rows, and the one that gives the most even
rows is taken.
"""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_SEPARATORS = (",", "\t", ";", "|")
_STATED = re.compile(r"\Asep=(.)\n", re.IGNORECASE)
_TRIED_ROWS = 50
_TRIED_CHARACTERS = 65_536
_RUNAWAY_LINES = 200  # a quoted cell of more lines is one whose closing quote is missing


@dataclass(frozen=True, slots=True)
class DelimitedRows:
    """The rows of a file, with what had to be assumed to read them."""

    rows: list[list[str]]
    warnings: tuple[str, ...] = ()


def read_rows(text: str) -> DelimitedRows:
    """Return the rows of `text`; a quote that is never closed is read as a character."""
    stated = _STATED.match(text)
    body = text[stated.end() :] if stated else text
    separator = stated.group(1) if stated else _separator(body)
    try:
        rows = list(_rows(body, separator))
        is_runaway = any(cell.count("\n") > _RUNAWAY_LINES for row in rows for cell in row)
    except csv.Error:  # a cell longer than the csv module takes, which a missing quote makes
        is_runaway, rows = True, []
    if not is_runaway:
        return DelimitedRows(rows)
    rows = [line.split(separator) for line in body.split("\n")]
    return DelimitedRows(rows, ("a quoted value is never closed or very long; quotes were read as characters",))


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)


def _separator(text: str) -> str:
    """Return the separator under which most of the first rows have the same number of columns, above one."""
    sample = text[:_TRIED_CHARACTERS]
    complete = sample.rpartition("\n")[0] if len(text) > len(sample) and "\n" in sample else sample
    return max(_SEPARATORS, key=lambda separator: _evenness(complete, separator))


def _evenness(sample: str, separator: str) -> tuple[float, int]:
    try:
        widths = Counter(len(row) for row in itertools.islice(_rows(sample, separator), _TRIED_ROWS) if row)
    except csv.Error:
        return (0.0, 0)
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return (0.0, 0)
    width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
    return (count / widths.total(), width)
