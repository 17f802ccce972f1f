"""The format of a file is told from its content and its name."""

import io
import zipfile

import pytest

from ingest.errors import DocumentUnreadable, NotADocument
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
        ("a.adoc", Format.ASCIIDOC),
        ("a.asc", Format.ASCIIDOC),
        ("a.csv", Format.CSV),
        ("a.tsv", Format.CSV),
        ("a.ipynb", Format.NOTEBOOK),
        ("rules/a.yml", Format.STRUCTURED),
        ("a.json", Format.STRUCTURED),
        ("a.mmd", Format.DIAGRAM),
        ("a.puml", Format.DIAGRAM),
        ("a.dsl", Format.DIAGRAM),
        ("a.drawio", Format.DRAWIO),
        ("a.svg", Format.SVG),
    ],
)
def test_the_extension_tells_the_format_of_text(path: str, expected: Format) -> None:
    assert detect_format(path, b"some words") is expected


def test_a_pdf_is_a_pdf_whatever_its_name() -> None:
    assert detect_format("a.md", b"%PDF-1.7\n") is Format.PDF


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("word/document.xml", Format.DOCX),
        ("ppt/presentation.xml", Format.PPTX),
        ("xl/workbook.xml", Format.XLSX),
    ],
)
def test_an_office_file_is_one_whatever_its_name(part: str, expected: Format) -> None:
    assert detect_format("a.txt", _zip(part)) is expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"<mxfile host='x'>", Format.DRAWIO),
        (b"<?xml version='1.0'?>\n<!-- a --><mxGraphModel/>", Format.DRAWIO),
        (b"<!DOCTYPE svg PUBLIC 'a' 'b'>\n<svg:svg>", Format.SVG),
    ],
)
def test_xml_is_told_by_its_first_element(data: bytes, expected: Format) -> None:
    assert detect_format("a.xml", data) is expected


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
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password-protected"),
        ("a.docx", b"PK\x03\x04 cut off", "damaged or truncated Office file"),
        ("a.rtf", b"{\\rtf1 x}", "RTF document; save it as .docx"),
        ("a.doc", b"x", "'.doc' files are not read; save it as .docx"),
    ],
)
def test_what_a_person_can_save_anew_says_how(path: str, data: bytes, reason: str) -> None:
    with pytest.raises(DocumentUnreadable, match=reason) as caught:
        detect_format(path, data)

    assert not isinstance(caught.value, NotADocument)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (["xl/workbook.bin"], "binary Excel workbook"),
        (["META-INF/manifest.xml", "content.xml"], "OpenDocument"),
        (["a.txt"], "without a document in it"),
    ],
)
def test_other_office_archives_say_what_to_do(parts: list[str], reason: str) -> None:
    with pytest.raises(DocumentUnreadable, match=reason):
        detect_format("a.docx", _zip(*parts))


@pytest.mark.parametrize(
    ("path", "data", "reason"),
    [
        ("a.go", b"package a", "'.go' files are no documents; supported are .md"),
        ("a.md", b"\x89PNG\r\n\x1a\n", "a PNG image"),
        ("a.gz", b"\x1f\x8b123", "a gzip archive"),
        ("a.asc", b"-----BEGIN PGP SIGNATURE-----", "a signature"),
        ("notes", b"\x00\x01", "looks binary"),
        ("run", b"#!/bin/sh\n# Usage\n", "a script"),
        ("pom.xml", b"<project/>", "is XML \\('project'\\)"),
        ("empty.xml", b"<!-- nothing -->", "is XML"),
        ("values.yaml.gotmpl", b"a: {{ .b }}", "a template"),
        ("rules.json.j2", b"{}", "a template"),
        ("a.zip", b"", "'.zip' files are no documents"),
    ],
)
def test_what_is_no_document_is_named(path: str, data: bytes, reason: str) -> None:
    with pytest.raises(NotADocument, match=reason):
        detect_format(path, data)


def test_an_archive_is_no_document() -> None:
    with pytest.raises(NotADocument, match="ZIP archive"):
        detect_format("a.zip", _zip("a.txt"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.md", True),
        ("README", True),
        ("a.html.md.erb", True),
        ("a.xml", True),
        ("a.png", False),
        (".gitignore", True),
    ],
)
def test_the_name_alone_tells_whether_to_look_inside(path: str, expected: bool) -> None:
    assert has_supported_name(path) is expected


def _zip(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()
