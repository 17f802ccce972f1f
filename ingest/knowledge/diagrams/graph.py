"""The graph that a diagram draws, gathered line by line: boxes by id, arrows between ids, what was not understood."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.knowledge.extracts import Component, ComponentRole, Dependency
from ingest.knowledge.spans import LineIndex, Span

MAX_EDGES = 5_000
"""More arrows than this are not read: `a & b & … --> c & d & …` can ask for millions in one line."""

MAX_LINE = 4_000
"""A line longer than this is no line that a person wrote; it is counted as not understood."""

MAX_STATEMENTS = 20_000
"""A diagram of more lines or statements is generated, and its reading would hold up all others."""

_LONGEST_NAME = 120
_LONGEST_LABEL = 240
_WORDS_OF_A_SENTENCE = 8
_ANSWER = re.compile(r"(?:yes|no|true|false|otherwise|else)[.!,]?", re.I)
_STEP = re.compile(
    r"(?:add|apply|approve|ask|assign|call|check|clos|collect|commit|confirm|consider|contact|continue|creat|debug|"
    r"delet|deploy|determin|disabl|do|enabl|ensure|escalat|execut|fix|get|identify|increas|inspect|investigat|"
    r"leave|make|merg|notify|open|page|prepar|push|rais|read|release|remove|repeat|report|resiz|resolv|restart|"
    r"retr(?:y|igger)|review|roll|run|scal|schedul|send|start|stop|submit|test|trigger|updat|verify|wait)"
    r"(?:e|es|s|ing)?\b",
    re.I,
)
_BREAK = re.compile(r"<\s{0,3}/?\s{0,3}br\s{0,3}/?\s{0,3}>|\\[nlrt]|\s+", re.IGNORECASE)
_HYPHENATED = re.compile(r"(?<=\w)-<br\s{0,3}/?>(?=\w)", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,500}>")
_ICON = re.compile(r"\bfa[bslr]?:fa-[\w-]+|:[a-z0-9_+-]{2,40}:|<\$[^<>]{0,100}>|<&[\w-]{1,60}>")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\ufe0f]")
_PICTOGRAM = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
_MERMAID_ENTITY = re.compile(r"#(?=\w{2,8};)")
_MARKUP = re.compile(r"\*\*|__|~~|`|</?>")
_QUOTE_PREFIX = re.compile(r"[ \t]*(?:>[ \t]?)+")
_ROLE_WORDS = (
    (ComponentRole.DATABASE, re.compile(r"\b(?:database|db|postgres(?:ql)?|mysql|mariadb|mongo(?:db)?)\b", re.I)),
    (ComponentRole.QUEUE, re.compile(r"\b(?:queue|kafka|rabbitmq|topic|message broker|nats|sqs|pub/?sub)\b", re.I)),
    (ComponentRole.CACHE, re.compile(r"\b(?:cache|redis|memcached|valkey)\b", re.I)),
    (ComponentRole.GATEWAY, re.compile(r"\b(?:api gateway|gateway|ingress|load balancer|reverse proxy)\b", re.I)),
)


@dataclass(frozen=True, slots=True)
class Diagram:
    """What a diagram states: each fact with the line that states it, and what could not be read in it."""

    components: tuple[Component, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a diagram without what surrounds it; `span` covers its words in the document."""

    text: str
    span: Span


@dataclass(slots=True)
class _Box:
    label: str
    span: Span
    role: ComponentRole
    description: str
    stated: bool  # declared, and not only named at an arrow's end


@dataclass(slots=True)
class Graph:
    """Boxes and arrows as they are read; `diagram()` turns ids into names."""

    _boxes: dict[str, _Box] = field(default_factory=dict)
    _edges: dict[tuple[str, str, str], Span] = field(default_factory=dict)
    _pairs: set[tuple[str, str]] = field(default_factory=set)
    _misread: list[int] = field(default_factory=list)
    _groups: dict[str, tuple[str, Span]] = field(default_factory=dict)
    _undirected: int = 0
    _too_many: bool = False
    notes: list[str] = field(default_factory=list)

    def box(
        self,
        key: str,
        span: Span,
        label: str = "",
        role: ComponentRole = ComponentRole.COMPONENT,
        description: str = "",
    ) -> None:
        """Note a box; the first line that gives it a label is the one that states it."""
        known = self._boxes.get(key)
        name = clean_label(label)
        if known is None:
            self._boxes[key] = _Box(name, span, role, clean_label(description), bool(name))
            return
        if name and not known.stated:
            known.label, known.span, known.stated = name, span, True
            known.description = clean_label(description)
        if known.role is ComponentRole.COMPONENT:
            known.role = role

    def group(self, key: str, span: Span, label: str) -> None:
        """Note a frame around boxes; it is a component only where an arrow ends at it."""
        self._groups.setdefault(key, (clean_label(label), span))

    def undirected(self) -> None:
        """Count a line between boxes that has no arrowhead: who uses whom is not stated."""
        self._undirected += 1

    def edge(self, source: str, target: str, span: Span, label: str = "") -> None:
        """Note an arrow between two boxes, which are noted too where they are new."""
        for key in (source, target):
            if key not in self._boxes:
                self.box(key, span)
        if len(self._edges) >= MAX_EDGES:
            self._too_many = True
            return
        self._pairs.add((source, target))
        self._edges.setdefault((source, target, clean_label(label)[:_LONGEST_LABEL]), span)

    def cut_short(self) -> None:
        """Note that the rest of the diagram was not read for its size."""
        note = f"has more than {MAX_STATEMENTS:,} lines or statements; the others were not read"
        if note not in self.notes:
            self.notes.append(note)

    def has_edge(self, source: str, target: str) -> bool:
        """Return whether an arrow between the two was noted."""
        return (source, target) in self._pairs

    def misread(self, line: Line) -> None:
        """Count a line that was not understood."""
        self._misread.append(line.span.line_start)

    def draws_a_process(self) -> bool:
        """Tell a flow of steps and decisions, whose boxes are things to do, from a picture of a system."""
        labels = [box.label or clean_label(key) for key, box in self._boxes.items()]
        answers = [label for _, _, label in self._edges if _ANSWER.fullmatch(label)]
        answers += [label for label in labels if _ANSWER.fullmatch(label)]
        if answers or any(label.endswith("?") and label[0].isalnum() for label in labels):
            return True
        steps = sum(1 for label in labels if _STEP.match(label) or label.count(" ") >= _WORDS_OF_A_SENTENCE)
        return steps * 5 >= len(labels) and steps > 1

    def diagram(self) -> Diagram:
        """Return components by name, each once, and dependencies between names."""
        for key, (label, span) in self._groups.items():
            if key in self._boxes and not self._boxes[key].stated:
                self._boxes[key].label, self._boxes[key].span = label, span
        names = {key: (box.label or clean_label(key))[:_LONGEST_NAME] for key, box in self._boxes.items()}
        components: dict[str, Component] = {}
        for key, box in self._boxes.items():
            name = names[key]
            if not _is_name(name):
                continue
            role = _role(box.role, name)
            made = Component(name, box.span, role, "diagram", box.description)
            components.setdefault(name, made)
        edges: dict[tuple[str, str, str], Dependency] = {}
        for (start, end, label), span in self._edges.items():
            source, target = names[start], names[end]
            if source != target and source in components and target in components:
                edges.setdefault((source, target, label), Dependency(source, target, span, label, "diagram"))
        return Diagram(
            tuple(sorted(components.values(), key=_place)),
            tuple(sorted(edges.values(), key=_place)),
            tuple(self._problems()),
        )

    def _problems(self) -> Iterator[str]:
        yield from self.notes
        if self._misread:
            where = ", ".join(str(line) for line in self._misread[:5])
            more = ", …" if len(self._misread) > 5 else ""
            yield f"{len(self._misread)} lines of the diagram were not understood (line {where}{more})"
        if self._undirected:
            yield f"{self._undirected} lines without an arrowhead: they do not say which end uses the other"
        if self._too_many:
            yield f"draws more than {MAX_EDGES:,} arrows; the others were not read"


def diagram_lines(text: str, offset: int, lines: LineIndex, graph: Graph) -> Iterator[Line]:
    """Yield the lines of a diagram without indentation, quote marks and blank lines."""
    quoted = all(_QUOTE_PREFIX.match(line) for line in text[:2_000].split("\n")[:3] if line.strip())
    position = 0
    for number, raw in enumerate(text.split("\n")):
        if number >= MAX_STATEMENTS:
            graph.cut_short()
            return
        start = position
        position += len(raw) + 1
        body = raw
        if quoted and (prefix := _QUOTE_PREFIX.match(raw)) is not None:
            body = raw[prefix.end() :]
        stripped = body.strip()
        if not stripped:
            continue
        begin = offset + start + len(raw.rstrip()) - len(body.strip())
        line = Line(stripped, lines.span(begin, begin + len(stripped)))
        if len(stripped) > MAX_LINE:
            graph.misread(line)
        else:
            yield line


def clean_label(label: str) -> str:
    """Return the words of a label on one line: without tags, entities, icons, quotes and markup."""
    if len(label) > MAX_LINE:
        label = label[:MAX_LINE]
    label = _HYPHENATED.sub("-", label)
    text = _TAG.sub(" ", _BREAK.sub(" ", html.unescape(_MERMAID_ENTITY.sub(_entity, label))))
    text = _ICON.sub(" ", text)
    text = _PICTOGRAM.sub(" ", _INVISIBLE.sub("", text))
    text = _MARKUP.sub("", text)
    return _unquoted(" ".join(text.split()))


def role_of(words: str) -> ComponentRole:
    """Return the role that a name or image states in words, COMPONENT where it states none."""
    return next((role for role, pattern in _ROLE_WORDS if pattern.search(words)), ComponentRole.COMPONENT)


def _place(fact: Component | Dependency) -> int:
    return fact.span.start


def _role(drawn: ComponentRole, name: str) -> ComponentRole:
    """Return the role that is drawn, or said in the name; a cylinder is drawn for caches and queues too."""
    said = role_of(name)
    if drawn is ComponentRole.DATABASE and said in (ComponentRole.CACHE, ComponentRole.QUEUE):
        return said
    return said if drawn is ComponentRole.COMPONENT else drawn


def _unquoted(text: str) -> str:
    while len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text[0] not in text[1:-1]:
        text = text[1:-1].strip()
    return text


def _entity(found: re.Match[str]) -> str:
    """Return what turns Mermaid's `#quot;` and `#35;` into HTML's entities; `&#40;` is one already."""
    before = found.string[found.start() - 1 : found.start()]
    if before == "&":
        return "#"
    return "&#" if found.string[found.end()].isdigit() else "&"


def _is_name(name: str) -> bool:
    """One letter is a placeholder ("A --> B"), not a name."""
    return sum(character.isalnum() for character in name) > 1
