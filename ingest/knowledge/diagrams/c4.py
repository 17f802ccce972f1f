"""The C4 macros that Mermaid and PlantUML share: Person, System, Container, Component, their relations and frames."""

import re
from collections.abc import Sequence

from ingest.knowledge.diagrams.graph import Graph, Line, role_of
from ingest.knowledge.extracts import ComponentRole

_MACRO = re.compile(r"([A-Za-z_]\w{1,40})\s{0,8}\(")
_ELEMENT = re.compile(r"(Person|Enterprise|System|Container|Component|Node)(Db|Queue)?(_Ext)?")
_FRAME = re.compile(r"(?:\w+_)?Boundary|(?:Deployment_)?Node(?:_[LR])?")
_RELATION = re.compile(r"(Bi)?Rel(?:_\w{1,12})?|RelIndex(?:_\w{1,12})?")


def read_macro(line: Line, graph: Graph) -> bool:
    """Take one macro call into the graph; False where the line is none."""
    found = _MACRO.match(line.text)
    if found is None:
        return False
    name, arguments = found[1], _arguments(line.text, found.end())
    relation = _RELATION.fullmatch(name)
    if relation is not None:
        return _relate(relation, arguments[1:] if name.startswith("RelIndex") else arguments, line, graph)
    if _FRAME.fullmatch(name) is not None and len(arguments) >= 2:
        graph.group(arguments[0], line.span, arguments[1])
        return True
    element = _ELEMENT.fullmatch(name)
    if element is None or not arguments:
        return False
    label = arguments[1] if len(arguments) > 1 else arguments[0]
    # Containers and components have a technology before their description; persons and systems do not.
    technology = arguments[2] if element[1] in ("Container", "Component") and len(arguments) > 2 else ""
    texts = arguments[2 + (element[1] in ("Container", "Component")) :]
    description = next((text for text in texts if not text.startswith("$")), technology)
    graph.box(arguments[0], line.span, label, _role(element, f"{label} {technology}"), description)
    return True


def _relate(relation: re.Match[str], arguments: Sequence[str], line: Line, graph: Graph) -> bool:
    if len(arguments) < 2:
        return False
    label = arguments[2] if len(arguments) > 2 else ""
    ends = (arguments[1], arguments[0]) if relation[0].startswith("Rel_Back") else (arguments[0], arguments[1])
    graph.edge(*ends, line.span, label)
    if relation[1]:
        graph.edge(ends[1], ends[0], line.span, label)
    return True


def _role(element: re.Match[str], words: str) -> ComponentRole:
    kind, store, external = element.groups()
    if kind == "Person":
        return ComponentRole.PERSON
    if external:
        return ComponentRole.EXTERNAL
    if store:
        return ComponentRole.DATABASE if store == "Db" else ComponentRole.QUEUE
    stated = role_of(words)
    if stated is not ComponentRole.COMPONENT:
        return stated
    return ComponentRole.SERVICE if kind in ("System", "Container") else ComponentRole.COMPONENT


def _arguments(text: str, position: int) -> list[str]:
    """Return the arguments up to the closing parenthesis; commas and parentheses in quotes belong to them."""
    arguments: list[str] = []
    current: list[str] = []
    quoted, depth = False, 0
    for character in text[position:]:
        if character == '"':
            quoted = not quoted
        elif not quoted and character == ")" and depth == 0:
            break
        elif not quoted and character == "," and depth == 0:
            arguments.append("".join(current).strip())
            current = []
            continue
        else:
            depth += (character == "(") - (character == ")") if not quoted else 0
            current.append(character)
    last = "".join(current).strip()
    return [*arguments, last] if arguments or last else []
