"""Mermaid flowcharts: boxes whose shape tells their role, chains of arrows, frames."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.knowledge.diagrams.graph import MAX_STATEMENTS, Graph, Line
from ingest.knowledge.extracts import ComponentRole
from ingest.knowledge.spans import Span

_SKIPPED = re.compile(
    r"(?:style|classDef|class|linkStyle|click|direction|accTitle|accDescr|end|title)(?![\w-])(?!\s*[-=<~]{2})"
)
_SUBGRAPH = re.compile(r"subgraph(?:\s+|$)")
_ID = re.compile(r"(?:[^\W]|[./$*+#!?%'\\,@](?!\{)|-(?![-.>=])|=(?!=)|:(?!::))+")
_CLASS = re.compile(r":::[\w-]+")
_EDGE_ID = re.compile(r"[\w-]+@(?=[-=<~])")
_INVISIBLE = re.compile(r"~{3,}")
_ARROW = re.compile(
    r"(?P<back><|[xo](?=[-=]))?"
    r"(?:-{2,}(?:(?P<a>>)|[xo](?=\s|$))|={2,}(?:(?P<b>>)|[xo](?=\s|$))|-\.{1,9}-(?:(?P<c>>)|[xo](?=\s|$))?|-{3,}|={3,})"
)
_OPEN_ARROW = re.compile(r"(?P<back><)?(?:(?P<line>--)|(?P<thick>==)|(?P<dotted>-\.))")
_CLOSE = {
    "line": re.compile(r"-{2,}(?:(?P<head>>)|[xo](?=\s))|-{3,}"),
    "thick": re.compile(r"={2,}(?:(?P<head>>)|[xo](?=\s))|={3,}"),
    "dotted": re.compile(r"\.{1,9}-(?:(?P<head>>)|[xo](?=\s))?"),
}
_SHAPES = (  # opening, closings, role
    ("(((", (")))",), ComponentRole.COMPONENT),
    ("([", ("])",), ComponentRole.COMPONENT),
    ("((", ("))",), ComponentRole.COMPONENT),
    ("[[", ("]]",), ComponentRole.COMPONENT),
    ("[(", (")]",), ComponentRole.DATABASE),
    ("[/", ("/]", "\\]"), ComponentRole.COMPONENT),
    ("[\\", ("\\]", "/]"), ComponentRole.COMPONENT),
    ("{{", ("}}",), ComponentRole.COMPONENT),
    ("{", ("}",), ComponentRole.COMPONENT),
    ("(", (")",), ComponentRole.COMPONENT),
    ("[", ("]",), ComponentRole.COMPONENT),
    (">", ("]",), ComponentRole.COMPONENT),
)
_ATTRIBUTES = re.compile(r"@\{([^{}]{0,1000})\}")
_LABEL_ATTRIBUTE = re.compile(r"\blabel\s{0,4}:\s{0,4}(?:\"([^\"]*)\"|'([^']*)'|([^,]*))")
_SHAPE_ATTRIBUTE = re.compile(r"\bshape\s{0,4}:\s{0,4}([\w-]+)")
_ROLE_OF_SHAPE = {"cyl": ComponentRole.DATABASE, "db": ComponentRole.DATABASE, "database": ComponentRole.DATABASE}
_ROLE_OF_SHAPE |= {"cylinder": ComponentRole.DATABASE, "das": ComponentRole.QUEUE, "h-cyl": ComponentRole.QUEUE}


class _Misread(Exception):
    """The statement is no flowchart syntax that is known here."""


@dataclass(frozen=True, slots=True)
class _Link:
    label: str = ""
    forward: bool = False
    back: bool = False
    visible: bool = True


@dataclass(slots=True)
class _Cursor:
    text: str
    position: int = 0

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.position)
        if found is not None:
            self.position = found.end()
        return found

    def skip_space(self) -> None:
        while self.position < len(self.text) and self.text[self.position] in " \t\n":
            self.position += 1

    @property
    def at_end(self) -> bool:
        return self.position >= len(self.text)


@dataclass(slots=True)
class _Open:
    """A chain whose last arrow waits for its target on the next line."""

    sources: list[str]
    link: _Link
    line: Line


def read_flowchart(statements: Iterable[Line], graph: Graph) -> None:
    """Take the statements of a flowchart into the graph; a picture of a process is left out with a note."""
    waiting: _Open | None = None
    for number, statement in enumerate(statement for line in statements for statement in _split(line)):
        if number >= MAX_STATEMENTS:
            graph.cut_short()
            return
        if _SKIPPED.match(statement.text):
            continue
        head = _SUBGRAPH.match(statement.text)
        if head is not None:
            _frame(statement.text[head.end() :], statement, graph)
            continue
        try:
            waiting = _chain(_Cursor(statement.text), statement, graph, waiting)
        except _Misread:
            waiting = None
            graph.misread(statement)


def _split(line: Line) -> Iterator[Line]:
    """Yield the statements of a line: semicolons part them, but not within quotes, brackets and entities."""
    if ";" not in line.text:
        yield line
        return
    start = depth = 0
    quoted = False
    for position, character in enumerate(line.text):
        if character == '"':
            quoted = not quoted
        elif character in "[({":
            depth += 1
        elif character in "])}":
            depth -= 1
        elif character == ";" and not quoted and depth <= 0:
            if line.text[start:position].strip():
                yield Line(line.text[start:position].strip(), line.span)
            start = position + 1
    if line.text[start:].strip():
        yield Line(line.text[start:].strip(), line.span)


def _frame(rest: str, line: Line, graph: Graph) -> None:
    """Note `subgraph id[Label]`, `subgraph "Label"` or `subgraph words of a label`."""
    opening = rest.find("[")
    if opening > 0 and rest.rstrip().endswith("]"):
        graph.group(rest[:opening].strip(), line.span, rest[opening + 1 : rest.rindex("]")])
    elif rest.strip():
        graph.group(rest.strip().strip('"'), line.span, rest)


def _chain(cursor: _Cursor, line: Line, graph: Graph, waiting: _Open | None) -> _Open | None:
    """Read `a & b -->|label| c --> d`; returns what waits for the next line where the line ends in an arrow."""
    cursor.skip_space()
    previous: _Open | None = waiting
    while True:
        targets = _boxes(cursor, line, graph)
        if previous is not None:
            _connect(previous, targets, line, graph)
        cursor.skip_space()
        if cursor.at_end:
            return None
        previous = _Open(targets, _link(cursor), line)
        cursor.skip_space()
        if cursor.at_end:
            return previous


def _connect(chain: _Open, targets: list[str], line: Line, graph: Graph) -> None:
    link = chain.link
    if not link.visible:
        return
    if not (link.forward or link.back):
        graph.undirected()
        return
    begun = chain.line.span
    span = Span(begun.start, line.span.end, begun.line_start, line.span.line_end)
    for source in chain.sources:
        for target in targets:
            if link.forward:
                graph.edge(source, target, span, link.label)
            if link.back:
                graph.edge(target, source, span, link.label)


def _boxes(cursor: _Cursor, line: Line, graph: Graph) -> list[str]:
    keys = [_box(cursor, line, graph)]
    while True:
        cursor.skip_space()
        if not cursor.text.startswith("&", cursor.position):
            return keys
        cursor.position += 1
        cursor.skip_space()
        keys.append(_box(cursor, line, graph))


def _box(cursor: _Cursor, line: Line, graph: Graph) -> str:
    found = cursor.take(_ID)
    if found is None:
        raise _Misread
    key = found[0]
    if cursor.take(_CLASS) is not None:
        graph.box(key, line.span)
        return key
    attributes = cursor.take(_ATTRIBUTES)
    if attributes is not None:
        label = _LABEL_ATTRIBUTE.search(attributes[1])
        shape = _SHAPE_ATTRIBUTE.search(attributes[1])
        role = _ROLE_OF_SHAPE.get(shape[1] if shape else "", ComponentRole.COMPONENT)
        graph.box(key, line.span, next(filter(None, label.groups()), "") if label else "", role)
        return key
    label_text, role = _shape(cursor)
    graph.box(key, line.span, label_text, role)
    cursor.take(_CLASS)
    return key


def _shape(cursor: _Cursor) -> tuple[str, ComponentRole]:
    """Take `[label]`, `[(label)]` and the like; without one the id is the label."""
    for opening, closings, role in _SHAPES:
        if not cursor.text.startswith(opening, cursor.position):
            continue
        start = cursor.position + len(opening)
        search_from = start
        if cursor.text[start:].lstrip().startswith('"'):
            quote = cursor.text.index('"', start)
            search_from = cursor.text.find('"', quote + 1)
        ends = [(at, c) for c in closings if (at := cursor.text.find(c, max(search_from, start))) != -1]
        if not ends or search_from == -1:
            continue
        end, closing = min(ends)
        cursor.position = end + len(closing)
        return cursor.text[start:end].strip().removeprefix('"').removesuffix('"').strip("` "), role
    if cursor.position < len(cursor.text) and cursor.text[cursor.position] in "[({":
        raise _Misread
    return "", ComponentRole.COMPONENT


def _link(cursor: _Cursor) -> _Link:
    cursor.take(_EDGE_ID)
    if cursor.take(_INVISIBLE) is not None:
        return _Link(visible=False)
    arrow = cursor.take(_ARROW)
    if arrow is not None:
        forward = any(arrow[name] for name in ("a", "b", "c"))
        return _Link(_piped(cursor), forward, arrow["back"] == "<")
    opening = cursor.take(_OPEN_ARROW)
    if opening is None:
        raise _Misread
    closing = _CLOSE[opening.lastgroup or "line"].search(cursor.text, cursor.position)
    if closing is None:
        raise _Misread
    label = cursor.text[cursor.position : closing.start()]
    cursor.position = closing.end()
    return _Link(label, closing.groupdict().get("head") is not None, opening["back"] == "<")


def _piped(cursor: _Cursor) -> str:
    """Take the `|label|` that may follow an arrow."""
    cursor.skip_space()
    if not cursor.text.startswith("|", cursor.position):
        return ""
    end = cursor.text.find("|", cursor.position + 1)
    if end == -1:
        raise _Misread
    label = cursor.text[cursor.position + 1 : end]
    cursor.position = end + 1
    return label
