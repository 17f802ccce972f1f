"""YAML as plain values with the line of each, safe against what YAML can be made to do.

Aliases and merge keys are read, but a file may not unfold into more values than it could hold written out,
contain itself, say a key twice, or name types of Python.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import yaml

if TYPE_CHECKING:
    from yaml.constructor import SafeConstructor
    from yaml.error import Mark

_MAX_VALUES = 50_000
_MAX_DEPTH = 20
# PyYAML takes seconds to find out that so many brackets are never closed.
_BRACKETS = re.compile(r"(?:[\[{][ \t]*){40}")
_TAG = "tag:yaml.org,2002:"
_SCALARS = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp", "value"))

Path = tuple[int | str, ...]
"""Keys and positions that lead from the top of a file to a value."""


class Misplaced(Exception):
    """The file is no YAML, or does not end; `line` is where that shows."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that YAML allows and a file of settings should not have."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Located:
    """The values of a file: `value` in plain Python, and the line from 1 on which each stands."""

    value: object
    lines: dict[Path, int]
    problems: tuple[Oddity, ...] = ()

    def line(self, path: Path) -> int:
        """Return the line of the value at `path`, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str) -> Located:
    """Return the one document of a YAML text; raises Misplaced where it cannot be read."""
    nested = _BRACKETS.search(text)
    if nested:
        raise Misplaced(text.count("\n", 0, nested.start()) + 1, "is nested too deeply to be read; close its brackets")
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return Located(None, {})
        walk = _Walk(loader)
        return Located(walk.value(node, ()), walk.lines, tuple(walk.problems))
    except yaml.MarkedYAMLError as error:
        said = "; ".join(part for part in (error.context, error.problem) if part)
        line = _line(error.problem_mark or error.context_mark)
        raise Misplaced(line, f"is no YAML: {said}; check the indentation and quotes here") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Misplaced(line, f"is no YAML: {error.reason}; take the character out") from error
    except RecursionError as error:
        raise Misplaced(1, "is nested too deeply to be read; check for brackets that are never closed") from error


@dataclass(slots=True)
class _Walk:
    """Turn nodes into values, counting them."""

    constructor: "SafeConstructor"
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Oddity] = field(default_factory=list)

    def value(self, node: yaml.Node, path: Path) -> object:
        line = _line(node.start_mark)
        self.lines.setdefault(path, line)
        if len(self.lines) > _MAX_VALUES or len(path) > _MAX_DEPTH:
            raise Misplaced(line, "unfolds into more than a file can mean; write its aliases (*name) out")
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            items = cast("list[yaml.Node]", node.value)
            return [self.value(item, (*path, number)) for number, item in enumerate(items)]
        if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
            return self._scalar(node, line)
        self.problems.append(Oddity(line, f"the tag {node.tag!r} is not read; write plain text, numbers and lists"))
        return None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        first: dict[str, int] = {}
        merged: list[yaml.Node] = []
        for name, item in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            line = _line(name.start_mark)
            if name.tag == _TAG + "merge":
                merged += item.value if isinstance(item, yaml.SequenceNode) else [item]
                continue
            if not isinstance(name, yaml.ScalarNode):
                self.problems.append(Oddity(line, "a list or mapping is no key; write a word before the colon"))
                continue
            key = str(name.value)
            if key in found:
                text = f"the key {key!r} stands twice, first in line {first[key]}; keep one of both"
                self.problems.append(Oddity(line, text))
            first.setdefault(key, line)
            self.lines[(*path, key)] = line
            found[key] = self.value(item, (*path, key))
        for number, other in enumerate(merged):
            self._merge(found, other, path, number)
        return found

    def _merge(self, found: dict[str, object], other: yaml.Node, path: Path, number: int) -> None:
        value = self.value(other, (*path, f"<<{number}"))
        if isinstance(value, dict):
            for key, item in value.items():
                found.setdefault(key, item)
                self.lines.setdefault((*path, key), _line(other.start_mark))

    def _scalar(self, node: yaml.ScalarNode, line: int) -> object:
        try:
            return self.constructor.construct_object(node)
        except (ValueError, OverflowError) as error:
            self.problems.append(Oddity(line, f"{node.value[:80]!r} cannot be read: {error}; put it in quotes"))
            return node.value


def _line(mark: "Mark | None") -> int:
    return 1 if mark is None else mark.line + 1
