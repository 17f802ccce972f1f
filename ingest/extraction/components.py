"""Components and dependencies of a document: front matter, tables, lists, sentences and inline diagrams."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.extraction.component_names import folded_names, role_of
from ingest.extraction.dependency_sentences import stated_dependencies
from ingest.extraction.service_lists import Found, from_dependency_headings, from_tables
from ingest.knowledge.commands import code_block
from ingest.knowledge.diagrams.reading import language_of, read_diagram
from ingest.knowledge.documents import BlockKind, Document
from ingest.knowledge.extracts import Component, ComponentRole, Dependency
from ingest.knowledge.services import fold_component
from ingest.knowledge.spans import LineIndex

_FENCE_INFO = re.compile(r"[ \t>]*(?:`{3,}|~{3,}|:{3,})[ \t]*([^\n]{0,80})")


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a document states of a system's parts; each component once, each dependency once a way of stating it."""

    components: tuple[Component, ...] = ()
    dependencies: tuple[Dependency, ...] = ()


def find_architecture(document: Document, lines: LineIndex) -> Architecture:
    """Return components and dependencies in document order."""
    named = list(_front_matter(document, lines))
    drawn = [*_inline_diagrams(document, lines)]
    tables = from_tables(document, lines)
    known = folded_names(
        [*document.facts.services, *(each.name for each in named), *_names_of(tables), *_names_of(*drawn)]
    )
    headed = from_dependency_headings(document, lines, known)
    known |= folded_names(_names_of(headed))
    sentences = stated_dependencies(document, lines, known)
    ends = [
        Component(name, dependency.span, role_of(name), dependency.stated_in)
        for dependency in (*tables.dependencies, *headed.dependencies, *sentences)
        for name in (dependency.source, dependency.target)
    ]
    parts = (tables, headed, *drawn)
    components = [*named, *(each for part in parts for each in part.components), *ends]
    dependencies = [*(each for part in parts for each in part.dependencies), *sentences]
    return Architecture(_distinct(components), _distinct_edges(dependencies))


def _names_of(*parts: Found) -> Iterator[str]:
    for part in parts:
        yield from (component.name for component in part.components)
        for dependency in part.dependencies:
            yield from (dependency.source, dependency.target)


def _front_matter(document: Document, lines: LineIndex) -> Iterator[Component]:
    """Yield the services that stand in the text before the first section, which is where front matter stands."""
    end = document.sections[0].span.start if document.sections else 0
    for name in document.facts.services:
        match = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", document.text[:end])
        if match:
            yield Component(name, lines.span(*match.span()), role_of(name, ComponentRole.SERVICE), "front matter")


def _inline_diagrams(document: Document, lines: LineIndex) -> Iterator[Found]:
    for section in document.sections:
        for block in section.blocks:
            if block.kind is not BlockKind.CODE:
                continue
            info = _FENCE_INFO.match(document.text, block.span.start, block.span.end)
            code = code_block(document.text, block.span.start, block.span.end)
            inner = document.text[code.start : code.end]
            language = language_of(info[1].strip() if info else "", inner)
            if language is not None and inner.strip():
                diagram = read_diagram(language, inner, offset=code.start, lines=lines)
                yield Found(diagram.components, diagram.dependencies)


def _distinct(components: Iterable[Component]) -> tuple[Component, ...]:
    """Keep of each component the first statement, the ones that say most first: a table before a mere mention."""
    best: dict[str, Component] = {}
    for component in components:
        key = fold_component(component.name)
        before = best.get(key)
        if before is None or (component.description and not before.description):
            best[key] = component
    return tuple(sorted(best.values(), key=lambda component: (component.span.start, component.name)))


def _distinct_edges(dependencies: Iterable[Dependency]) -> tuple[Dependency, ...]:
    best: dict[tuple[str, str, str], Dependency] = {}
    for dependency in dependencies:
        key = (fold_component(dependency.source), fold_component(dependency.target), dependency.stated_in)
        best.setdefault(key, dependency)
    return tuple(sorted(best.values(), key=lambda each: (each.span.start, each.source, each.target)))
