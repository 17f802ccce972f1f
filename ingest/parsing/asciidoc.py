"""AsciiDoc as Markdown-like text, read line by line: no converter in Python covers the language.

What is laid out by the site (roles, columns, page breaks) is left out; what a reader needs (steps with the
code that belongs to them, admonitions, tables, references) keeps its place.
"""

import re

from ingest.errors import DocumentUnreadable
from ingest.parsing.asciidoc_attributes import BlockAttributes
from ingest.parsing.asciidoc_blocks import BlockWriter
from ingest.parsing.asciidoc_inline import inline
from ingest.parsing.asciidoc_lines import Preprocessed, preprocess
from ingest.parsing.decoding import decode
from ingest.parsing.rendered import Rendered, join, words

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^[=#][ \t]+(\S.*)$")
_AUTHOR = re.compile(r"^[^\W\d_][\w.'-]*(?:[ \t]+[\w.'-]+){0,3}(?:[ \t]+<[^>\n]+>)?(?:;.*)?$")
_REVISION = re.compile(r"^(?:v\d[\w.-]*|\d[\w.]*,|\d{4}-\d\d-\d\d)[^.]*$")
_STATED = ("description", "keywords", "page-status", "status", "owner", "owners", "service", "services", "revdate")


def render_asciidoc(data: bytes) -> Rendered:
    """Render AsciiDoc; attributes are set in, and files that it includes are named in a warning.

    Raises DocumentUnreadable where the file is empty, binary, or holds nothing but includes and comments.
    """
    decoded = decode(data)
    front = _FRONT_MATTER.match(decoded.text)
    source = decoded.text[front.end() :] if front else decoded.text
    found = preprocess(source)
    title, body = _header(found.lines)
    text = join([*([f"# {title}"] if title else []), *BlockWriter(body).blocks()])
    if not text:
        raise DocumentUnreadable("holds no text beside includes, attributes and comments")
    stated = title or words(found.attributes.get("doctitle", "")) or None
    whole = f"{front.group()}\n{text}" if front else text
    return Rendered(whole, stated, metadata=_metadata(found), warnings=(*decoded.warnings, *found.warnings()))


def _header(lines: list[str]) -> tuple[str, list[str]]:
    """Return the document's title and the lines after its header, whose author and revision are left out."""
    start = next((number for number, line in enumerate(lines) if line.strip() and not BlockAttributes.of(line)), 0)
    title = _TITLE.match(lines[start]) if lines else None
    if title is None:
        return "", lines
    end = start + 1
    for pattern in (_AUTHOR, _REVISION):
        if end < len(lines) and pattern.match(lines[end]):
            end += 1
    return words(inline(title.group(1))), lines[end:]


def _metadata(found: Preprocessed) -> dict[str, object]:
    return {name.removeprefix("page-"): found.attributes[name] for name in _STATED if found.attributes.get(name)}
