"""XLSX and CSV as Markdown-like text: each sheet a section with a pipe table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol, cast

from ingest.errors import DocumentUnreadable
from ingest.parsing.damage import unreadable_when_damaged
from ingest.parsing.decoding import decode
from ingest.parsing.docx import check_archive
from ingest.parsing.rendered import Rendered, heading, join, words
from ingest.parsing.spreadsheet_cells import cell_text
from ingest.parsing.spreadsheet_delimiters import read_rows
from ingest.parsing.spreadsheet_sheets import SheetXml, is_default_name
from ingest.parsing.spreadsheet_tables import MAX_COLUMNS, MAX_ROWS, TableText, lay_out

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_DEFAULT_LIMIT = 50 * 1024 * 1024


def render_xlsx(data: bytes, *, max_bytes: int = _DEFAULT_LIMIT) -> Rendered:
    """Render a workbook: the values that its formulas last had, dates in ISO format, hidden sheets too.

    `max_bytes` bounds the unpacked size. Raises DocumentUnreadable for damaged, oversized or empty files.
    """
    check_archive(data, max_bytes, "XLSX")
    with unreadable_when_damaged("cannot be read as XLSX", *_vendor_errors()):
        workbook = _open(data)
        try:
            sheets = [_sheet(cast(_Worksheet, sheet)) for sheet in workbook.worksheets]
            title = words(workbook.properties.title or "") or None
            charts = [sheet.title for sheet in workbook.chartsheets]
        finally:
            workbook.close()
    blocks = [block for sheet in sheets for block in _blocks(sheet, alone=len(sheets) == 1)]
    if not any(sheet.table.blocks for sheet in sheets):
        raise DocumentUnreadable("holds no cell with text on any sheet")
    unread = tuple(f"sheet {name!r} is a chart, which was not read" for name in charts)
    return Rendered(join(blocks), title, warnings=(*(told for sheet in sheets for told in sheet.warnings), *unread))


def render_csv(data: bytes) -> Rendered:
    """Render comma-, tab-, semicolon- or bar-separated values as one table.

    Raises DocumentUnreadable where the file is empty or binary.
    """
    decoded = decode(data)
    rows = read_rows(decoded.text)
    table = lay_out(rows.rows)
    if not table.blocks:
        raise DocumentUnreadable("holds no value")
    return Rendered(join(table.blocks), warnings=(*decoded.warnings, *rows.warnings, *table.warnings("the file")))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet as it is shown, with what a reader should know of it."""

    name: str
    table: TableText
    warnings: tuple[str, ...]


class _Cell(Protocol):
    value: object
    number_format: str | None


class _Worksheet(Protocol):
    """What is used of openpyxl's read-only worksheets, for which its hints are wrong."""

    title: str
    sheet_state: str

    def _get_source(self) -> IO[bytes]: ...
    def reset_dimensions(self) -> None: ...
    def iter_rows(self, *, max_col: int) -> Iterator[Sequence[_Cell]]: ...


def _vendor_errors() -> tuple[type[Exception], ...]:
    import zipfile
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from lxml.etree import LxmlError  # type: ignore[import-untyped]  # lxml ships no hints
    from openpyxl.utils.exceptions import CellCoordinatesException, IllegalCharacterError, InvalidFileException

    ours = (CellCoordinatesException, IllegalCharacterError, InvalidFileException)
    return (zipfile.BadZipFile, ParseError, DefusedXmlException, LxmlError, *ours)


def _open(data: bytes) -> "Workbook":
    import io
    import warnings

    import openpyxl

    with warnings.catch_warnings():
        # It warns of extensions and styles that it leaves out; none of them holds text of cells.
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)


def _sheet(sheet: _Worksheet) -> _Sheet:
    with sheet._get_source() as source:
        xml = SheetXml.of(source.read())
    table = lay_out(_rows(sheet, xml), left_out=max(0, xml.rows - MAX_ROWS))
    name = words(sheet.title)
    told = list(table.warnings(f"sheet {name!r}"))
    if sheet.sheet_state != "visible":
        told.append(f"sheet {name!r} is hidden in the workbook; it was read too")
    if xml.uncomputed:
        told.append(
            f"sheet {name!r} has {xml.uncomputed} formulas without a stored value, which are shown empty;"
            " open and save the workbook in a spreadsheet program"
        )
    if xml.is_wide:
        told.append(f"sheet {name!r} has more than {MAX_COLUMNS} columns; those further right were left out")
    return _Sheet(name, table, tuple(told))


def _rows(sheet: _Worksheet, xml: SheetXml) -> Iterator[list[str]]:
    import warnings

    # The size that a sheet states of itself is often wrong; without it the rows are read as they come.
    sheet.reset_dimensions()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # dates out of range, which come as the error they show
        gap: Sequence[_Cell] = ()
        for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
            # The rows that the file leaves out, of which there can be a million, come as one and the same.
            if row is gap:
                continue
            gap = row
            yield xml.merged(number, [cell_text(cell.value, cell.number_format) for cell in row])


def _blocks(sheet: _Sheet, *, alone: bool) -> list[str]:
    if not sheet.table.blocks:
        return []
    named = [] if alone and is_default_name(sheet.name) else [heading(1, sheet.name)]
    return [*named, *sheet.table.blocks]
