"""The format of a file is told from its content and its name."""

import io
import zipfile

import pytest

from ingest.errors import DocumentUnreadable
from ingest.parsing.formats import Format, detect_format, has_supported_name


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("runbooks/a.md", Format.MARKDOWN),
        ("a.MDX", Format.MARKDOWN),
        ("a.markdown", Format.MARKDOWN),
        ("manual/a.html.md.erb", Format.MARKDOWN),
        ("a.md.erb", Format.MARKDOWN),
        ("a.html", Format.HTML),
        ("a.htm.j2", Format.HTML),
        ("a.rst", Format.RST),
        ("a.txt", Format.TEXT),
        ("a.adoc", Format.TEXT),
    ],
)
def test_the_extension_tells_the_format_of_text(path: str, expected: Format) -> None:
    assert detect_format(path, b"some words") is expected


def test_a_pdf_is_a_pdf_whatever_its_name() -> None:
    assert detect_format("a.md", b"%PDF-1.7\n") is Format.PDF


def test_a_docx_is_a_docx_whatever_its_name() -> None:
    assert detect_format("a.txt", _zip("word/document.xml")) is Format.DOCX


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"# Restart\n\nwords", Format.MARKDOWN),
        (b"Restart\n=======\n\nwords", Format.MARKDOWN),
        (b"just words\nand more", Format.TEXT),
        (b"<!DOCTYPE html><p>words", Format.HTML),
    ],
)
def test_a_bare_name_is_told_by_its_content(data: bytes, expected: Format) -> None:
    assert detect_format("README", data) is expected


@pytest.mark.parametrize(
    ("path", "data", "reason"),
    [
        ("a.json", b"{}", "'.json' files are not read; supported are .md"),
        ("a.md", b"\x89PNG\r\n\x1a\n", "a PNG image"),
        ("a.gz", b"\x1f\x8b123", "a gzip archive"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password-protected"),
        ("a.docx", b"PK\x03\x04 cut off", "damaged or truncated"),
        ("notes", b"\x00\x01", "looks binary"),
    ],
)
def test_what_cannot_be_read_is_named(path: str, data: bytes, reason: str) -> None:
    with pytest.raises(DocumentUnreadable, match=reason):
        detect_format(path, data)


@pytest.mark.parametrize(
    ("part", "reason"),
    [("xl/workbook.xml", "Excel"), ("ppt/presentation.xml", "PowerPoint"), ("a.txt", "ZIP archive")],
)
def test_other_archives_are_named(part: str, reason: str) -> None:
    with pytest.raises(DocumentUnreadable, match=reason):
        detect_format("a.docx", _zip(part))


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a.md", True), ("README", True), ("a.html.md.erb", True), ("a.png", False), (".gitignore", True)],
)
def test_the_name_alone_tells_whether_to_look_inside(path: str, expected: bool) -> None:
    assert has_supported_name(path) is expected


def _zip(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()
