"""Reads a diagram in a test and gives what it states in few words."""

from ingest.knowledge.diagrams.graph import Diagram
from ingest.knowledge.diagrams.reading import read_diagram


def names(diagram: Diagram) -> list[str]:
    return [component.name for component in diagram.components]


def roles(diagram: Diagram) -> dict[str, str]:
    return {component.name: component.role.value for component in diagram.components}


def arrows(diagram: Diagram) -> list[str]:
    return [f"{edge.source} -> {edge.target}{': ' if edge.label else ''}{edge.label}" for edge in diagram.dependencies]


def stating_lines(language: str, text: str) -> list[str]:
    return [text[edge.span.start : edge.span.end] for edge in read_diagram(language, text).dependencies]
