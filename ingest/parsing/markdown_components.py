"""MDX in Markdown: import and export lines and the tags of components, which are no content."""

import re
from dataclasses import dataclass

_MODULE = re.compile(
    r"^(?:import[ \t]+(?:[\w*{][^;'\"`]*[ \t]from[ \t]+)?[\"'][^\"']+[\"'];?"
    r"|export[ \t]+(?:const|let|default|function)\b.*)[ \t]*$"
)
_CLOSING = re.compile(r"</([A-Z][\w.]*)[ \t]*>")
_SELF_CLOSING = re.compile(r"^[ \t]*<[A-Z][\w.]*(?:[ \t][^<>]*)?/>[ \t]*$")
_TAGS = re.compile(r"^[ \t]*(?:<(/?)([A-Z][\w.]*)(?:[ \t]+[^<>]*?)?(/?)>[ \t]*)+$")
_TAG = re.compile(r"<(/?)([A-Z][\w.]*)[^<>]*?(/?)>")
_EXPRESSION = re.compile(r"^[ \t]*\{/\*.*\*/\}[ \t]*$")
_ANY = re.compile(r"^[ \t]*</?[A-Z]|^(?:import|export)[ \t]|^[ \t]*\{/\*", re.MULTILINE)
_CODE_INDENT = 4


def has_components(text: str) -> bool:
    """Tell whether `text` may hold MDX."""
    return _ANY.search(text) is not None


@dataclass(slots=True)
class ComponentReader:
    """Tells lines of components from text; `open` are the components around the current line.

    A tag counts only where the document also closes it: `<Name of the host>` is a placeholder that people
    write in commands. `shift` is by how much the content of the components is indented.
    """

    closed: frozenset[str]
    open: list[str]
    shift: int = 0

    @classmethod
    def of(cls, text: str) -> "ComponentReader":
        """Prepare for the lines of `text`, in order."""
        return cls(frozenset(_CLOSING.findall(text)), [])

    def is_markup(self, line: str, before: str) -> bool:
        """Tell whether `line`, after the line `before` and outside of code, is markup only."""
        if _EXPRESSION.match(line) or (_MODULE.match(line) and (not before.strip() or _MODULE.match(before))):
            return True
        indent = len(line) - len(line.lstrip(" \t"))
        if "<" not in line or (indent >= _CODE_INDENT and not self.open) or not self._is_tag(line):
            self._measure(line, indent)
            return False
        for found in _TAG.finditer(line):
            self._enter(found)
        return True

    def _is_tag(self, line: str) -> bool:
        if _SELF_CLOSING.match(line):
            return True
        return _TAGS.match(line) is not None and all(
            found.group(3) or found.group(2) in self.closed for found in _TAG.finditer(line)
        )

    def _enter(self, found: re.Match[str]) -> None:
        closes, name, is_empty = found.groups()
        if closes and name in self.open:
            while self.open.pop() != name:
                pass
            self.shift = self.shift if self.open else 0
        elif not closes and not is_empty:
            self.open.append(name)
            self.shift = 0

    def _measure(self, line: str, indent: int) -> None:
        # MDX knows no indented code: what is indented in a component is its content.
        if self.open and not self.shift and line.strip() and indent >= _CODE_INDENT:
            self.shift = indent
