"""draw.io (diagrams.net) files: the boxes and arrows of each page, also of compressed pages."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ingest.errors import DocumentUnreadable
from ingest.knowledge.diagrams.graph import clean_label, role_of
from ingest.knowledge.diagrams.outline import FRAME, TEXT, Page
from ingest.knowledge.diagrams.xml_text import parse_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_PAGES = 200
MAX_CELLS = 20_000
"""More pages or cells than these are not read: such a file was not drawn by hand."""

_SHAPE_ROLES = (
    (
        re.compile(r"shape=(?:cylinder|datastore|mxgraph\.flowchart\.(?:database|stored_data))|\.(?:rds|dynamodb)\b"),
        "database",
    ),
    (re.compile(r"shape=(?:umlActor|actor|mxgraph\.c4\.person2?)|\bactor\b"), "person"),
    (re.compile(r"\.(?:sqs|queue|msk|service_bus)\b"), "queue"),
    (re.compile(r"\.(?:elasticache|cache_redis)\b"), "cache"),
)
_STYLE_WORD = re.compile(r"(?:^|;)(startArrow|endArrow)=([^;]*)")


@dataclass(slots=True)
class _Cell:
    id: str
    parent: str
    label: str
    style: str
    source: str
    target: str
    is_edge: bool
    is_vertex: bool


@dataclass(slots=True)
class _Sheet:
    """The cells of one page by id, and what could not be told."""

    cells: dict[str, _Cell] = field(default_factory=dict)
    loose: int = 0
    undirected: int = 0


def read_pages(data: bytes, *, max_bytes: int) -> tuple[Page, ...]:
    """Read the pages of a file.

    `max_bytes` limits what its compressed pages may unpack to in all. Raises DocumentUnreadable where the
    XML is broken, declares entities, or unpacks to more.
    """
    root = parse_xml(data, "draw.io")
    diagrams = [root] if root.tag == "mxGraphModel" else list(root.iter("diagram"))[:MAX_PAGES]
    if not diagrams:
        raise DocumentUnreadable("holds no draw.io page; save it again from draw.io")
    pages: list[Page] = []
    room = max_bytes
    for number, diagram in enumerate(diagrams, 1):
        model = diagram if diagram.tag == "mxGraphModel" else diagram.find(".//mxGraphModel")
        if model is None:
            unpacked = _unpack((diagram.text or "").strip(), room)
            room -= len(unpacked)
            model = parse_xml(unpacked, "draw.io") if unpacked else None
        name = diagram.get("name") or f"Page {number}"
        pages.append(Page(name) if model is None else _page(name, model))
    return tuple(pages)


def _unpack(packed: str, room: int) -> bytes:
    """Undo what draw.io does to a page: percent-encoded, deflated without a header, base64."""
    if not packed:
        return b""
    try:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        plain = inflater.decompress(base64.b64decode(packed, validate=False), max(room, 1))
    except (binascii.Error, zlib.error, ValueError) as error:
        raise DocumentUnreadable(f"has a damaged page ({error}); save it again from draw.io") from error
    if inflater.unconsumed_tail:
        raise DocumentUnreadable(f"unpacks to more than the {room:,} bytes that are left of the limit; split it")
    return unquote(plain.decode("utf-8", "replace")).encode()


def _page(name: str, model: "Element") -> Page:
    sheet = _sheet(model)
    parents = {cell.parent for cell in sheet.cells.values() if cell.is_vertex}
    boxes = [
        (_kind(cell, cell.id in parents), cell.label)
        for cell in sheet.cells.values()
        if cell.is_vertex and clean_label(cell.label) and not _labels_an_edge(cell, sheet)
    ]
    arrows = list(_arrows(sheet))
    notes: list[str] = []
    if sheet.loose:
        notes.append(f"{sheet.loose} arrows of this page end at no named box; they were not read.")
    if sheet.undirected:
        notes.append(f"{sheet.undirected} lines of this page have no arrowhead; who uses whom is not stated.")
    return Page(name, tuple(boxes), tuple(arrows), tuple(notes))


def _sheet(model: "Element") -> _Sheet:
    sheet = _Sheet()
    for holder in model.iter():
        if len(sheet.cells) >= MAX_CELLS:
            break
        # `object` and `UserObject` carry the label and id of the cell within.
        cell = holder.find("mxCell") if holder.tag in ("object", "UserObject") else holder
        if cell is None or cell.tag != "mxCell":
            continue
        key = holder.get("id") or cell.get("id") or ""
        if not key or key in sheet.cells:
            continue
        label = holder.get("label") if holder is not cell else cell.get("value")
        sheet.cells[key] = _Cell(
            key,
            cell.get("parent") or "",
            label or "",
            cell.get("style") or "",
            cell.get("source") or "",
            cell.get("target") or "",
            cell.get("edge") == "1",
            cell.get("vertex") == "1",
        )
    return sheet


def _arrows(sheet: _Sheet) -> Iterable[tuple[str, str, str]]:
    labels: dict[str, list[str]] = {}
    for cell in sheet.cells.values():
        if cell.is_vertex and _labels_an_edge(cell, sheet):
            labels.setdefault(cell.parent, []).append(cell.label)
    for cell in sheet.cells.values():
        if not cell.is_edge:
            continue
        source, target = _named(cell.source, sheet), _named(cell.target, sheet)
        if not source or not target:
            sheet.loose += 1
            continue
        ends = dict(_STYLE_WORD.findall(cell.style))
        forward, back = ends.get("endArrow", "classic") != "none", ends.get("startArrow", "none") != "none"
        label = clean_label(" ".join([cell.label, *labels.get(cell.id, ())]))
        sheet.undirected += not (forward or back)
        if forward:
            yield source, target, label
        if back:
            yield target, source, label


def _named(key: str, sheet: _Sheet) -> str:
    """Return the label of a box, or of the box around it: an icon often stands in a labelled group."""
    for _ in range(5):
        cell = sheet.cells.get(key)
        if cell is None or not cell.is_vertex:
            return ""
        if clean_label(cell.label):
            return cell.label
        key = cell.parent
    return ""


def _kind(cell: _Cell, holds_others: bool) -> str:
    if cell.style.startswith("text;") or ";text;" in cell.style or "shape=note" in cell.style:
        return TEXT
    if holds_others or "swimlane" in cell.style or "container=1" in cell.style or cell.style.startswith("group"):
        return FRAME
    drawn = next((role for shape, role in _SHAPE_ROLES if shape.search(cell.style)), None)
    return drawn or role_of(clean_label(cell.label)).value


def _labels_an_edge(cell: _Cell, sheet: _Sheet) -> bool:
    parent = sheet.cells.get(cell.parent)
    return parent is not None and parent.is_edge
