"""The markers of AsciiDoc's lists: bullets, numbers and terms."""

import re
from dataclasses import dataclass

_BULLET = re.compile(r"^[ \t]*(\*{1,6}|-|•)[ \t]+(?=\S)(?:\[[ xX*]\][ \t]+)?(.*)$")
_DOTS = re.compile(r"^[ \t]*(\.{1,6})[ \t]+(?=\S)(.*)$")
_NUMBER = re.compile(r"^[ \t]*(\d{1,6})\.[ \t]+(?=\S)(.*)$")
_LETTER = re.compile(r"^[ \t]*([a-z]|[A-Z])\.[ \t]+(?=\S)(.*)$")
_TERM = re.compile(r"^[ \t]*(?![/\[])(\S(?:.{0,300}?\S)?)(:{2,4}|;;)(?:[ \t]+(.*))?$")


@dataclass(frozen=True, slots=True)
class ItemMarker:
    """The start of a list item; items of one `kind` belong to one list, another kind nests a list."""

    kind: str
    text: str
    ordered: bool = False
    number: int | None = None
    term: str = ""


def marker_of(line: str) -> ItemMarker | None:
    """Return the marker that `line` starts with, None where it starts no item."""
    if found := _BULLET.match(line):
        return ItemMarker(found.group(1), found.group(2))
    if found := _DOTS.match(line):
        return ItemMarker(found.group(1), found.group(2), ordered=True)
    if found := _NUMBER.match(line):
        return ItemMarker("1.", found.group(2), ordered=True, number=int(found.group(1)))
    if found := _LETTER.match(line):
        return ItemMarker("a." if found.group(1).islower() else "A.", found.group(2), ordered=True)
    if found := _TERM.match(line):
        return ItemMarker(found.group(2), (found.group(3) or "").strip(), term=found.group(1))
    return None
