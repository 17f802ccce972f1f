"""Links of a document to other documents of its source, as paths there."""

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from ingest.extraction.wording import folded
from ingest.knowledge.documents import BlockKind, Document
from ingest.knowledge.extracts import InternalLink
from ingest.knowledge.spans import LineIndex

_DESTINATION = re.compile(
    r"\]\([ \t]*(?:\{\{[<%][ \t]*(?:rel)?ref[ \t]+[\"'](?P<ref>[^\"'\n]{1,300})[\"'][ \t]*[>%]\}\}"
    r"(?P<anchor>#[^\s()]{0,200})?|"
    r"<(?P<angled>[^<>\n]{1,500})>|(?P<bare>[^\s()<>]{1,500}(?:\([^\s()]{0,200}\)[^\s()]{0,200})?))"
    r"(?:[ \t]+(?P<title>\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|\([^()\n]{0,300}\)))?[ \t]*\)"
)
_REFERENCE = re.compile(r"\]\[([^\]\n]{0,200})\]")
_DEFINITION = re.compile(r"^ {0,3}\[([^\]\n]{1,200})\]:[ \t]*<?([^\s<>]{1,500})>?", re.MULTILINE)
_ANCHOR_TAG = re.compile(r"<a\b[^<>]{0,300}?\bhref=[\"']([^\"'\n]{1,500})[\"'][^<>]{0,300}>", re.IGNORECASE)
_RST_ROLE = re.compile(r":doc:`(?:[^`<\n]{0,200}<)?([^`<>\n]{1,300})>?`")
_INLINE_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)[^\n]{1,400}?(?<!`)\1(?!`)")
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]{1,20}:|//)", re.IGNORECASE)
_TEMPLATED = re.compile(r"\{\{|\}\}|\$\{|<%|[<>{}*|\"\\]")
_DOCUMENT_ENDINGS = frozenset(
    {"", ".md", ".mdx", ".markdown", ".mdown", ".html", ".htm", ".rst", ".adoc", ".asciidoc", ".txt", ".ipynb"}
    | {".docx", ".pdf", ".pptx"}
)
_LONGEST_TEXT = 400  # characters of a link's own words


@dataclass(frozen=True, slots=True)
class RawLink:
    """A link as written: its destination, its words, and `[start, end)` of all of it; `picture` for images."""

    destination: str
    words: str
    start: int
    end: int
    picture: bool = False
    title: str = ""


def find_links(document: Document, lines: LineIndex, raw: tuple[RawLink, ...]) -> tuple[InternalLink, ...]:
    """Return the links to other documents of the same source, by relative or site-absolute path."""
    found: list[InternalLink] = []
    for link in raw:
        if link.picture:
            continue
        internal = _target(document.facts.path, link.destination)
        if internal is not None and internal[0] != document.facts.path:
            found.append(InternalLink(internal[0], lines.span(link.start, link.end), internal[1]))
    return tuple(found)


def raw_links(document: Document) -> tuple[RawLink, ...]:
    """Return all links and images of the text outside code, in order."""
    text = document.text
    code = _Stretches.of_code(document)
    definitions = {folded(match[1]).lower(): match[2] for match in _DEFINITION.finditer(text)} if "]:" in text else {}
    found = [link for link in _written(text, definitions) if not code.holds(link.start)]
    return tuple(sorted(found, key=lambda link: (link.start, link.end)))


@dataclass(frozen=True, slots=True)
class _Stretches:
    """Sorted stretches of a text, to ask whether a place lies in one of them."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of_code(cls, document: Document) -> "_Stretches":
        blocks = [
            (block.span.start, block.span.end)
            for section in document.sections
            for block in section.blocks
            if block.kind is BlockKind.CODE
        ]
        inline = [match.span() for match in _INLINE_CODE.finditer(document.text)]
        merged: list[tuple[int, int]] = []
        for start, end in sorted(blocks + inline):
            if not merged or end > merged[-1][1]:
                merged.append((max(start, merged[-1][1]) if merged else start, end))
        return cls(tuple(start for start, _ in merged), tuple(end for _, end in merged))

    def holds(self, place: int) -> bool:
        number = bisect_right(self.starts, place)
        return number > 0 and place < self.ends[number - 1]


def _written(text: str, definitions: dict[str, str]) -> Iterator[RawLink]:
    for match in _DESTINATION.finditer(text):
        opened = _opening(text, match.start())
        if opened is not None:
            destination = (match["ref"] or match["angled"] or match["bare"]) + (match["anchor"] or "")
            yield _raw(text, opened, match.start(), match.end(), destination, (match["title"] or "")[1:-1])
    for match in _REFERENCE.finditer(text) if definitions else ():
        opened = _opening(text, match.start())
        if opened is None:
            continue
        label = folded(match[1] or text[opened + 1 : match.start()]).lower()
        if label in definitions:
            yield _raw(text, opened, match.start(), match.end(), definitions[label])
    for match in _ANCHOR_TAG.finditer(text):
        yield RawLink(match[1], "", match.start(), match.end())
    for match in _RST_ROLE.finditer(text):
        yield RawLink(match[1], "", match.start(), match.end())


def _raw(text: str, opened: int, closed: int, end: int, destination: str, title: str = "") -> RawLink:
    picture = opened > 0 and text[opened - 1] == "!"
    return RawLink(destination, folded(text[opened + 1 : closed]), opened - picture, end, picture, title)


def _opening(text: str, closing: int) -> int | None:
    """Return where the bracket opens that closes at `closing`."""
    depth = 0
    for place in range(closing, max(-1, closing - _LONGEST_TEXT), -1):
        if text[place] == "]" and (place == 0 or text[place - 1] != "\\"):
            depth += 1
        elif text[place] == "[" and (place == 0 or text[place - 1] != "\\"):
            depth -= 1
            if depth == 0:
                return place
    return None


def _target(path: str, destination: str) -> tuple[str, str] | None:
    """Return path and anchor of a link inside the source; None for links elsewhere, to this page, or to a file."""
    if _SCHEME.match(destination) or _TEMPLATED.search(destination):
        return None
    place, _, anchor = destination.partition("#")
    place = unquote(place.partition("?")[0])
    if not place or "\x00" in place:
        return None
    if posixpath.splitext(place.rstrip("/"))[1].lower() not in _DOCUMENT_ENDINGS and not _is_page_name(place):
        return None
    absolute = place.startswith("/")
    joined = place.lstrip("/") if absolute else posixpath.join(posixpath.dirname(path), place)
    normal = posixpath.normpath(joined)
    if normal in (".", "") or normal.startswith("../") or normal == "..":
        return None
    return normal + ("/" if place.endswith("/") else ""), anchor


def _is_page_name(place: str) -> bool:
    """Tell whether a dotted last segment is the name of a page (a version, "v1.2") rather than a file's."""
    return place.endswith("/") or bool(re.search(r"\.\d+$", place))
