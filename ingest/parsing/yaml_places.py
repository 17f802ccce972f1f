"""YAML as a tree of nodes that know their places in the text; aliases are shared, never copied out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from ingest.errors import DocumentUnreadable

if TYPE_CHECKING:
    import yaml

MAX_DEPTH = 100
MAX_NODES = 500_000
"""A file with more nodes, or deeper ones, is data and no description of anything."""

_TEMPLATE_MARKS = (("{{", "}}"), ("{%", "%}"), ("<%", "%>"))
_PLAIN = re.compile(r"[^\w.]")


class TooLarge(DocumentUnreadable):
    """The file nests too deep or holds too many values; reading it in another way would not help."""


class Shape(StrEnum):
    """What a node is."""

    MAP = "map"
    LIST = "list"
    SCALAR = "scalar"


@dataclass(slots=True, eq=False)
class Node:
    """A value with its place: `text[start:end]` is what stands in the file, without what follows it.

    `pairs` are the keys and values of a map in their order, `members` the entries of a list. `block` tells a
    scalar in block style (`|`, `>`), whose lines stand in the file as they are.
    """

    shape: Shape
    start: int
    end: int
    value: str = ""
    pairs: list[tuple["Node", "Node"]] = field(default_factory=list)
    members: list["Node"] = field(default_factory=list)
    block: bool = False

    def get(self, *path: str) -> "Node | None":
        """Return the node below these keys, or None; the last of several equal keys wins, as in YAML readers."""
        node: Node | None = self
        for key in path:
            node = node._below(key, 5) if node is not None else None
        return node

    def text(self, *path: str) -> str:
        """Return the scalar below these keys, "" where there is none."""
        node = self.get(*path)
        return node.value.strip() if node is not None and node.shape is Shape.SCALAR else ""

    def entries(self, *path: str) -> list["Node"]:
        """Return the members of the list below these keys, none where there is no list."""
        node = self.get(*path)
        return node.members if node is not None else []

    def items(self, *path: str) -> list[tuple["Node", "Node"]]:
        """Return keys and values of the map below these keys, none where there is no map."""
        node = self.get(*path)
        return node.pairs if node is not None else []

    def keys(self) -> set[str]:
        """Return the keys of a map."""
        return {key.value for key, _ in self.pairs}

    def key_of(self, key: str) -> "Node | None":
        """Return the node of the key itself."""
        return next((node for node, _ in reversed(self.pairs) if node.value == key), None)

    def _below(self, key: str, merges: int) -> "Node | None":
        for name, value in reversed(self.pairs):
            if name.value == key:
                return value
        if merges:
            for name, value in self.pairs:
                sources = ([value] if value.shape is Shape.MAP else value.members) if name.value == "<<" else []
                for source in sources:
                    found = source._below(key, merges - 1)
                    if found is not None:
                        return found
        return None


def read_yaml(text: str, offset: int = 0, *, most: int = MAX_NODES) -> list[Node]:
    """Return the documents of a YAML text; places count from `offset`.

    Raises DocumentUnreadable for what is no YAML, for nesting beyond the limit, and for more than `most` values.
    """
    import yaml

    try:
        # Events come one by one, so that hostile nesting is refused before it is read; composing recurses in C.
        return _Builder(text, offset, most).build(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 0
        raise DocumentUnreadable(f"is no valid YAML: {error.problem} in line {line}; correct it") from error
    except yaml.YAMLError as error:
        detail = " ".join(str(error).split())[:160]
        raise DocumentUnreadable(f"is no valid YAML: {detail}; correct it") from error


def without_templates(text: str) -> str:
    """Return `text` with Go, Jinja and ERB templates made plain words of the same length, so that places stay."""
    return "\n".join(_plain_line(line) for line in text.split("\n"))


def _plain_line(line: str) -> str:
    """Blank a line that is one template (`{{- if … }}`); in any other make each template one word."""
    for opening, closing in _TEMPLATE_MARKS:
        if opening not in line:
            continue
        bare = line.strip()
        if bare.startswith(opening) and bare.endswith(closing):
            return " " * len(line)
        done: list[str] = []
        position = 0
        while (start := line.find(opening, position)) != -1 and (end := line.find(closing, start)) != -1:
            done += [line[position:start], _PLAIN.sub("_", line[start : end + 2])]
            position = end + 2
        line = "".join(done) + line[position:]
    return line


class _Mark(Protocol):
    @property
    def index(self) -> int: ...


class _Builder:
    """Makes nodes of events with a stack of its own; an alias gives the very node that it names."""

    def __init__(self, text: str, offset: int, most: int) -> None:
        self._text, self._offset, self._most = text, offset, most
        self._anchors: dict[str, Node] = {}
        self._open: list[tuple[Node, Node | None]] = []  # a collection, and the key that waits for its value
        self._documents: list[Node] = []
        self._count = 0

    def build(self, events: "Iterator[yaml.Event]") -> list[Node]:
        import yaml

        for event in events:
            match event:
                case yaml.DocumentStartEvent():
                    self._anchors.clear()
                case yaml.ScalarEvent():
                    self._add(self._scalar(event), event.anchor)
                case yaml.AliasEvent():
                    self._attach(self._alias(event))
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._begin(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._finish(event)
        return self._documents

    def _scalar(self, event: "yaml.ScalarEvent") -> Node:
        start, end = _place(event.start_mark), _place(event.end_mark)
        end = max(start, start + len(self._text[start:end].rstrip()))
        return Node(
            Shape.SCALAR, start + self._offset, end + self._offset, str(event.value), block=event.style in ("|", ">")
        )

    def _alias(self, event: "yaml.AliasEvent") -> Node:
        known = self._anchors.get(event.anchor or "")
        if known is None:
            raise DocumentUnreadable(f"is no valid YAML: the alias {event.anchor!r} names nothing; correct it")
        return known

    def _begin(self, event: "yaml.MappingStartEvent | yaml.SequenceStartEvent") -> None:
        import yaml

        if len(self._open) >= MAX_DEPTH:
            raise TooLarge(f"nests deeper than {MAX_DEPTH} levels; split it")
        shape = Shape.MAP if isinstance(event, yaml.MappingStartEvent) else Shape.LIST
        start = _place(event.start_mark) + self._offset
        node = Node(shape, start, start)
        self._add(node, event.anchor)
        self._open.append((node, None))

    def _finish(self, event: "yaml.Event") -> None:
        node, _ = self._open.pop()
        last = node.members[-1].end if node.members else node.pairs[-1][1].end if node.pairs else node.start
        # The end of a block collection is marked where the next thing starts; that of `{…}` is its brace.
        end = _place(event.end_mark)
        closing = end > _place(event.start_mark)
        node.end = end + self._offset if closing else max(last, node.start)
        if self._open:
            parent, _ = self._open[-1]
            parent.end = max(parent.end, node.end)

    def _add(self, node: Node, anchor: str | None) -> None:
        self._count += 1
        if self._count > self._most:
            raise TooLarge(f"holds more than {self._most:,} values; split it, or exclude it from the source")
        if anchor:
            self._anchors[anchor] = node
        self._attach(node)

    def _attach(self, node: Node) -> None:
        if not self._open:
            self._documents.append(node)
            return
        parent, key = self._open[-1]
        if parent.shape is Shape.LIST:
            parent.members.append(node)
        elif key is None:
            self._open[-1] = (parent, node)
        else:
            parent.pairs.append((key, node))
            self._open[-1] = (parent, None)


def _place(mark: _Mark | None) -> int:
    """Return the character at which an event starts or ends; the reader gives each one its marks."""
    return mark.index if mark is not None else 0
