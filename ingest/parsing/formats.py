"""Which format a file is in: by its content where that is certain, else by its name."""

import io
import re
import zipfile
from enum import StrEnum
from pathlib import PurePosixPath

from ingest.errors import DocumentUnreadable, NotADocument
from ingest.parsing.decoding import looks_binary

_EXTENSION = re.compile(r"\.[a-z][a-z0-9]{0,9}\Z")
_MARKDOWN_HEADING = re.compile(rb"^(?:#{1,6}[ \t]+\S|[^\s#>-][^\n]*\n(?:={3,}|-{3,})[ \t]*$)", re.MULTILINE)
_PDF_MARK = re.compile(rb"\A\s{0,64}%PDF-")
_ZIP_MARK = b"PK\x03\x04"
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_MARKS = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"\xca\xfe\xba\xbe", "a compiled class"),
    (b"-----BEGIN PGP ", "a signature or encrypted message"),
    (b"SQLite format 3\x00", "a SQLite database"),
)


class Format(StrEnum):
    """A format that documents are read from."""

    MARKDOWN = "markdown"
    HTML = "html"
    DOCX = "docx"
    PDF = "pdf"
    RST = "rst"
    TEXT = "text"
    ASCIIDOC = "asciidoc"
    PPTX = "pptx"
    XLSX = "xlsx"
    CSV = "csv"
    NOTEBOOK = "notebook"
    STRUCTURED = "structured"  # YAML or JSON: rule files, OpenAPI, Kubernetes manifests, structured postmortems
    DIAGRAM = "diagram"  # Mermaid, PlantUML, Graphviz, Structurizr: text that draws
    DRAWIO = "drawio"
    SVG = "svg"


FORMAT_OF_EXTENSION = {
    ".md": Format.MARKDOWN,
    ".mdx": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".mdown": Format.MARKDOWN,
    ".mkd": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".docx": Format.DOCX,
    ".pdf": Format.PDF,
    ".rst": Format.RST,
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".org": Format.TEXT,
    ".adoc": Format.ASCIIDOC,
    ".asciidoc": Format.ASCIIDOC,
    ".asc": Format.ASCIIDOC,
    ".pptx": Format.PPTX,
    ".xlsx": Format.XLSX,
    ".xlsm": Format.XLSX,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".ipynb": Format.NOTEBOOK,
    ".yaml": Format.STRUCTURED,
    ".yml": Format.STRUCTURED,
    ".json": Format.STRUCTURED,
    ".mmd": Format.DIAGRAM,
    ".mermaid": Format.DIAGRAM,
    ".puml": Format.DIAGRAM,
    ".plantuml": Format.DIAGRAM,
    ".iuml": Format.DIAGRAM,
    ".dot": Format.DIAGRAM,
    ".gv": Format.DIAGRAM,
    ".dsl": Format.DIAGRAM,
    ".drawio": Format.DRAWIO,
    ".dio": Format.DRAWIO,
    ".svg": Format.SVG,
}
"""The extensions that documents are found by; a template suffix may follow (`page.html.md.erb`)."""

_TEMPLATE_SUFFIXES = frozenset({".erb", ".j2", ".jinja", ".jinja2", ".tmpl", ".gotmpl", ".tpl", ".liquid"})
_SAVE_AS = {
    ".doc": ".docx",
    ".docm": ".docx",
    ".dotx": ".docx",
    ".odt": ".docx",
    ".rtf": ".docx",
    ".pages": ".docx",
    ".ppt": ".pptx",
    ".odp": ".pptx",
    ".key": ".pptx",
    ".xls": ".xlsx",
    ".xlsb": ".xlsx",
    ".ods": ".xlsx",
    ".numbers": ".xlsx",
}
_OFFICE_PARTS = (
    ("word/document.xml", Format.DOCX),
    ("ppt/presentation.xml", Format.PPTX),
    ("xl/workbook.xml", Format.XLSX),
)
_OFFICE = frozenset({".docx", ".pptx", ".xlsx", ".xlsm"})
_XML_FORMATS = ((b"mxfile", Format.DRAWIO), (b"mxGraphModel", Format.DRAWIO), (b"svg", Format.SVG))
_XML_ELEMENT = re.compile(rb"<(?:[\w-]+:)?([A-Za-z][\w-]*)[\s/>]")
_XML_PROLOGUE = re.compile(rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?[^>]*>", re.DOTALL)
_SNIFFED = 65_536
_XML_HEAD = 8192


def detect_format(path: str, data: bytes) -> Format:
    """Return the format of the file; content that is certain (PDF, office files) wins over the name.

    Raises NotADocument for what is plainly none, and DocumentUnreadable where a person can make it one.
    """
    extension = _extension(path)
    found = _format_of_content(extension, data)
    if found is not None:
        return found
    if extension is None:
        return _sniff_text(data)
    if extension in _SAVE_AS:
        raise DocumentUnreadable(f"{extension!r} files are not read; save it as {_SAVE_AS[extension]}")
    if extension == ".xml":
        return _format_of_xml(data)
    if extension not in FORMAT_OF_EXTENSION:
        raise NotADocument(f"{extension!r} files are no documents; {_supported()}")
    found = FORMAT_OF_EXTENSION[extension]
    if found in (Format.STRUCTURED, Format.NOTEBOOK) and not path.lower().endswith(extension):
        raise NotADocument(f"is a template of a {extension!r} file, not the file itself")
    return found


def has_supported_name(path: str) -> bool:
    """Return whether the name alone says that the file may be a document; bare names (README) may be."""
    extension = _extension(path)
    return extension is None or extension == ".xml" or extension in FORMAT_OF_EXTENSION


def _extension(path: str) -> str | None:
    """Return the extension that decides, or None where the name has none."""
    name = PurePosixPath(path.replace("\\", "/").lower()).name.lstrip(".")
    while (found := _EXTENSION.search(name)) is not None and found.group() in _TEMPLATE_SUFFIXES:
        name = name[: found.start()]
    return found.group() if found is not None and found.start() > 0 else None


def _format_of_content(extension: str | None, data: bytes) -> Format | None:
    if _PDF_MARK.match(data):
        return Format.PDF
    if data.startswith(_ZIP_MARK):
        return _format_of_zip(extension, data)
    if data.startswith(_OLE_MARK):
        raise DocumentUnreadable(
            "is a password-protected or pre-2007 Office file; save it as .docx, .pptx or .xlsx without a password"
        )
    if data.startswith(b"{\\rtf"):
        raise DocumentUnreadable("is an RTF document; save it as .docx")
    for mark, name in _OTHER_MARKS:
        if data.startswith(mark):
            raise NotADocument(f"is {name}, not a document")
    return None


def _format_of_zip(extension: str | None, data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        kind = "Office" if extension in _OFFICE else "ZIP"
        raise DocumentUnreadable(f"is a damaged or truncated {kind} file ({error}); copy or save it again") from error
    for part, found in _OFFICE_PARTS:
        if part in names:
            return found
    if "xl/workbook.bin" in names:
        raise DocumentUnreadable("is a binary Excel workbook; save it as .xlsx")
    if "META-INF/manifest.xml" in names and "content.xml" in names:
        raise DocumentUnreadable("is an OpenDocument file; save it as .docx, .pptx or .xlsx")
    if extension in _OFFICE:
        raise DocumentUnreadable(f"is a ZIP archive named {extension!r} without a document in it; save it again")
    raise NotADocument("is a ZIP archive, not a document")


def _format_of_xml(data: bytes) -> Format:
    root = _root_element(data)
    for name, found in _XML_FORMATS:
        if root == name:
            return found
    raise NotADocument(
        f"is XML ({root.decode('ascii', 'replace') or 'no element'!r}), of which only draw.io and SVG are read"
    )


def _root_element(data: bytes) -> bytes:
    """Return the local name of the first element of XML; b"" where there is none near the start."""
    found = _XML_ELEMENT.search(_XML_PROLOGUE.sub(b"", data[:_XML_HEAD]))
    return found.group(1) if found else b""


def _sniff_text(data: bytes) -> Format:
    reason = looks_binary(data)
    if reason is not None:
        raise NotADocument(f"looks binary ({reason}); {_supported()}")
    head = data[:_SNIFFED].replace(b"\r\n", b"\n")
    start = head.lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return Format.HTML
    if head.startswith(b"#!"):
        raise NotADocument("is a script, not a document")
    return Format.MARKDOWN if _MARKDOWN_HEADING.search(head) else Format.TEXT


def _supported() -> str:
    return f"supported are {', '.join(FORMAT_OF_EXTENSION)}"
