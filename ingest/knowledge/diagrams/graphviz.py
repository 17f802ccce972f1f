"""Graphviz DOT: nodes with their labels, edges also from and to groups, clusters; read in one pass."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.knowledge.diagrams.graph import MAX_STATEMENTS, Diagram, Graph, Line
from ingest.knowledge.extracts import ComponentRole
from ingest.knowledge.spans import LineIndex

MAX_DEPTH = 50
"""Groups nested deeper than this are not read."""

_TOKEN = re.compile(
    r"\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|(?<![^\n])#[^\n]*"
    r"|(?P<op>->|--|[{}\[\];,=:+])"
    r"|(?P<quoted>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>-?(?:\.\d+|\d+(?:\.\d*)?)(?![\w.])|[^\W]\w*)",
    re.DOTALL,
)
_PORT = re.compile(r"<[^<>]{0,100}>")
_FIELD_MARKS = re.compile(r"[{}|]")
_ROLE_OF_SHAPE = {"cylinder": ComponentRole.DATABASE}
_TOO_LARGE_A_PRODUCT = 2_000


class _Broken(Exception):
    """The text stops being DOT here."""


class _TooLong(Exception):
    """There are more statements than are read."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "op", "id" or "word"
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Scope:
    shape: str = ""
    nodes: list[str] = field(default_factory=list)


def read_graphviz(text: str, offset: int, lines: LineIndex) -> Diagram:
    """Read a DOT graph; what stands after a syntax error is not read, and `problems` says so."""
    graph = Graph()
    reader = _Reader(text, offset, lines, graph)
    reader.read()
    if graph.draws_a_process():
        return Diagram(problems=("draws steps and decisions, not a system: its boxes are no components",))
    return graph.diagram()


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            if text[position] != "<":
                raise _Broken
            end = _end_of_html(text, position)
            yield _Token("id", text[position + 1 : end - 1], position, end)
            position = end
            continue
        position = found.end()
        if found["op"]:
            yield _Token("op", found[0], found.start(), position)
        elif found["quoted"]:
            body = found[0][1:-1].replace("\\\n", "").replace('\\"', '"')
            yield _Token("id", body, found.start(), position)
        elif found["word"]:
            yield _Token("word", found[0], found.start(), position)


def _end_of_html(text: str, start: int) -> int:
    depth = 0
    for found in re.compile(r"[<>]").finditer(text, start):
        depth += 1 if found[0] == "<" else -1
        if depth == 0:
            return found.end()
    raise _Broken


class _Reader:
    """Walks over the tokens once; a group gives the nodes in it, for edges that join groups."""

    def __init__(self, text: str, offset: int, lines: LineIndex, graph: Graph) -> None:
        self._offset, self._lines, self._graph = offset, lines, graph
        self._tokens = _tokens(text)
        self._now: _Token | None = None
        self._end = 0
        self._operands = 0

    def read(self) -> None:
        try:
            self._step()
            while self._now is not None:
                self._graph_head()
        except _TooLong:
            self._graph.cut_short()
        except _Broken:
            line = self._lines.line_of(self._offset + self._end)
            self._graph.notes.append(f"is no valid DOT from line {line} on; what follows was not read")

    def _graph_head(self) -> None:
        while self._now is not None and self._now.text != "{":
            self._step()
        if self._now is not None:
            self._group(_Scope(), 0)

    def _group(self, outer: _Scope, depth: int, name: str = "") -> list[str]:
        if depth > MAX_DEPTH:
            raise _Broken
        scope = _Scope(outer.shape)
        self._expect("{")
        while not self._at("}"):
            if self._now is None:
                raise _Broken
            self._statement(scope, depth, name)
            while self._at(";") or self._at(","):
                self._step()
        self._step()
        return list(dict.fromkeys(scope.nodes))

    def _statement(self, scope: _Scope, depth: int, name: str) -> None:
        token = self._now
        assert token is not None
        start = token.start
        word = token.text.lower() if token.kind == "word" else ""
        if word in ("graph", "node", "edge"):
            self._step()
            attributes = self._attributes()
            if word == "node":
                scope.shape = attributes.get("shape", scope.shape)
            elif word == "graph" and name and "label" in attributes:
                self._graph.group(name, self._line(start).span, attributes["label"])
            return
        first = self._operand(scope, depth)
        if self._at("=") and len(first) == 1:
            self._step()
            value = self._identifier()
            if token.text == "label" and name:
                self._graph.group(name, self._line(start).span, value)
            return
        chain = [first]
        directed = False
        while self._at("->") or self._at("--"):
            directed = self._at("->")
            self._step()
            chain.append(self._operand(scope, depth))
        attributes = self._attributes()
        if len(chain) == 1:
            if token.text != "{" and word != "subgraph":
                self._node(first[0], start, attributes, scope)
            return
        self._edges(chain, start, attributes, directed, scope)

    def _operand(self, scope: _Scope, depth: int) -> list[str]:
        """Take a node or a group; returns the nodes it stands for."""
        self._operands += 1
        if self._operands > MAX_STATEMENTS:
            raise _TooLong
        token = self._now
        name = ""
        if token is not None and token.kind == "word" and token.text.lower() == "subgraph":
            self._step()
            if not self._at("{"):
                name = self._identifier()
            if not self._at("{"):
                return []
        if self._at("{"):
            nodes = self._group(scope, depth + 1, name)
            scope.nodes.extend(nodes)
            return nodes
        identifier = self._identifier()
        while self._at(":"):  # a port, and the side it lies on
            self._step()
            self._identifier()
        return [identifier]

    def _node(self, key: str, start: int, attributes: dict[str, str], scope: _Scope) -> None:
        shape = attributes.get("shape", scope.shape)
        label = _label(attributes.get("label", ""), shape).replace("\\N", key)
        role = _ROLE_OF_SHAPE.get(shape, ComponentRole.COMPONENT)
        scope.nodes.append(key)
        if shape in ("point", "plaintext", "none", "note") and not label.strip():
            return
        self._graph.box(key, self._line(start).span, label or key, role)

    def _edges(
        self, chain: list[list[str]], start: int, attributes: dict[str, str], directed: bool, scope: _Scope
    ) -> None:
        line = self._line(start)
        way = attributes.get("dir", "forward" if directed else "none")
        for nodes in chain:
            scope.nodes.extend(nodes)
            for node in nodes:
                self._graph.box(node, line.span, role=_ROLE_OF_SHAPE.get(scope.shape, ComponentRole.COMPONENT))
        if way == "none":
            self._graph.undirected()
            return
        if attributes.get("style") in ("invis", "invisible"):
            return
        label = attributes.get("label") or attributes.get("xlabel", "")
        for sources, targets in pairwise(chain):
            if len(sources) * len(targets) > _TOO_LARGE_A_PRODUCT:
                self._graph.misread(line)
                continue
            for source, target in ((s, t) for s in sources for t in targets):
                if way in ("forward", "both"):
                    self._graph.edge(source, target, line.span, label)
                if way in ("back", "both"):
                    self._graph.edge(target, source, line.span, label)

    def _attributes(self) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while self._at("["):
            self._step()
            while not self._at("]"):
                key = self._identifier()
                if self._at("="):
                    self._step()
                    attributes[key.lower()] = self._identifier()
                while self._at(",") or self._at(";"):
                    self._step()
            self._step()
        return attributes

    def _identifier(self) -> str:
        token = self._now
        if token is None or token.kind == "op":
            raise _Broken
        self._step()
        text = token.text
        while self._at("+"):
            self._step()
            text += self._identifier_part()
        return text

    def _identifier_part(self) -> str:
        token = self._now
        if token is None or token.kind != "id":
            raise _Broken
        self._step()
        return token.text

    def _at(self, sign: str) -> bool:
        return self._now is not None and self._now.kind == "op" and self._now.text == sign

    def _expect(self, sign: str) -> None:
        if not self._at(sign):
            raise _Broken
        self._step()

    def _step(self) -> None:
        self._end = self._now.end if self._now is not None else self._end
        self._now = next(self._tokens, None)

    def _line(self, start: int) -> Line:
        """Return the statement from `start` to the last token taken."""
        begin = self._offset + start
        return Line("", self._lines.span(begin, self._offset + max(self._end, start + 1)))


def _label(label: str, shape: str) -> str:
    """Return a label's words; of a record that is its first field that has any."""
    if shape not in ("record", "Mrecord"):
        return label
    fields = (part.strip() for part in _FIELD_MARKS.split(_PORT.sub(" ", label)))
    return next((part for part in fields if part), "")
