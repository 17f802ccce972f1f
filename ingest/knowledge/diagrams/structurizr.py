"""Structurizr DSL: people, systems, containers and components of the model, and their relations."""

import re
from dataclasses import dataclass, field

from ingest.knowledge.diagrams.graph import Diagram, Graph, Line, diagram_lines, role_of
from ingest.knowledge.extracts import ComponentRole
from ingest.knowledge.spans import LineIndex

MAX_DEPTH = 200
"""Blocks nested deeper than this are no model that a person wrote."""

_TYPES = {
    "person": ComponentRole.PERSON,
    "softwaresystem": ComponentRole.SERVICE,
    "container": ComponentRole.SERVICE,
    "component": ComponentRole.COMPONENT,
    "element": ComponentRole.COMPONENT,
}
_ELEMENT = re.compile(r"(?:([\w.-]+)\s*=\s*)?(person|softwareSystem|container|component|element)\s+(?=[\"\w])", re.I)
_RELATION = re.compile(r"(?:[\w.-]+\s*=\s*)?([\w.-]*?)\s*(?:--[\w-]{0,40})?->\s*([\w.-]+)(.*)$")
_WORD = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|(\S+)")
_UNREAD = re.compile(
    r"(?:views|styles|configuration|deploymentEnvironment|archetypes|documentation|terms|themes?|properties|"
    r"perspectives|users|branding|!docs|!adrs|!script|!plugin|!components)\b",
    re.IGNORECASE,
)
_MARK = re.compile(r"\s*(?:workspace\b|model\s*\{|(?:[\w.]+\s*=\s*)?(?:softwareSystem|person)\s+\")", re.IGNORECASE)


@dataclass(slots=True)
class _Block:
    key: str = ""  # the element whose block it is; "" for model, group and the like
    unread: bool = False


@dataclass(slots=True)
class _Model:
    graph: Graph
    blocks: list[_Block] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)  # identifier, short or dotted -> key of the box

    def inside(self) -> str:
        """Return the key of the innermost element that is open."""
        return next((block.key for block in reversed(self.blocks) if block.key), "")

    def resolve(self, identifier: str) -> str | None:
        """Return the box that an identifier means here: its own, or one below an element that is open."""
        if identifier.lower() == "this" or not identifier:
            return self.inside() or None
        for block in reversed(self.blocks):
            found = self.keys.get(f"{block.key}.{identifier}".lower()) if block.key else None
            if found is not None:
                return found
        return self.keys.get(identifier.lower())


def looks_like(text: str) -> bool:
    """Return whether one of the first lines is Structurizr's; `.dsl` is the extension of many languages."""
    return any(_MARK.match(line) for line in text[:4_000].split("\n"))


def read_structurizr(text: str, offset: int, lines: LineIndex) -> Diagram:
    """Read the model of a workspace; views and deployments are left alone, includes are not followed."""
    graph = Graph()
    model = _Model(graph)
    in_comment = False
    for line in diagram_lines(text, offset, lines, graph):
        if in_comment or line.text.startswith("/*"):
            in_comment = "*/" not in line.text
        elif line.text.startswith("!include"):
            graph.notes.append("includes other files, which were not read")
        elif not line.text.startswith(("//", "#")):
            _statement(line, model)
    return graph.diagram()


def _statement(line: Line, model: _Model) -> None:
    opens = line.text.endswith("{")
    if line.text.startswith("}"):
        if model.blocks:
            model.blocks.pop()
        return
    unread = bool(model.blocks) and model.blocks[-1].unread
    key = ""
    if not unread:
        unread = _UNREAD.match(line.text) is not None
    if not unread:
        relation = _RELATION.match(line.text)
        element = _ELEMENT.match(line.text)
        if element is not None:
            key = _element(element, line, model)
        elif relation is not None:
            _relate(relation, line, model)
    if opens and len(model.blocks) < MAX_DEPTH:
        model.blocks.append(_Block(key, unread))


def _element(found: re.Match[str], line: Line, model: _Model) -> str:
    words = _words(line.text[found.end() :].removesuffix("{"))
    kind = found[2].lower()
    name, description = words[0], words[1] if len(words) > 1 else ""
    own = found[1] or name
    parent = model.inside()
    key = f"{parent}.{own}" if parent else own
    # Containers and components give their technology before their tags, the others only tags.
    technology = words[2] if kind in ("container", "component") and len(words) > 2 else ""
    tags = words[3 if kind in ("container", "component") else 2 :]
    model.graph.box(key, line.span, name, _role(kind, f"{name} {technology}", " ".join(tags)), description)
    model.keys[key.lower()] = key
    model.keys.setdefault(own.lower(), key)
    return key


def _relate(found: re.Match[str], line: Line, model: _Model) -> None:
    source, target = model.resolve(found[1]), model.resolve(found[2])
    if source is None or target is None:
        model.graph.misread(line)
        return
    words = _words(found[3].removesuffix("{"))
    model.graph.edge(source, target, line.span, words[0] if words else "")


def _role(kind: str, words: str, tags: str) -> ComponentRole:
    if kind == "person":
        return ComponentRole.PERSON
    if re.search(r"\bexternal\b|\bexisting system\b", tags, re.IGNORECASE):
        return ComponentRole.EXTERNAL
    stated = role_of(f"{words} {tags}")
    return stated if stated is not ComponentRole.COMPONENT else _TYPES[kind]


def _words(text: str) -> list[str]:
    return [quoted if quoted or not bare else bare for quoted, bare in _WORD.findall(text)]
