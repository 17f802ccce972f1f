"""Word documents become text with their headings, steps, commands and tables."""

import io
import zipfile

import docx
import pytest
from docx.document import Document

from ingest.errors import DocumentUnreadable
from ingest.parsing.docx import render_docx


@pytest.fixture
def document() -> Document:
    return docx.Document()


def _saved(document: Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_headings_steps_and_nested_items_are_kept(document: Document) -> None:
    document.add_heading("Restore the ledger", 1)
    document.add_heading("Steps", 2)
    document.add_paragraph("Stop the writers", style="List Number")
    document.add_paragraph("all of them", style="List Bullet 2")
    document.add_paragraph("Start the restore", style="List Number")

    text = render_docx(_saved(document)).text

    assert text.split("\n") == [
        "# Restore the ledger",
        "",
        "## Steps",
        "",
        "1. Stop the writers",
        "   - all of them",
        "2. Start the restore",
    ]


def test_paragraphs_in_a_fixed_width_font_are_code(document: Document) -> None:
    document.add_paragraph("Run both:")
    for command in ("kubectl get pods", "  --watch"):
        document.add_paragraph().add_run(command).font.name = "Courier New"

    assert render_docx(_saved(document)).text == "Run both:\n\n```\nkubectl get pods\n  --watch\n```"


def test_tables_become_pipe_tables(document: Document) -> None:
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["Alert", "Team", "Lag | high", "Payments"], strict=True):
        cell.text = text

    assert render_docx(_saved(document)).text == ("| Alert | Team |\n| --- | --- |\n| Lag \\| high | Payments |")


def test_page_headers_and_footers_are_left_out(document: Document) -> None:
    document.sections[0].header.paragraphs[0].text = "Confidential"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_paragraph("Some words")

    assert render_docx(_saved(document)).text == "Some words"


@pytest.mark.parametrize(("stated", "title"), [("Handbook", "Handbook"), ("Word Document", "First heading")])
def test_the_stated_title_counts_unless_a_program_put_it_there(document: Document, stated: str, title: str) -> None:
    document.core_properties.title = stated
    document.add_heading("First heading", 1)

    assert render_docx(_saved(document)).title == title


def test_a_document_without_text_is_unreadable(document: Document) -> None:
    with pytest.raises(DocumentUnreadable, match="holds no text"):
        render_docx(_saved(document))


def test_a_truncated_file_is_unreadable(document: Document) -> None:
    with pytest.raises(DocumentUnreadable, match="truncated"):
        render_docx(_saved(document)[:2000])


def test_broken_xml_is_unreadable(document: Document) -> None:
    with pytest.raises(DocumentUnreadable, match="cannot be read as DOCX"):
        render_docx(_with_document_part(_saved(document), b"<w:document"))


def test_a_file_that_unpacks_to_more_than_the_limit_is_not_unpacked(document: Document) -> None:
    bomb = _with_document_part(_saved(document), b" " * 3_000_000)

    with pytest.raises(DocumentUnreadable, match=r"unpacks to .* limit of 2,000,000"):
        render_docx(bomb, max_bytes=2_000_000)


def _with_document_part(data: bytes, content: bytes) -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, content if name == "word/document.xml" else source.read(name))
    return file.getvalue()
