"""Components and dependencies that a document lists: tables of services, and lists under "Dependencies"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.extraction.component_names import is_listed_name, is_service_name, role_of
from ingest.extraction.wording import Piece, cells, items_of, plain
from ingest.knowledge.documents import Block, BlockKind, Document, DocumentKind, Section
from ingest.knowledge.extracts import Component, ComponentRole, Dependency
from ingest.knowledge.services import fold_component
from ingest.knowledge.spans import LineIndex

_NAME_COLUMN = re.compile(r"^(?:(?:micro-?)?services?|components?|applications?|apps?)(?: names?)?$", re.IGNORECASE)
_CALL_COLUMN = re.compile(r"^(?:calls?|dependenc(?:y|ies)|edges?|flows?|connections?)$", re.IGNORECASE)
_TOLD_COLUMN = re.compile(
    r"^(?:descriptions?|purpose|does|what it does|responsib\w+|role|function|summary|about)\b", re.IGNORECASE
)
_USES = re.compile(
    r"^(?:talks? to|depends? (?:on|upon)|(?:service |upstream |runtime |external |internal |downstream |hard |soft )?"
    r"dependenc(?:y|ies)|calls|connects? to|reads? from|writes? to|consumes(?: from)?|publishes to|"
    r"upstreams?(?: services?| systems?)?|relies on|needs)\b",
    re.IGNORECASE,
)
_USED = re.compile(
    r"^(?:used by|called by|consumed by|consumers?|dependents?|depended on by|"
    r"downstreams?(?: services?| consumers?| clients?| systems?)?|upstream callers?|callers?|clients?)"
    r"(?:\s*\([^)]*\))?$",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\s*\([^()]*\)")
_HEAD = re.compile(r"\s+[-–—:]\s|[:,;(–—]|\s(?:is|are|for|to|which|that|with|via|over|used|provides|stores|holds)\s")
_MARKED = re.compile(r"^\s*(?:\[?`([^`\n]{2,60})`|\[?\*\*([^*\n]{2,60})\*\*|\[([^\]\n]{2,60})\]\()")
_BETWEEN = re.compile(r"^(\S{2,60}) (?:to|->|→|–>|-->) (\S{2,60}(?: [A-Z]\w{1,30}){0,2})$")
_TITLE = re.compile(
    r"^(?:service\s*[:-]\s*|the )?(.{2,50}?)(?:\s+(?:micro-?)?service)?"
    r"(?:\s*[:–—-]?\s*(?:architecture|overview|design))?$",
    re.I,
)
_DEPENDENCY_WORD = re.compile(r"\bdependenc|\bdepends?\b|\barchitecture\b", re.IGNORECASE)
_GENERIC = re.compile(
    r"(?:components?|architecture|overview|design|systems?|services?|applications?|readme)$", re.IGNORECASE
)
_MOST_TARGETS = 30


@dataclass(frozen=True, slots=True)
class Found:
    """Components and dependencies, in document order."""

    components: tuple[Component, ...] = ()
    dependencies: tuple[Dependency, ...] = ()


def from_tables(document: Document, lines: LineIndex) -> Found:
    """Return what tables with a column of services or components state, and tables of calls."""
    components: list[Component] = []
    dependencies: list[Dependency] = []
    for section in document.sections:
        header: list[Piece] = []
        for block in section.blocks:
            if block.kind is BlockKind.TABLE_HEADER:
                header = cells(document.text, block.span.start, block.span.end)
            elif block.kind is BlockKind.TABLE_ROW and header:
                row = cells(document.text, block.span.start, block.span.end)
                if _is_catalogue(document, header):
                    components += _row_component(lines, header, row)
                    dependencies += _row_dependencies(block, header, row)
                elif _CALL_COLUMN.match(header[0].words) and _tells_dependencies(section):
                    dependencies += _row_call(block, row)
    return Found(tuple(components), tuple(dependencies))


def from_dependency_headings(document: Document, lines: LineIndex, known: frozenset[str]) -> Found:
    """Return what lists under headings like "Dependencies" and "Used by" state of the service they stand under."""
    components: list[Component] = []
    dependencies: list[Dependency] = []
    for section in document.sections:
        heading = section.heading_path[-1] if section.heading_path else ""
        used, uses = _USED.match(heading), _USES.fullmatch(heading.strip(" :"))
        subject = _subject(document, section, known) if used or uses else ""
        if not subject:
            continue
        for name, start, end in _listed(document.text, section.blocks, known):
            if fold_component(name) == fold_component(subject):
                continue
            span = lines.span(start, end)
            source, target = (name, subject) if used else (subject, name)
            dependencies.append(Dependency(source, target, span, heading.strip(" :").lower()))
            components.append(Component(name, span, role_of(name)))
    return Found(tuple(components), tuple(dependencies))


def _is_catalogue(document: Document, header: Sequence[Piece]) -> bool:
    if not header or not _NAME_COLUMN.match(header[0].words) or len(header) < 2:
        return False
    told = any(_TOLD_COLUMN.match(cell.words) or _USES.match(cell.words) for cell in header[1:])
    return told or document.facts.kind is DocumentKind.ARCHITECTURE


def _row_component(lines: LineIndex, header: Sequence[Piece], row: Sequence[Piece]) -> Iterator[Component]:
    name = _REMARK.sub("", row[0].words).strip() if row else ""
    if not is_listed_name(name):
        return
    default = ComponentRole.COMPONENT if "component" in header[0].words.lower() else ComponentRole.SERVICE
    told = [cell.words for column, cell in zip(header, row, strict=False) if _TOLD_COLUMN.match(column.words)]
    span = lines.span(row[0].start, max(cell.end for cell in row))
    yield Component(name, span, role_of(name, default), "table", told[0] if told else "")


def _row_dependencies(block: Block, header: Sequence[Piece], row: Sequence[Piece]) -> Iterator[Dependency]:
    name = _REMARK.sub("", row[0].words).strip() if row else ""
    if not is_listed_name(name):
        return
    for column, cell in zip(header[1:], row[1:], strict=False):
        words = _REMARK.sub("", column.words).strip()
        used = bool(_USED.match(words))
        if not used and not _USES.match(words):
            continue
        for target in _names(cell.words):
            ends = (target, name) if used else (name, target)
            yield Dependency(*ends, block.span, words.lower(), "table")


def _names(words: str) -> list[str]:
    """Return the names in a cell that lists some."""
    parts = re.split(r",|;|\band\b|\s/\s|<br ?/?>|\+", _REMARK.sub("", words))
    names = [part.strip(" .`*") for part in parts]
    return [name for name in names if is_listed_name(name)][:_MOST_TARGETS]


def _tells_dependencies(section: Section) -> bool:
    return any(_DEPENDENCY_WORD.search(heading) for heading in section.heading_path)


def _row_call(block: Block, row: Sequence[Piece]) -> Iterator[Dependency]:
    match = _BETWEEN.match(row[0].words) if row else None
    if match and is_listed_name(match[1]) and is_listed_name(match[2]):
        yield Dependency(match[1], match[2], block.span, "", "table")


def _subject(document: Document, section: Section, known: frozenset[str]) -> str:
    """Return the service that a heading like "Dependencies" stands under; "" where that is not clear."""
    for heading in reversed(section.heading_path[:-1]):
        if fold_component(heading) in known or is_service_name(heading):
            return heading
        match = re.fullmatch(r"(?:the )?(.{2,40}) service", heading, re.IGNORECASE)
        if match and is_listed_name(match[1]):
            return match[1]
    if len(document.facts.services) == 1:
        return document.facts.services[0]
    if len(section.heading_path) > 2:
        return ""
    match = _TITLE.match(document.facts.title)
    name = match[1].strip() if match else ""
    service = "service" in document.facts.title.lower() or document.facts.kind is DocumentKind.ARCHITECTURE
    plausible = is_listed_name(name) and len(name.split()) <= 2 and not _GENERIC.match(name)
    return name if plausible and (service or is_service_name(name)) else ""


def _listed(text: str, blocks: Sequence[Block], known: frozenset[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the names that open the list items of a section, with the items' places."""
    for item in items_of(text, blocks):
        raw = text[item.start : item.own_end]
        marked = _MARKED.match(raw)
        name = next((group for group in marked.groups() if group), "") if marked else ""
        head = plain(name) if name else _HEAD.split(plain(raw), maxsplit=1)[0].strip(" .")
        named = is_listed_name(head) and (
            marked or is_service_name(head) or fold_component(head) in known or _proper(head)
        )
        if named:
            yield head, item.start, item.start + len(raw.rstrip())


def _proper(head: str) -> bool:
    """Tell whether words are written as a proper name: each with a capital, four at most."""
    return all(word[:1].isupper() or word[:1].isdigit() for word in head.split()) and any(c.isupper() for c in head)
