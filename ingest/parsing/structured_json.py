"""JSON as the same tree of nodes with places that YAML gives; YAML readers refuse some of its escapes."""

import json
import re

from ingest.errors import DocumentUnreadable
from ingest.parsing.yaml_places import MAX_DEPTH, MAX_NODES, Node, Shape, TooLarge

_DECODER = json.JSONDecoder(strict=False)  # line breaks and tabs within strings are let pass
_SPACE = re.compile(r"[ \t\n\r]*")
_LITERAL = re.compile(r"true|false|null|-?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,9})?")


def read_json(text: str, offset: int = 0, *, most: int = MAX_NODES) -> list[Node]:
    """Return the JSON values of a text, one or several after another; places count from `offset`.

    Raises DocumentUnreadable for what is no JSON, for nesting beyond the limit, and for more than `most` values.
    """
    reader = _Reader(text, offset, most)
    documents: list[Node] = []
    while not reader.at_end():
        documents.append(reader.value(0))
    return documents


class _Reader:
    def __init__(self, text: str, offset: int, most: int) -> None:
        self._text, self._offset, self._most = text, offset, most
        self._position = 0
        self._count = 0

    def at_end(self) -> bool:
        self._skip()
        return self._position >= len(self._text)

    def value(self, depth: int) -> Node:
        self._count += 1
        if depth > MAX_DEPTH or self._count > self._most:
            raise TooLarge(f"nests deeper than {MAX_DEPTH} levels or holds more than {self._most:,} values")
        self._skip()
        start = self._position
        match self._text[start : start + 1]:
            case "{":
                node = self._map(depth)
            case "[":
                node = self._list(depth)
            case '"':
                node = self._string()
            case _:
                found = _LITERAL.match(self._text, start)
                if found is None:
                    raise self._broken()
                self._position = found.end()
                node = Node(Shape.SCALAR, start, found.end(), "" if found[0] == "null" else found[0])
        node.start, node.end = start + self._offset, self._position + self._offset
        return node

    def _map(self, depth: int) -> Node:
        node = Node(Shape.MAP, 0, 0)
        self._position += 1
        while not self._closed("}", first=not node.pairs):
            if self._text[self._position : self._position + 1] != '"':
                raise self._broken()
            key = self.value(depth + 1)
            self._skip()
            if self._text[self._position : self._position + 1] != ":":
                raise self._broken()
            self._position += 1
            node.pairs.append((key, self.value(depth + 1)))
        return node

    def _list(self, depth: int) -> Node:
        node = Node(Shape.LIST, 0, 0)
        self._position += 1
        while not self._closed("]", first=not node.members):
            node.members.append(self.value(depth + 1))
        return node

    def _string(self) -> Node:
        try:
            value, self._position = _DECODER.raw_decode(self._text, self._position)
        except json.JSONDecodeError as error:
            raise self._broken() from error
        # A lone surrogate is no character, and no store takes it.
        return Node(Shape.SCALAR, 0, 0, value.encode("utf-8", "replace").decode("utf-8"))

    def _closed(self, sign: str, *, first: bool) -> bool:
        """Step over the comma between two entries; True, stepping over it, at the closing sign."""
        self._skip()
        here = self._text[self._position : self._position + 1]
        if here == sign:
            self._position += 1
            return True
        if not first:
            if here != ",":
                raise self._broken()
            self._position += 1
            self._skip()
        return False

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._position)
        self._position = found.end() if found is not None else self._position

    def _broken(self) -> DocumentUnreadable:
        line = self._text.count("\n", 0, self._position) + 1
        return DocumentUnreadable(f"is no valid JSON in line {line}; correct it, or save it again")
