"""Pictures of a document: what their alt text and caption say, since the picture itself is not read."""

import re
from bisect import bisect_left

from ingest.extraction.links import RawLink
from ingest.extraction.wording import plain
from ingest.knowledge.documents import BlockKind, Document
from ingest.knowledge.extracts import Picture
from ingest.knowledge.spans import LineIndex

_IMAGE_TAG = re.compile(r"<img\b[^<>]{1,1500}>", re.IGNORECASE)
_SOURCE = re.compile(r"\bsrc=(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_ALT = re.compile(r"\balt=(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_TITLE = re.compile(r"\btitle=(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_FIGURE_CODE = re.compile(r"\{\{[<%][ \t]*(?:figure|image|img)\b([^{}]{1,1500}?)/?[>%]\}\}", re.IGNORECASE)
_CAPTION_ATTRIBUTE = re.compile(r"\bcaption=(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_FIGCAPTION = re.compile(r"<figcaption[^<>]{0,200}>(.{0,600}?)</figcaption>", re.IGNORECASE | re.DOTALL)
_ITALIC_LINE = re.compile(r"\s{0,4}\n?[ \t]*(?:\n[ \t]*)?([*_])(?![*_\s])([^\n]{2,300}?)(?<![\s])\1[ \t]*(?:\n|$)")
_FIGURE_LINE = re.compile(r"[ \t]*\n\s{0,3}((?:Figure|Fig\.|Diagram|Image)\s[^\n]{2,300})", re.IGNORECASE)
_BADGE = re.compile(r"shields\.io|badge|/workflows/|codecov|travis-ci", re.IGNORECASE)
_REACH = 700  # characters behind a picture in which its caption may stand
_LONGEST = 500


def find_pictures(document: Document, lines: LineIndex, raw: tuple[RawLink, ...]) -> tuple[Picture, ...]:
    """Return the pictures outside code with alt text and caption; badges are left out."""
    text = document.text
    found = [
        _picture(text, lines, link.destination, link.words, link.title, link.start, link.end)
        for link in raw
        if link.picture
    ]
    tags = [] if "<img" not in text.lower() and "{{" not in text else list(_tagged(document, lines))
    pictures = [each for each in (*found, *tags) if not _BADGE.search(each.target)]
    return tuple(sorted(pictures, key=lambda picture: picture.span.start))


def _tagged(document: Document, lines: LineIndex) -> list[Picture]:
    """Return the pictures of HTML tags and of figure shortcodes."""
    text = document.text
    spans = sorted(
        (block.span.start, block.span.end)
        for section in document.sections
        for block in section.blocks
        if block.kind is BlockKind.CODE
    )
    starts = [start for start, _ in spans]
    found: list[Picture] = []
    for match in (*_IMAGE_TAG.finditer(text), *_FIGURE_CODE.finditer(text)):
        before = bisect_left(starts, match.start() + 1) - 1
        if before >= 0 and match.start() < spans[before][1]:
            continue
        target, tag = _attribute(_SOURCE, match.group()), match.group()
        if target:
            caption = _attribute(_CAPTION_ATTRIBUTE, tag) or _attribute(_TITLE, tag)
            found.append(_picture(text, lines, target, _attribute(_ALT, tag), caption, *match.span()))
    return found


def _picture(text: str, lines: LineIndex, target: str, alt: str, title: str, start: int, end: int) -> Picture:
    caption, stop = plain(title), end
    if not caption:
        for pattern, group in ((_ITALIC_LINE, 2), (_FIGURE_LINE, 1)):
            match = pattern.match(text, end, min(len(text), end + _REACH))
            if match:
                caption, stop = plain(match[group]), match.end(group)
                break
    if not caption and "</figure" in (near := text[end : end + _REACH]).lower():
        figure = _FIGCAPTION.search(near[: near.lower().index("</figure")])
        if figure:
            caption, stop = plain(figure[1]), end + figure.end(1)
    return Picture(target, lines.span(start, stop), plain(alt)[:_LONGEST], caption[:_LONGEST])


def _attribute(pattern: re.Pattern[str], tag: str) -> str:
    match = pattern.search(tag)
    return (match[1] or match[2] or "").strip() if match else ""
