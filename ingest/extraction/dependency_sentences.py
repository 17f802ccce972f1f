"""Dependencies that a sentence states: one component, a verb of a closed set, another component."""

import re
from collections.abc import Iterator

from ingest.extraction.component_names import is_listed_name, is_service_name
from ingest.extraction.wording import items_of, sentences
from ingest.knowledge.documents import BlockKind, Document
from ingest.knowledge.extracts import Dependency
from ingest.knowledge.services import fold_component
from ingest.knowledge.spans import LineIndex

_NAME = r"`[^`\n]{2,60}`|\*\*[^*\n]{2,60}\*\*|[A-Za-z][\w-]{1,50}"
_KIND = r"(?:\s+(?:(?:micro-?)?service|server|api|app|application|component|worker|daemon|database|cluster|queue))?"
_FORWARD = (
    r"depends\s+(?:up)?on|relies\s+on|calls(?:\s+out\s+to)?|reads\s+(?:\w+\s+){0,4}from|writes\s+(?:\w+\s+){0,4}to|"
    r"publishes\s+(?:[\w.`]+\s+){0,3}to|subscribes\s+to|consumes\s+(?:\w+\s+){0,3}from|talks\s+to|connects\s+to|asks|"
    r"queries|fetches\s+(?:\w+\s+){1,4}from|sends\s+(?:\w+\s+){1,4}to|makes\s+(?:\w+\s+){1,2}(?:calls|requests)\s+to"
)
_BACKWARD = r"is\s+(?:called|used|consumed|queried|read)\s+by"
_ADVERB = r"(?:(?:also|then|only|directly|synchronously|asynchronously|always|itself|periodically|in\s+turn)\s+)?"
_SENTENCE = re.compile(
    rf"(?<![\w`*/.-])(?P<x>{_NAME}){_KIND}\s+{_ADVERB}(?P<verb>{_FORWARD}|{_BACKWARD})\s+(?:the\s+|an?\s+)?"
    rf"(?P<y>(?:{_NAME})(?:(?:,\s+(?:and\s+)?|\s+and\s+)(?:the\s+)?(?:{_NAME})){{0,5}})"
)
_ANY_NAME = re.compile(_NAME)
_QUICK = re.compile(
    r"\b(?:depends|relies|calls|reads|writes|publishes|subscribes|consumes|talks|connects|asks|queries|fetches|sends|makes|"
    r"(?:called|used|consumed|queried|read)\s+by)\b"
)
_HYPOTHETICAL = re.compile(
    r"\b(?:for example|e\.g\.|suppose|imagine|let's say|assume|never|should not|must not)\b", re.I
)
_LONGEST_SENTENCE = 800
_PROSE = (BlockKind.PARAGRAPH, BlockKind.QUOTE)


def stated_dependencies(document: Document, lines: LineIndex, known: frozenset[str]) -> tuple[Dependency, ...]:
    """Return the dependencies that sentences state between names that are known or written as services are.

    `known` holds the folded names of the components that the document states elsewhere.
    """
    found: list[Dependency] = []
    for start, end in _stretches(document):
        if not _QUICK.search(document.text, start, end):
            continue
        for sentence in sentences(document.text, start, end):
            found += _of_sentence(document.text, lines, sentence.start, sentence.end, known)
    return tuple(found)


def _stretches(document: Document) -> Iterator[tuple[int, int]]:
    for section in document.sections:
        covered = 0
        for block in section.blocks:
            if block.kind in _PROSE and block.depth == 0:
                yield block.span.start, block.span.end
        for item in items_of(document.text, section.blocks):
            if item.start >= covered:
                covered = item.own_end
                yield item.start, item.own_end


def _of_sentence(text: str, lines: LineIndex, start: int, end: int, known: frozenset[str]) -> Iterator[Dependency]:
    if end - start > _LONGEST_SENTENCE or _HYPOTHETICAL.search(text, start, end):
        return
    for match in _SENTENCE.finditer(text, start, end):
        source = _component(match["x"], known)
        verb = " ".join(match["verb"].split())
        for raw in _ANY_NAME.findall(match["y"]):
            target = _component(raw, known)
            if not target:
                break
            if source and fold_component(source) != fold_component(target):
                ends = (target, source) if verb.startswith("is ") else (source, target)
                yield Dependency(*ends, lines.span(start, end), verb)


def _component(raw: str, known: frozenset[str]) -> str:
    """Return the name that a word of a sentence is; "" where it may be any word."""
    name = raw.strip("`*")
    if fold_component(name) in known and len(name) > 2:
        return name
    return name if is_service_name(name) and is_listed_name(name) else ""
