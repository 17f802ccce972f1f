"""Prometheus rule files: each alert becomes a document; also in PrometheusRule objects, wrappers and config maps."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.errors import DocumentUnreadable
from ingest.knowledge.documents import Block, BlockKind, ParsedText, Section
from ingest.knowledge.extracts import AlertRule, Extract
from ingest.knowledge.spans import LineIndex, Span
from ingest.parsing.structured_sections import whole_lines
from ingest.parsing.yaml_places import Node, Shape, read_yaml, without_templates

MAX_BY_LINE = 5_000
"""Alerts read one by one of a file that is no YAML; each costs a reader of its own."""

MENTION = re.compile(r"alert(?<!\walert)[\"']?[ \t]*:")
RECORDING = re.compile(r"record(?<!\wrecord)[\"']?[ \t]*:")

_ITEM = re.compile(r"^([ \t]*)-[ \t]+(?:[\"']?alert[\"']?|record|expr|for|labels|annotations)[ \t]*:", re.MULTILINE)
_NAME_LINE = re.compile(r"^[ \t]*(?:-[ \t]+)?alert[ \t]*:[ \t]*([^\n#]{1,300})", re.MULTILINE)
_EXPR_LINE = re.compile(r"^[ \t]*(?:-[ \t]+)?expr[ \t]*:[ \t]*([^\n]{1,4000})", re.MULTILINE)
_GROUP_LINE = re.compile(r"^[ \t]*-[ \t]+name[ \t]*:[ \t]*[\"']?([^\n\"'#]{1,200})", re.MULTILINE)
_TEMPLATED = re.compile(r"\{\{|\{%|<%")


@dataclass(frozen=True, slots=True)
class Rules:
    """The alerts of a file in their order, and how many recording rules stand beside them."""

    alerts: tuple[AlertRule, ...]
    recording: int = 0
    cut: bool = False  # more alerts stand in the file than were read


def find_rules(roots: Iterable[Node], text: str, lines: LineIndex) -> Rules:
    """Return the alerts anywhere below `roots`: wherever a map has `alert` and `expr`, its group is named above."""
    alerts: list[AlertRule] = []
    recording = 0
    for node, group, pinned in _walk(roots, text):
        if node.text("alert") and node.get("expr") is not None:
            alerts.append(_alert(node, group, text, lines, pinned))
        elif node.text("record") and node.get("expr") is not None:
            recording += 1
    unique = {(rule.span.start, rule.name): rule for rule in alerts}
    return Rules(tuple(sorted(unique.values(), key=lambda rule: rule.span.start)), recording)


def find_rules_by_line(text: str, lines: LineIndex) -> Rules:
    """Return the alerts of a text that is no YAML as a whole: each `- alert:` item is read on its own."""
    alerts: list[AlertRule] = []
    groups = [(found.start(), found[1].strip()) for found in _GROUP_LINE.finditer(text)]
    starts = [(found.start() + len(found[1]), len(found[1].expandtabs())) for found in _ITEM.finditer(text)]
    bounds = [*(at for at, _ in starts[1:]), len(text)]
    for (start, column), limit in zip(starts, bounds, strict=False):
        if len(alerts) >= MAX_BY_LINE:
            break
        end = _end_of_item(text, start, limit, column)
        while groups and len(groups) > 1 and groups[1][0] < start:
            groups.pop(0)
        group = groups[0][1] if groups and groups[0][0] < start else ""
        rule = _lone_alert(text, start, end, group, lines)
        if rule is not None:
            alerts.append(rule)
    return Rules(tuple(alerts), cut=len(alerts) >= MAX_BY_LINE)


def rule_documents(rules: Sequence[AlertRule], text: str, warnings: tuple[str, ...] = ()) -> tuple[ParsedText, ...]:
    """Return one document for each alert; a name that comes again is told apart by `#2`."""
    documents: dict[str, ParsedText] = {}
    seen: dict[str, int] = {}
    for rule in rules:
        seen[rule.name] = seen.get(rule.name, 0) + 1
        number = seen[rule.name]
        part = rule.name if number == 1 else f"{rule.name}#{number}"
        while part in documents:
            number += 1
            part = f"{rule.name}#{number}"
        path = (rule.group, rule.name) if rule.group else (rule.name,)
        section = Section(path, rule.span, (Block(BlockKind.CODE, rule.span),))
        documents[part] = ParsedText(
            text, (section,), rule.name, _metadata(rule, text), warnings, part, Extract(rules=(rule,))
        )
    return tuple(documents.values())


def _walk(roots: Iterable[Node], text: str) -> Iterator[tuple[Node, str, Node | None]]:
    """Yield maps with the name of their group and, where a quoted string holds them, that string."""
    waiting: list[tuple[Node, str, Node | None, int]] = [(root, "", None, 0) for root in reversed(list(roots))]
    on_way: set[int] = set()
    while waiting:
        node, group, pinned, depth = waiting.pop()
        if depth > 60 or (node.shape is not Shape.SCALAR and id(node) in on_way):
            continue  # what an alias names was seen where it stands
        on_way.add(id(node))
        if node.shape is Shape.MAP:
            yield node, group, pinned
            called = node.get("name") if node.get("rules") is not None else None
            named = _said(called, text, pinned) if called is not None else ""
            below: list[Node] = [value for _, value in node.pairs]
            waiting.extend((value, named or group, pinned, depth + 1) for value in reversed(below))
        elif node.shape is Shape.LIST:
            waiting.extend((value, group, pinned, depth + 1) for value in reversed(node.members))
        elif pinned is None and len(node.value) > 30 and MENTION.search(node.value):
            waiting.extend((root, "", pin, depth + 1) for root, pin in reversed(_within(node, text)))


def _within(node: Node, text: str) -> list[tuple[Node, Node | None]]:
    """Return what a string holds that is YAML itself; the lines of a block string have their own places."""
    try:
        if node.block:
            begin = text.index("\n", node.start) + 1
            return [(root, None) for root in read_yaml(without_templates(text[begin : node.end]), begin)]
        return [(root, node) for root in read_yaml(node.value)]
    except (DocumentUnreadable, ValueError):
        return []  # a string that is no YAML is a string


def _alert(node: Node, group: str, text: str, lines: LineIndex, pinned: Node | None) -> AlertRule:
    span = _span(pinned or node, text, lines)

    def say(*path: str) -> str:
        found = node.get(*path)
        return _said(found, text, pinned) if found is not None else ""

    return AlertRule(
        name=say("alert"),
        span=span,
        expr=say("expr"),
        wait=say("for"),
        severity=say("labels", "severity"),
        group=group,
        summary=say("annotations", "summary") or say("annotations", "title"),
        description=say("annotations", "description") or say("annotations", "message"),
        runbook_url=say("annotations", "runbook_url") or say("annotations", "runbook") or say("labels", "runbook_url"),
    )


def _said(node: Node, text: str, pinned: Node | None) -> str:
    """Return a scalar's value; where templates were made plain for the YAML reader, what stands in the file."""
    if node.shape is not Shape.SCALAR:
        return ""
    if pinned is not None:
        return node.value.strip()
    raw = text[node.start : node.end]
    if not _TEMPLATED.search(raw) or "{{" in node.value:
        return node.value.strip()
    if node.block:
        return " ".join(raw.split()[1:])
    return " ".join(raw.split()).strip("\"'")


def _span(node: Node, text: str, lines: LineIndex) -> Span:
    """Return the rule's own lines, with the dash of its list entry."""
    start, _ = whole_lines(node.start, node.end, text, lines)
    return lines.span(start, max(start + 1, start + len(text[start : node.end].rstrip())))


def _end_of_item(text: str, start: int, limit: int, column: int) -> int:
    """Return where the item ends: before the first line that is not indented deeper than its dash."""
    position = text.find("\n", start)
    while position != -1 and position < limit:
        following = text.find("\n", position + 1)
        line = text[position + 1 : following if following != -1 else len(text)]
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth <= column and not line.lstrip().startswith(("{{", "{%", "#")):
            return position
        position = following
    return min(limit, len(text))


def _lone_alert(text: str, start: int, end: int, group: str, lines: LineIndex) -> AlertRule | None:
    begin = lines.start_of(lines.line_of(start))
    raw = text[begin:end]
    try:
        roots = read_yaml(without_templates(raw), begin)
    except DocumentUnreadable:
        roots = []
    for root in roots:
        for node in root.members:
            if node.text("alert") and node.get("expr") is not None:
                return _alert(node, group, text, lines, None)
    name, expr = _NAME_LINE.search(raw), _EXPR_LINE.search(raw)
    if name is None or expr is None:
        return None
    span = lines.span(start, start + len(text[start:end].rstrip()))
    return AlertRule(name[1].strip().strip("\"'"), span, expr[1].strip(), group=group)


def _metadata(rule: AlertRule, text: str) -> dict[str, object]:
    metadata: dict[str, object] = {"kind": "alert", "alert": rule.name}
    metadata |= {"group": rule.group} if rule.group else {}
    metadata |= {"severity": rule.severity} if rule.severity else {}
    stated = text[rule.span.start : rule.span.end]
    for key, name in (("service", "services"), ("team", "owners")):
        found = re.search(rf"^[ \t]*{key}[ \t]*:[ \t]*[\"']?([\w.-]{{1,80}})[\"']?[ \t]*$", stated, re.M)
        if found is not None:
            metadata[name] = [found[1]]
    return metadata
