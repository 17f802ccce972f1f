"""The plain list that a drawing (draw.io, SVG) is rendered into: written here, and read back into facts here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.knowledge.diagrams.graph import Diagram, Graph, Line, clean_label, diagram_lines
from ingest.knowledge.extracts import ComponentRole
from ingest.knowledge.spans import LineIndex

FRAME = "frame"
TEXT = "text"

_ITEM = re.compile(rf"- ({'|'.join([*ComponentRole, FRAME, TEXT])}): (\S.*)")
_HEADING = re.compile(r"#{1,6} ")
_ARROW = " -> "


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a drawing: boxes as (role or "frame" or "text", name), arrows as (source, target, label)."""

    name: str
    boxes: tuple[tuple[str, str], ...] = ()
    arrows: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()


def write_outline(pages: Sequence[Page]) -> str:
    """Render pages as Markdown: a heading each, then `- component: X` and `- X -> Y: label`, one a line."""
    blocks: list[str] = []
    for page in pages:
        items = [f"- {kind}: {_name(name)}" for kind, name in dict.fromkeys(page.boxes)]
        for source, target, label in dict.fromkeys(page.arrows):
            words = f": {clean_label(label)}" if clean_label(label) else ""
            items.append(f"- {_name(source)}{_ARROW}{_name(target)}{words}")
        blocks += [f"# {clean_label(page.name) or 'Page'}", "\n".join(items), *page.notes]
    return "\n\n".join(block for block in blocks if block)


def read_outline(text: str, offset: int, lines: LineIndex) -> Diagram:
    """Read what `write_outline` wrote; any other line is left alone."""
    graph = Graph()
    page: list[Line] = []
    for line in diagram_lines(text, offset, lines, graph):
        if _HEADING.match(line.text):
            _read_page(page, graph)
            page = []
        page.append(line)
    _read_page(page, graph)
    return graph.diagram()


def _read_page(page: Iterable[Line], graph: Graph) -> None:
    names: set[str] = set()
    arrows: list[Line] = []
    for line in page:
        item = _ITEM.match(line.text)
        if item is None:
            if line.text.startswith("- ") and _ARROW in line.text:
                arrows.append(line)
            continue
        name = item[2].strip()
        names.add(name)
        if item[1] == FRAME:
            graph.group(name, line.span, name)
        elif item[1] != TEXT:
            graph.box(name, line.span, name, ComponentRole(item[1]))
    for line in arrows:
        source, _, rest = line.text.removeprefix("- ").partition(_ARROW)
        target = rest if rest in names else _known_start(rest, names)
        if source in names and target is not None:
            graph.edge(source, target, line.span, rest[len(target) :].removeprefix(":").strip())


def _known_start(rest: str, names: set[str]) -> str | None:
    """Return the longest name that `rest` starts with before a colon: names may hold colons themselves."""
    position = rest.rfind(": ")
    while position > 0:
        if rest[:position] in names:
            return rest[:position]
        position = rest.rfind(": ", 0, position)
    return None


def _name(name: str) -> str:
    return clean_label(name).replace(_ARROW, " → ")
