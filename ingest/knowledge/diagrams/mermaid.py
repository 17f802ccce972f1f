"""Mermaid: which kind of diagram it is, and what each kind states of components."""

import re
from collections.abc import Iterable, Iterator

from ingest.knowledge.diagrams.c4 import read_macro
from ingest.knowledge.diagrams.graph import Diagram, Graph, Line, diagram_lines
from ingest.knowledge.diagrams.mermaid_flow import read_flowchart
from ingest.knowledge.diagrams.sequence import read_sequence
from ingest.knowledge.extracts import ComponentRole
from ingest.knowledge.spans import LineIndex, Span

FIRST_WORDS = re.compile(
    r"\s*(?:graph\s+(?:TB|TD|BT|RL|LR)\b|flowchart(?:-elk)?\s+(?:TB|TD|BT|RL|LR)\b|sequenceDiagram\b|architecture-beta\b"
    r"|C4(?:Context|Container|Component|Dynamic|Deployment)\s*\n)"
)
"""The first line of a Mermaid diagram that no other text has."""

_HEADER = re.compile(r"([A-Za-z][\w-]*)(.*)")
_MOST_JOINED = 20
_CLASS = re.compile(r"class\s+([\w.~-]+|`[^`]*`)\s*(?:\[\"([^\"]*)\"\])?")
_CLASS_RELATION = re.compile(r"\s*(?:\"[^\"]*\"\s*)?(?:<\|?|[*o])?(?:--|\.\.)(?:\|?>|[*o])?\s*(?:\"[^\"]*\"\s*)?")
_ENTITY_RELATION = re.compile(r"\s+[|}o]{1,2}(?:--|\.\.)[|{o]{1,2}\s+")
_ENTITY = re.compile(r"(?:\"([^\"]+)\"|([\w-]+))\s*(?:\[\"?([^\]\"]*)\"?\])?\s*\{?\s*\}?$")
_SERVICE = re.compile(r"(service|group)\s+([\w-]+)\s*(?:\(([^)]*)\))?\s*(?:\[([^\]]*)\])?")
_SIDES = re.compile(r"([\w-]+)(?:\{group\})?:[LRTB]\s*(<)?--(>)?\s*[LRTB]:([\w-]+)(?:\{group\})?$")
_ROLE_OF_ICON = {"database": ComponentRole.DATABASE, "internet": ComponentRole.EXTERNAL}


def read_mermaid(text: str, offset: int, lines: LineIndex) -> Diagram:
    """Read a Mermaid diagram of any kind; kinds that draw no components say so in `problems`."""
    graph = Graph()
    statements = _statements(diagram_lines(text, offset, lines, graph))
    first = next(statements, None)
    header = _HEADER.match(first.text) if first is not None else None
    if first is None or header is None:
        return Diagram(problems=("is empty or does not name its kind in the first line",))
    kind = header[1]
    match kind:
        case "graph" | "flowchart" | "flowchart-elk":
            rest = first.text.partition(";")[2].strip()
            head = [Line(rest, first.span)] if rest else []
            read_flowchart((*head, *statements), graph)
            if graph.draws_a_process():
                return Diagram(problems=("draws steps and decisions, not a system: its boxes are no components",))
        case "sequenceDiagram":
            read_sequence(statements, graph, id_first=True)
        case "C4Context" | "C4Container" | "C4Component" | "C4Dynamic" | "C4Deployment":
            _macros(statements, graph)
        case "classDiagram" | "classDiagram-v2":
            _classes(statements, graph)
        case "erDiagram":
            _entities(statements, graph)
        case "architecture" | "architecture-beta":
            _architecture(statements, graph)
        case _:
            return Diagram(problems=(f"is a {kind[:40]!r} diagram, which draws no components",))
    return graph.diagram()


def _statements(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield the lines without front matter, comments and directives; a quoted label may run over lines."""
    front_matter = False
    directive = False
    for number, line in enumerate(lines):
        if line.text == "---" and (number == 0 or front_matter):
            front_matter = not front_matter
            continue
        if line.text.startswith("%%{"):
            directive = True
        if not (front_matter or directive or line.text.startswith("%%")):
            yield _whole(line, lines)
        if directive and "}%%" in line.text:
            directive = False


def _whole(line: Line, following: Iterator[Line]) -> Line:
    joined = 0
    while line.text.count('"') % 2 and joined < _MOST_JOINED:
        more = next(following, None)
        if more is None:
            break
        joined += 1
        span = Span(line.span.start, more.span.end, line.span.line_start, more.span.line_end)
        line = Line(f"{line.text} {more.text}", span)
    return line


def _macros(statements: Iterable[Line], graph: Graph) -> None:
    for line in statements:
        if (
            not read_macro(line, graph)
            and re.match(r"(?:title|Update\w+|[{}]|Lay_|accTitle|accDescr)", line.text) is None
        ):
            graph.misread(line)


def _classes(statements: Iterable[Line], graph: Graph) -> None:
    """Note the classes; what their lines mean (inherits, holds) is no use of one service by another."""
    inside = False
    for line in statements:
        declared = _CLASS.match(line.text)
        if declared is not None:
            graph.box(declared[1].strip("`"), line.span, declared[2] or declared[1].partition("~")[0].strip("`"))
            inside = line.text.endswith("{")
        elif line.text == "}":
            inside = False
        elif not inside:
            ends = _CLASS_RELATION.split(line.text.partition(" : ")[0], maxsplit=1)
            for end in ends if len(ends) == 2 else ():
                if re.fullmatch(r"[\w.~-]+", end):
                    graph.box(end, line.span, end.partition("~")[0])


def _entities(statements: Iterable[Line], graph: Graph) -> None:
    """Note the entities; their lines are keys between tables, no use of one service by another."""
    inside = False
    for line in statements:
        if inside:
            inside = not line.text.endswith("}")
            continue
        ends = _ENTITY_RELATION.split(line.text.partition(" : ")[0], maxsplit=1)
        for end in ends:
            found = _ENTITY.match(end.strip())
            if found is not None and found[0] != "}":
                name = found[1] or found[2]
                graph.box(name, line.span, found[3] or name)
            elif re.match(r"(?:direction|title|style|classDef|class)\b", line.text) is None:
                graph.misread(line)
        inside = line.text.endswith("{")


def _architecture(statements: Iterable[Line], graph: Graph) -> None:
    for line in statements:
        declared = _SERVICE.match(line.text)
        arrow = _SIDES.match(line.text)
        if declared is not None and declared[1] == "group":
            graph.group(declared[2], line.span, declared[4] or declared[2])
        elif declared is not None:
            role = _ROLE_OF_ICON.get(declared[3] or "", ComponentRole.COMPONENT)
            graph.box(declared[2], line.span, declared[4] or declared[2], role)
        elif arrow is not None:
            _join(arrow, line, graph)
        elif not line.text.startswith(("junction", "title", "align")):
            graph.misread(line)


def _join(arrow: re.Match[str], line: Line, graph: Graph) -> None:
    source, back, forward, target = arrow.groups()
    if forward:
        graph.edge(source, target, line.span)
    if back:
        graph.edge(target, source, line.span)
    if not (back or forward):
        graph.undirected()
