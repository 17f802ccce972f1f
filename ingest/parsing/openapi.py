"""OpenAPI 3 and Swagger 2 descriptions: one document each, a section for each operation, the service as component."""

import re
from collections.abc import Iterator, Sequence

from ingest.knowledge.documents import ParsedText
from ingest.knowledge.extracts import Component, ComponentRole, Extract
from ingest.knowledge.spans import LineIndex
from ingest.parsing.structured_sections import Stretch, line_span, sections_of, whole_lines
from ingest.parsing.yaml_places import Node

MENTION = re.compile(r"(?:openapi|swagger)[\"']?[ \t]*:")

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


def is_openapi(roots: Sequence[Node]) -> bool:
    """Return whether the first document describes an HTTP API."""
    return bool(roots) and bool(roots[0].text("openapi") or roots[0].text("swagger")) and bool(roots[0].items("info"))


def parse_openapi(root: Node, text: str, lines: LineIndex) -> ParsedText:
    """Return the description as one document of kind architecture; its text is the file's own."""
    title = " ".join(root.text("info", "title").split())
    components: tuple[Component, ...] = ()
    stated = root.get("info", "title")
    if title and stated is not None:
        span = line_span(stated.start, stated.end, text, lines)
        about = " ".join((root.text("info", "summary") or root.text("info", "description")).split())
        components = (Component(title, span, ComponentRole.SERVICE, "openapi", about[:500]),)
    metadata: dict[str, object] = {"kind": "architecture"}
    metadata |= {"services": [title]} if title else {}
    return ParsedText(
        text,
        sections_of(text, lines, _stretches(root, title, text, lines)),
        title or None,
        metadata,
        extract=Extract(components=components),
    )


def _stretches(root: Node, title: str, text: str, lines: LineIndex) -> Iterator[Stretch]:
    for key, value in root.pairs:
        if key.value == "paths":
            for path, operations in value.pairs:
                yield from _operations(path, operations, text, lines)
        elif key.value in ("info", "servers", "host", "basePath", "externalDocs", "tags", "security", "x-webhooks"):
            head = (title, key.value) if title else (key.value,)
            yield Stretch(head, *whole_lines(key.start, value.end, text, lines))
        elif key.value in ("components", "definitions", "parameters", "responses", "securityDefinitions"):
            yield from _parts(key, value, text, lines)


def _operations(path: Node, operations: Node, text: str, lines: LineIndex) -> Iterator[Stretch]:
    for number, (method, operation) in enumerate(p for p in operations.pairs if p[0].value.lower() in _METHODS):
        start, end = whole_lines(method.start, operation.end, text, lines)
        if number == 0 and operations.pairs[0][0] is method:
            # The line of the path itself belongs to its first operation.
            start = whole_lines(path.start, path.end, text, lines)[0]
        yield Stretch((f"{method.value.upper()} {path.value}",), start, end)


def _parts(key: Node, value: Node, text: str, lines: LineIndex) -> Iterator[Stretch]:
    """Yield a section for each schema and the like: one for all of them would be too long to cite."""
    for name, part in value.pairs:
        if key.value != "components":
            yield Stretch((key.value, name.value), *whole_lines(name.start, part.end, text, lines))
            continue
        for inner, what in part.pairs:
            yield Stretch((key.value, name.value, inner.value), *whole_lines(inner.start, what.end, text, lines))
