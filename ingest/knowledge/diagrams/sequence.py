"""Sequence diagrams, as Mermaid and PlantUML write them alike: who takes part, and who calls whom."""

import re
from collections.abc import Iterable

from ingest.knowledge.diagrams.graph import Graph, Line
from ingest.knowledge.extracts import ComponentRole

PARTICIPANT = re.compile(
    r"(?:create\s+)?(participant|actor|boundary|control|entity|database|collections|queue)\s+(?=\S)", re.IGNORECASE
)
"""The start of a line that declares who takes part."""

_ALIASED = re.compile(r"(?:\"([^\"]*)\"|([^\"]*?))\s+as\s+(?:\"([^\"]*)\"|(.+))$")
_TAIL = re.compile(r"\s+(?:order\s+-?\d+|#\S+|<<.*|\[.*)$")
_SKIPPED = re.compile(
    r"(?:alt|else|end|loop|opt|par|and|critical|option|break|rect|group|ref|note|activate|deactivate|autonumber|title|"
    r"box|links?|properties|details|destroy|create|return|hide|show|skinparam|autoactivate|newpage|header|footer|over|"
    r"accTitle|accDescr|legend|endlegend|mainframe|scale|!\w+)\b|[@{}'=.|&/]|\.\.\.",
    re.IGNORECASE,
)
_ARROW = re.compile(r"<<?-{1,2}>>?|-{1,2}(?:\[[^\]\n]{0,40}\])?-?(?:>>|>|\\\\?|//?)(?:[ox](?=\s))?|<<?-{1,2}(?![->])")
_LOST = re.compile(r"-{1,2}[x)](?=\s*[\w\"+-])")
_ROLES = {
    "actor": ComponentRole.PERSON,
    "database": ComponentRole.DATABASE,
    "queue": ComponentRole.QUEUE,
}
_STATES_IN_MERMAID = re.compile(r"@\{[^{}]{0,400}\}$")
_OUTSIDE = frozenset({"[", "]", "?", "[*]"})


def read_sequence(statements: Iterable[Line], graph: Graph, *, id_first: bool) -> None:
    """Take participants and messages into the graph; a reply to a call is no dependency of its own.

    `id_first` tells Mermaid's `participant id as Label` from PlantUML's `participant Label as id`.
    """
    in_note = False
    for line in statements:
        if in_note:
            in_note = re.match(r"end\s?(?:note|ref|legend|title)|end$", line.text, re.IGNORECASE) is None
            continue
        declared = PARTICIPANT.match(line.text)
        if declared is not None:
            _declare(declared[1].lower(), line.text[declared.end() :], line, graph, id_first)
        elif _SKIPPED.match(line.text):
            in_note = re.match(r"(?:note|ref|legend)\b[^:]*$", line.text, re.I) is not None and " as " not in line.text
        elif not _message(line, graph):
            graph.misread(line)


def _declare(kind: str, rest: str, line: Line, graph: Graph, id_first: bool) -> None:
    rest = _TAIL.sub("", _STATES_IN_MERMAID.sub("", rest).strip())
    aliased = _ALIASED.match(rest)
    if aliased is None:
        key = label = rest.strip().strip('"')
    else:
        left = aliased[1] if aliased[1] is not None else aliased[2].strip()
        right = (aliased[3] if aliased[3] is not None else aliased[4]).strip()
        # What is quoted is the label, on either side of `as`.
        label_first = aliased[1] is not None or (aliased[3] is None and not id_first)
        key, label = (right, left) if label_first else (left, right)
    graph.box(key, line.span, label, _ROLES.get(kind, ComponentRole.COMPONENT))


def _message(line: Line, graph: Graph) -> bool:
    head, _, label = line.text.partition(":")
    arrow = _ARROW.search(head)
    if arrow is None:
        arrow = _LOST.search(head)
    if arrow is None:
        return False
    source = _end(head[: arrow.start()])
    tail = head[arrow.end() :].strip()
    target = _end(tail.lstrip("+-*!").strip())
    if not source or not target:
        return source == "" or target == ""
    if source in _OUTSIDE or target in _OUTSIDE:
        return True
    sign = arrow[0]
    if sign.startswith("<") and not sign.rstrip("ox").endswith(">"):
        source, target = target, source
    dotted = "--" in sign or "-]-" in sign
    ends_a_call = tail.startswith("-") or head.rstrip().endswith("--")
    if (dotted or ends_a_call) and graph.has_edge(target, source):
        return True
    graph.edge(source, target, line.span, label.strip())
    if sign.startswith("<") and sign.rstrip("ox").endswith(">"):
        graph.edge(target, source, line.span, label.strip())
    return True


def _end(words: str) -> str:
    """Return a participant's id: without quotes, activation marks and a colour."""
    name = re.sub(r"(?:\s+#\S+|\+\+|--|\*\*|!!)+$", "", words.strip()).strip()
    return name.strip('"').strip()
