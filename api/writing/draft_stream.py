"""Statements out of a model's stream, each as soon as it is whole, whatever stands around them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from api.writing.drafts import Draft

MAX_CHARACTERS = 200_000
"""Of a completion no more than this is read."""

_MAX_STATEMENT = 24_000
_MAX_DEPTH = 12
_INSUFFICIENT = re.compile(r'"insufficient"\s*:\s*(true|false)')
_MISSING = re.compile(r'"missing"\s*:\s*(\[[^\[\]{}]{0,4000}\])')
_KEY = re.compile(r'"([^"\\]{1,40})"\s*:\s*\Z')
_LOOK_BACK = 60


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of the stream that is no statement, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around the statements; `seen` tells whether there was any of it."""

    seen: bool
    insufficient: bool
    missing: tuple[str, ...]


@dataclass(slots=True)
class _Open:
    """A bracket that is still open.

    `statements` says that it is the array that holds them, `keyed` that its key said so.
    """

    bracket: str
    start: int
    statements: bool = False
    keyed: bool = False


@dataclass(slots=True)
class DraftStream:
    """Read a completion piece by piece. Prose and code fences before, between and after JSON are passed over."""

    _text: str = ""
    _position: int = 0
    _stack: list[_Open] = field(default_factory=list)
    _in_string: bool = False
    _escaped: bool = False
    _outside: list[str] = field(default_factory=list)
    _outside_from: int = 0
    _seen: bool = False

    @property
    def full(self) -> bool:
        """Whether as much was read as ever will be."""
        return len(self._text) >= MAX_CHARACTERS

    @property
    def text(self) -> str:
        """All that was read."""
        return self._text

    def feed(self, piece: str) -> Iterator[Draft | Unreadable]:
        """Yield what the stream now holds beyond what was yielded before."""
        self._text = (self._text + piece)[:MAX_CHARACTERS]
        while self._position < len(self._text):
            character = self._text[self._position]
            self._position += 1
            if self._in_string:
                self._inside_string(character)
            elif character == '"' and self._stack:
                self._in_string = True
            elif character in "{[":
                self._open(character)
            elif character in "}]" and self._stack:
                yield from self._close()

    def finish(self) -> Iterator[Unreadable]:
        """Yield the statement that the stream broke off in, if any."""
        cut = next((one for inside, one in self._nested() if inside.statements and one.bracket == "{"), None)
        if cut is not None:
            yield Unreadable(self._text[cut.start : cut.start + 400], "the model's text broke off inside this sentence")

    def envelope(self) -> Envelope:
        """Return what the model said beside its statements."""
        skeleton = "".join([*self._outside, self._text[self._outside_from :]])
        insufficient = [found.group(1) for found in _INSUFFICIENT.finditer(skeleton)]
        missing: list[str] = []
        for found in _MISSING.finditer(skeleton):
            missing += _strings(found.group(1))
        seen = self._seen or bool(insufficient)
        return Envelope(seen, bool(insufficient) and insufficient[-1] == "true", tuple(missing[:10]))

    def _inside_string(self, character: str) -> None:
        if self._escaped:
            self._escaped = False
        elif character == "\\":
            self._escaped = True
        elif character == '"':
            self._in_string = False

    def _open(self, bracket: str) -> None:
        start = self._position - 1
        holds = bracket == "[" and self._is_statements(start)
        if bracket == "{" and self._stack and self._stack[-1].statements:
            self._outside.append(self._text[self._outside_from : start])
        self._stack.append(_Open(bracket, start, holds, keyed=holds and bool(self._stack)))

    def _close(self) -> Iterator[Draft | Unreadable]:
        opened = self._stack.pop()
        if opened.bracket == "{" and self._stack and self._stack[-1].statements:
            self._outside_from, self._seen = self._position, True
            yield _draft(self._text[opened.start : self._position])
        elif opened.bracket == "{" and not self._stack and not self._seen:
            # Some models write one object a line, with no array around them.
            alone = _draft(self._text[opened.start : self._position])
            if isinstance(alone, Draft):
                yield alone

    def _is_statements(self, start: int) -> bool:
        """Whether the array that opens at `start` holds the statements: by its key, or as the whole of the answer."""
        key = _KEY.search(self._text[max(0, start - _LOOK_BACK) : start])
        if key is None:
            return not self._stack and not self._seen
        if key.group(1) != "statements" or any(one.keyed for one in self._stack):
            return False
        for one in self._stack:
            one.statements = False  # a bracket of the prose before it was taken for the array
        self._seen = True
        return True

    def _nested(self) -> Iterator[tuple[_Open, _Open]]:
        return zip(self._stack, self._stack[1:], strict=False)


def _draft(text: str) -> Draft | Unreadable:
    if len(text) > _MAX_STATEMENT:
        return Unreadable(text[:400], f"it has {len(text):,} characters, at most {_MAX_STATEMENT:,} are read")
    if _depth(text) > _MAX_DEPTH:
        return Unreadable(text[:400], "it is nested deeper than a statement can be")
    try:
        # Line breaks inside a string are no JSON, and no harm either.
        loaded = json.loads(text, strict=False, object_pairs_hook=_unique)
        return Draft.model_validate(loaded)
    except _SaidTwice as error:
        return Unreadable(text[:400], f"it states {error.key!r} twice")
    except ValidationError as error:
        first = error.errors()[0]
        return Unreadable(text[:400], f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}")
    except ValueError as error:
        return Unreadable(text[:400], f"it is not JSON ({error})")


class _SaidTwice(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that states a key twice: which of the two was meant is anybody's guess."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _SaidTwice(key)
        found[key] = value
    return found


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        depth += (character in "{[") - (character in "}]")
        deepest = max(deepest, depth)
    return deepest


def _strings(array: str) -> list[str]:
    try:
        loaded = json.loads(array, strict=False)
    except ValueError:
        return []
    return [one[:200] for one in loaded if isinstance(one, str)]
