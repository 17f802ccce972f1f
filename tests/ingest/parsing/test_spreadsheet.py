"""Workbooks and delimited files become tables whose rows can be cited, and say what of them is missing."""

import datetime as dt
import io
import time
import zipfile

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ingest.errors import DocumentUnreadable
from ingest.knowledge.documents import BlockKind
from ingest.parsing.registry import parse
from ingest.parsing.spreadsheet import render_csv, render_xlsx
from ingest.parsing.spreadsheet_tables import MAX_ROWS


@pytest.fixture
def workbook() -> Workbook:
    return openpyxl.Workbook()


def _sheet(workbook: Workbook, *rows: list[object]) -> Worksheet:
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    return sheet


def _saved(workbook: Workbook) -> bytes:
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def test_a_sheet_is_a_section_with_a_table(workbook: Workbook) -> None:
    sheet = _sheet(workbook, ["Service", "Owner"], ["ledger", "Payments"])
    sheet.title = "Owners"

    parsed = parse("a.xlsx", _saved(workbook))

    (section,) = parsed.sections
    assert section.heading_path == ("Owners",)
    assert [block.kind for block in section.blocks] == [
        BlockKind.HEADING,
        BlockKind.TABLE_HEADER,
        BlockKind.TABLE_ROW,
    ]
    assert parsed.text.endswith("| ledger | Payments |")


def test_the_name_that_programs_give_a_sheet_is_no_title(workbook: Workbook) -> None:
    _sheet(workbook, ["Service", "Owner"], ["ledger", "Payments"])

    assert parse("a.xlsx", _saved(workbook)).title is None


def test_values_are_written_as_a_person_reads_them(workbook: Workbook) -> None:
    sheet = _sheet(workbook, ["a", "b", "c", "d", "e", "f"])
    sheet.append([dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4), 3.0, 0.1 + 0.2, True, 0.95])
    sheet["F2"].number_format = "0%"

    assert render_xlsx(_saved(workbook)).text.endswith("| 2026-01-02 | 2026-01-02 03:04:00 | 3 | 0.3 | TRUE | 95% |")


def test_merged_cells_show_their_text_in_each_place(workbook: Workbook) -> None:
    sheet = _sheet(workbook, ["Contacts", None, "Team"], ["Ann", "Bob", "Payments"], ["Cid", "Dan", None])
    sheet.merge_cells("A1:B1")
    sheet.merge_cells("C2:C3")

    assert render_xlsx(_saved(workbook)).text.split("\n") == [
        "| Contacts | Contacts | Team |",
        "| --- | --- | --- |",
        "| Ann | Bob | Payments |",
        "| Cid | Dan | Payments |",
    ]


def test_lines_above_the_table_are_no_header(workbook: Workbook) -> None:
    sheet = _sheet(workbook, ["Escalation list"], [None], ["Name", "Phone"], ["Ann", "1"])
    sheet.merge_cells("A1:B1")

    assert render_xlsx(_saved(workbook)).text == "Escalation list\n\n| Name | Phone |\n| --- | --- |\n| Ann | 1 |"


def test_hidden_sheets_and_formulas_without_a_value_are_told(workbook: Workbook) -> None:
    sheet = _sheet(workbook, ["a", "b"], ["x", "=1+1"])
    sheet.title = "Costs"
    other = workbook.create_sheet("Old")
    other.append(["c", "d"])
    other.sheet_state = "hidden"

    rendered = render_xlsx(_saved(workbook))

    assert "| c | d |" in rendered.text
    assert rendered.warnings == (
        "sheet 'Costs' has 1 formulas without a stored value, which are shown empty;"
        " open and save the workbook in a spreadsheet program",
        "sheet 'Old' is hidden in the workbook; it was read too",
    )


def test_an_empty_workbook_is_refused(workbook: Workbook) -> None:
    with pytest.raises(DocumentUnreadable, match="no cell with text"):
        render_xlsx(_saved(workbook))


def test_one_that_unpacks_to_too_much_is_refused(workbook: Workbook) -> None:
    _sheet(workbook, ["a"])

    with pytest.raises(DocumentUnreadable, match="unpacks to"):
        render_xlsx(_saved(workbook), max_bytes=500)


def test_entities_that_multiply_are_refused(workbook: Workbook) -> None:
    _sheet(workbook, ["a", "b"])
    source, file = zipfile.ZipFile(io.BytesIO(_saved(workbook))), io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                data = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + data
            archive.writestr(name, data)

    with pytest.raises(DocumentUnreadable, match="cannot be read as XLSX"):
        render_xlsx(file.getvalue())


def test_a_cell_far_out_costs_nothing(workbook: Workbook) -> None:
    sheet = _sheet(workbook, ["a", "b"])
    sheet["XFD900000"] = "far"
    began = time.process_time()

    rendered = render_xlsx(_saved(workbook))

    assert time.process_time() - began < 6
    assert any("more than 200 columns" in warning for warning in rendered.warnings)


def test_a_long_file_is_cut_and_says_by_how_much() -> None:
    data = "name,value\n" + "".join(f"n{number},{number}\n" for number in range(MAX_ROWS + 5))
    began = time.process_time()

    parsed = parse("a.csv", data.encode())

    assert time.process_time() - began < 10
    assert parsed.warnings == ("the file has 6 rows beyond the first 10,000, which were left out; split it",)
    assert sum(block.kind is BlockKind.TABLE_ROW for block in parsed.sections[0].blocks) == MAX_ROWS - 1


@pytest.mark.parametrize(
    "data",
    [
        "Name,Phone\nAnn,1\n",
        "Name;Phone\r\nAnn;1\r\n",
        "Name\tPhone\nAnn\t1\n",
        "Name|Phone\nAnn|1\n",
        "sep=;\nName;Phone\nAnn;1\n",
        '"Name", "Phone"\n"Ann", "1"\n',
        "\ufeffName,Phone\nAnn,1\n\n\n",
    ],
)
def test_the_separator_is_found(data: str) -> None:
    assert render_csv(data.encode()).text == "| Name | Phone |\n| --- | --- |\n| Ann | 1 |"


def test_quoted_cells_keep_their_separators_and_lines() -> None:
    text = render_csv(b'step,command\n1,"kubectl get pods,svc\n| wc"\n').text

    assert text.endswith("| 1 | kubectl get pods,svc \\| wc |")


def test_a_quote_without_an_end_does_not_swallow_the_file() -> None:
    data = 'a,b\nx,"y\n' + "c,d\n" * 300

    rendered = render_csv(data.encode())

    assert rendered.text.count("| c | d |") == 300
    assert "never closed" in rendered.warnings[0]


def test_a_huge_cell_is_cut_with_a_warning() -> None:
    rendered = render_csv(b"a,b\n1," + b"x" * 200_000 + b"\n")

    assert len(rendered.text) < 10_000
    assert any("longer than 4,000" in warning for warning in rendered.warnings)


def test_other_encodings_are_read_with_a_warning() -> None:
    rendered = render_csv("Größe;Wert\nklein;1\n".encode("cp1252"))

    assert rendered.text.startswith("| Größe | Wert |")
    assert "is not UTF-8" in rendered.warnings[0]
