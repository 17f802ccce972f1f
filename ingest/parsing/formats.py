"""Which format a file is in: by its content where that is certain, else by its name."""

import io
import re
import zipfile
from enum import StrEnum
from pathlib import PurePosixPath

from ingest.errors import DocumentUnreadable
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
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
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
    ".adoc": Format.TEXT,
    ".asciidoc": Format.TEXT,
    ".org": Format.TEXT,
}
"""The extensions that documents are found by; a template suffix may follow (`page.html.md.erb`)."""

_TEMPLATE_SUFFIXES = frozenset({".erb", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".liquid"})


def detect_format(path: str, data: bytes) -> Format:
    """Return the format of the file; the content of PDF and DOCX wins over the name.

    Raises DocumentUnreadable for formats that cannot be read.
    """
    found = _format_of_content(data)
    if found is not None:
        return found
    extension = _extension(path)
    if extension is None:
        return _sniff_text(data)
    if extension not in FORMAT_OF_EXTENSION:
        raise DocumentUnreadable(f"{extension!r} files are not read; {_supported()}")
    return FORMAT_OF_EXTENSION[extension]


def has_supported_name(path: str) -> bool:
    """Return whether the name alone says that the file may be a document; bare names (README) may be."""
    extension = _extension(path)
    return extension is None or extension in FORMAT_OF_EXTENSION


def _extension(path: str) -> str | None:
    """Return the extension that decides, or None where the name has none."""
    name = PurePosixPath(path.replace("\\", "/").lower()).name.lstrip(".")
    while (found := _EXTENSION.search(name)) is not None and found.group() in _TEMPLATE_SUFFIXES:
        name = name[: found.start()]
    return found.group() if found is not None and found.start() > 0 else None


def _format_of_content(data: bytes) -> Format | None:
    if _PDF_MARK.match(data):
        return Format.PDF
    if data.startswith(_ZIP_MARK):
        return _format_of_zip(data)
    if data.startswith(_OLE_MARK):
        raise DocumentUnreadable("is a password-protected or pre-2007 Office file; save it as .docx without a password")
    for mark, name in _OTHER_MARKS:
        if data.startswith(mark):
            raise DocumentUnreadable(f"is {name}; {_supported()}")
    return None


def _format_of_zip(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DocumentUnreadable(f"is a damaged or truncated DOCX or ZIP file ({error})") from error
    if "word/document.xml" in names:
        return Format.DOCX
    kind = "an Excel workbook" if "xl/workbook.xml" in names else "a ZIP archive"
    kind = "a PowerPoint presentation" if "ppt/presentation.xml" in names else kind
    raise DocumentUnreadable(f"is {kind}; {_supported()}")


def _sniff_text(data: bytes) -> Format:
    reason = looks_binary(data)
    if reason is not None:
        raise DocumentUnreadable(f"looks binary ({reason}); {_supported()}")
    head = data[:65_536].replace(b"\r\n", b"\n")
    start = head.lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return Format.HTML
    return Format.MARKDOWN if _MARKDOWN_HEADING.search(head) else Format.TEXT


def _supported() -> str:
    return f"supported are {', '.join(FORMAT_OF_EXTENSION)}"
