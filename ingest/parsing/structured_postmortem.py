"""Postmortems kept as YAML or JSON records: one document, a section for each top-level key."""

import re
from collections.abc import Sequence

from ingest.knowledge.documents import ParsedText
from ingest.knowledge.extracts import Extract, PostmortemField, PostmortemPart
from ingest.knowledge.spans import LineIndex
from ingest.parsing.structured_sections import Stretch, sections_of, whole_lines
from ingest.parsing.yaml_places import Node, Shape

MENTION = re.compile(r"(?:mpact|MPACT|oot[_ -]?[cC]auses?|ROOT_CAUSE|ummary|imeline|ction[_ -]?items)[\"']?[ \t]*:")

_TITLE = ("title", "name", "incident")
_PARTS = {
    "summary": PostmortemPart.SUMMARY,
    "impact": PostmortemPart.IMPACT,
    "trigger": PostmortemPart.TRIGGER,
    "rootcause": PostmortemPart.ROOT_CAUSE,
    "rootcauses": PostmortemPart.ROOT_CAUSE,
    "detection": PostmortemPart.DETECTION,
    "resolution": PostmortemPart.RESOLUTION,
    "timeline": PostmortemPart.TIMELINE,
    "actionitems": PostmortemPart.ACTION_ITEM,
    "actions": PostmortemPart.ACTION_ITEM,
}
_TELLING = frozenset(
    {PostmortemPart.IMPACT, PostmortemPart.ROOT_CAUSE, PostmortemPart.TIMELINE, PostmortemPart.ACTION_ITEM}
)
_METADATA = frozenset({"date", "owner", "owners", "status", "services", "service", "tags", "severity", "company"})


def is_postmortem(roots: Sequence[Node]) -> bool:
    """Return whether the record has a title and two parts of a postmortem, one of them telling."""
    if not roots:
        return False
    parts = {part for key, _ in roots[0].pairs if (part := _part(key)) is not None}
    return _title(roots[0]) != "" and len(parts) >= 2 and bool(parts & _TELLING)


def parse_postmortem(root: Node, text: str, lines: LineIndex) -> ParsedText:
    """Return the record as one document of kind postmortem with the fields that it names."""
    fields: list[PostmortemField] = []
    stretches: list[Stretch] = []
    metadata: dict[str, object] = {"kind": "postmortem"}
    for key, value in root.pairs:
        start, end = whole_lines(key.start, value.end, text, lines)
        stretches.append(Stretch((_heading(key.value),), start, end))
        part = _part(key)
        if part is not None:
            fields.extend(_fields(part, value, lines))
        if key.value.lower() in _METADATA:
            named = [member.value for member in value.members if member.shape is Shape.SCALAR]
            metadata[key.value.lower()] = named if value.shape is Shape.LIST else value.value
    extract = Extract(postmortem=tuple(fields))
    return ParsedText(text, sections_of(text, lines, stretches), _title(root), metadata, extract=extract)


def _fields(part: PostmortemPart, value: Node, lines: LineIndex) -> list[PostmortemField]:
    """Return one field, or one for each entry of a list."""
    made: list[PostmortemField] = []
    for entry in value.members if value.shape is Shape.LIST else [value]:
        words = _words(entry, "description", "event", "action", "title", "text", "what", "item")
        at, owner = _words_of(entry, "time", "at", "timestamp", "date"), _words_of(entry, "owner", "assignee", "who")
        if words and entry.end > entry.start:
            span = lines.span(entry.start, entry.end)
            made.append(PostmortemField(part, words, span, at if part is PostmortemPart.TIMELINE else "", owner))
    return made


def _words(entry: Node, *keys: str) -> str:
    if entry.shape is Shape.SCALAR:
        return " ".join(entry.value.split())
    said = _words_of(entry, *keys)
    return said or " ".join(value.value.strip() for _, value in entry.pairs if value.shape is Shape.SCALAR)


def _words_of(entry: Node, *keys: str) -> str:
    return next((said for key in keys if (said := " ".join(entry.text(key).split()))), "")


def _title(root: Node) -> str:
    return next((" ".join(said.split()) for key in _TITLE if (said := root.text(key))), "")


def _part(key: Node) -> PostmortemPart | None:
    return _PARTS.get(re.sub(r"[\s_-]", "", key.value).lower())


def _heading(key: str) -> str:
    words = re.sub(r"[_-]+", " ", key).strip()
    return words[:1].upper() + words[1:]
