"""SVG pictures: their title and texts; boxes and arrows only where the tool that drew them says so in the file."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import DocumentUnreadable
from ingest.knowledge.diagrams.drawio import read_pages
from ingest.knowledge.diagrams.graph import clean_label, role_of
from ingest.knowledge.diagrams.outline import TEXT, Page
from ingest.knowledge.diagrams.xml_text import parse_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_TEXTS = 5_000
NOT_READ = "The lines and shapes of this picture were not read; these are its texts."

_TRANSLATE = re.compile(r"translate\(\s{0,9}(-?[\d.]{1,20})(?:[\s,]{1,9}(-?[\d.]{1,20}))?")
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,12})?")
_SAME_ROW = 6  # user units: texts no further apart in height are read from left to right
_SILENT = frozenset({"title", "desc", "style", "script", "metadata", "defs", "symbol"})


@dataclass(frozen=True, slots=True)
class Picture:
    """What an SVG says: its title and description, and its texts or, where stated, boxes and arrows."""

    title: str
    description: str
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    words: str
    x: float
    y: float


def read_svg(data: bytes, *, max_bytes: int) -> Picture:
    """Read a picture: one that draw.io exported with its source, or Graphviz drew, keeps boxes and arrows.

    Raises DocumentUnreadable where the XML is broken or declares entities.
    """
    root = parse_xml(data, "SVG")
    if _tag(root) != "svg":
        raise DocumentUnreadable(f"is XML with the root {_tag(root)!r}, not an SVG picture; give it its own extension")
    title = _child_text(root, "title")
    description = _child_text(root, "desc")
    source = root.get("content") or ""
    if "<mxfile" in source[:200]:
        return Picture(title, description, read_pages(source.encode(), max_bytes=max_bytes))
    drawn = _graphviz(root, title)
    if drawn is not None:
        return Picture(title, description, (drawn,))
    boxes = tuple((TEXT, words) for words in dict.fromkeys(_in_reading_order(_texts(root))))
    return Picture(title, description, (Page(title or description or "Picture", boxes, notes=(NOT_READ,)),))


def _graphviz(root: "Element", title: str) -> Page | None:
    """Return the graph that Graphviz notes in its groups: class "node" or "edge", the id or `a->b` as title."""
    names: dict[str, str] = {}
    arrows: list[tuple[str, str, str]] = []
    edges: list[tuple[str, str]] = []
    for group in root.iter():
        kind = group.get("class")
        if _tag(group) != "g" or kind not in ("node", "edge"):
            continue
        key = html.unescape(_child_text(group, "title"))
        words = clean_label(" ".join(text.words for text in _texts(group)))
        if kind == "node" and key:
            names[key] = words or key
        elif "->" in key:
            edges.append((key, words))
    for key, words in edges:
        source, _, target = key.partition("->")
        source, target = source.partition(":")[0], target.partition(":")[0]
        if source in names and target in names:
            arrows.append((names[source], names[target], words))
    if not names or not arrows:
        return None
    boxes = tuple((role_of(name).value, name) for name in names.values())
    return Page(title or "Picture", boxes, tuple(arrows))


def _texts(root: "Element") -> Iterator[_Text]:
    """Yield the texts with their places; `foreignObject` holds HTML labels."""
    waiting: list[tuple[Element, float, float]] = [(root, 0.0, 0.0)]
    found = 0
    while waiting and found < MAX_TEXTS:
        element, left, top = waiting.pop()
        moved = _TRANSLATE.match(element.get("transform") or "")
        if moved is not None:
            left, top = left + _float(moved[1]), top + _float(moved[2] or "0")
        name = _tag(element)
        if name in _SILENT:
            continue
        if name in ("text", "foreignObject"):
            words = clean_label(" ".join(element.itertext()))
            if words:
                found += 1
                x, y = _place(element)
                yield _Text(words, left + x, top + y)
            continue
        waiting.extend((child, left, top) for child in reversed(element))


def _place(element: "Element") -> tuple[float, float]:
    first = next((e for e in element.iter() if e.get("y") is not None), element)
    return _float(first.get("x") or element.get("x") or "0"), _float(first.get("y") or "0")


def _in_reading_order(texts: Iterator[_Text]) -> list[str]:
    ordered = sorted(texts, key=lambda text: text.y)
    rows: list[list[_Text]] = []
    for text in ordered:
        if rows and text.y - rows[-1][0].y <= _SAME_ROW:
            rows[-1].append(text)
        else:
            rows.append([text])
    return [text.words for row in rows for text in sorted(row, key=lambda text: text.x)]


def _child_text(element: "Element", name: str) -> str:
    child = next((child for child in element if _tag(child) == name), None)
    return clean_label("".join(child.itertext())) if child is not None else ""


def _tag(element: "Element") -> str:
    return element.tag.rpartition("}")[2]


def _float(text: str) -> float:
    found = _NUMBER.match(text.strip())
    return float(found[0]) if found is not None else 0.0
