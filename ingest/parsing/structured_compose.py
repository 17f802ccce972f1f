"""Docker Compose files: the services, and what each depends on."""

import re
from collections.abc import Iterator, Sequence

from ingest.knowledge.diagrams.graph import role_of
from ingest.knowledge.documents import ParsedText
from ingest.knowledge.extracts import Component, ComponentRole, Dependency, Extract
from ingest.knowledge.spans import LineIndex
from ingest.parsing.structured_hosts import hosts_in
from ingest.parsing.structured_sections import Stretch, line_span, sections_of, whole_lines
from ingest.parsing.yaml_places import Node, Shape

MENTION = re.compile(r"services(?<![\w ]services)[\"']?[ \t]*:")

_HELD = frozenset({"image", "build", "depends_on", "environment", "ports", "command", "extends"})


def is_compose(roots: Sequence[Node]) -> bool:
    """Return whether the first document names services that have an image or a build."""
    services = roots[0].items("services") if roots else []
    return bool(services) and any(value.keys() & {"image", "build", "extends"} for _, value in services)


def parse_compose(root: Node, text: str, lines: LineIndex) -> ParsedText:
    """Return the file as one document of kind architecture, a section for each service."""
    services = [(key, value) for key, value in root.items("services") if value.keys() & _HELD]
    known = frozenset(key.value for key, _ in services)
    components: dict[str, Component] = {}
    dependencies: dict[tuple[str, str], Dependency] = {}
    for key, service in services:
        span = line_span(key.start, key.end, text, lines)
        image = service.text("image").rpartition("/")[2].partition(":")[0]
        role = role_of(image.replace("-", " ").replace("_", " "))
        components[key.value] = Component(
            key.value, span, role if role is not ComponentRole.COMPONENT else ComponentRole.SERVICE, "manifest"
        )
        for target, at, label in _needs(service, known):
            if target != key.value:
                stated = line_span(at.start, at.end, text, lines)
                made = Dependency(key.value, target, stated, label, "manifest")
                dependencies.setdefault((key.value, target), made)
    stretches = [Stretch((key.value,), *whole_lines(key.start, value.end, text, lines)) for key, value in services]
    extract = Extract(components=tuple(components.values()), dependencies=tuple(dependencies.values()))
    title = root.text("name") or None
    metadata: dict[str, object] = {"kind": "architecture"}
    return ParsedText(text, sections_of(text, lines, stretches), title, metadata, extract=extract)


def _needs(service: Node, known: frozenset[str]) -> Iterator[tuple[str, Node, str]]:
    for key in ("depends_on", "links"):
        entries = [*service.entries(key), *(name for name, _ in service.items(key))]
        yield from ((e.value.partition(":")[0], e, "depends on") for e in entries if e.value.partition(":")[0] in known)
    settings = [(name.value, value) for name, value in service.items("environment")]
    settings += [(e.value.partition("=")[0], e) for e in service.entries("environment")]
    for name, value in settings:
        if value.shape is Shape.SCALAR:
            stated = value.value.partition("=")[2] if value in service.entries("environment") else value.value
            yield from ((host, value, name) for host in hosts_in(name, stated, known=known) if host in known)
