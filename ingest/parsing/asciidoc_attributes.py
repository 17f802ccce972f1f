"""The attribute line above a block of AsciiDoc: its style, language and label."""

import re
from dataclasses import dataclass

_LINE = re.compile(r"^\[(?:\[[^\[\]]*\]|[^\[\]]*(?:\"[^\"]*\"[^\[\]]*)*)\][ \t]*$")
_LABELS = frozenset({"NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"})
_DIAGRAMS = frozenset({"mermaid", "plantuml", "graphviz", "ditaa", "blockdiag", "seqdiag", "vega", "dot"})
_CODE = frozenset({"source", "listing", "literal", "stem", "latexmath", "asciimath"})
_START = re.compile(r"\bstart\s*=\s*[\"']?(\d{1,6})")
_LANGUAGE = re.compile(r"^[\w+#.-]+$")


@dataclass(frozen=True, slots=True)
class BlockAttributes:
    """What the attribute lines above a block state; `raw` is all of them."""

    raw: str = ""

    @classmethod
    def of(cls, line: str) -> "BlockAttributes | None":
        """Return the attributes of an attribute or anchor line, None for any other line."""
        if not line.startswith("[") or _LINE.match(line) is None:
            return None
        inner = line.strip()[1:-1]
        return cls("" if inner.startswith("[") else inner)

    def plus(self, other: "BlockAttributes") -> "BlockAttributes":
        """Return both lines together."""
        return BlockAttributes(",".join(filter(None, (self.raw, other.raw))))

    @property
    def style(self) -> str:
        """The block's style (`source`, `quote`, `NOTE`), "" where none is stated."""
        return re.split(r"[#.%,]", self.raw, maxsplit=1)[0].strip().strip("\"'")

    @property
    def label(self) -> str:
        """The label of an admonition, "" for other blocks."""
        return self.style.capitalize() if self.style in _LABELS else ""

    @property
    def start(self) -> int:
        """The number that an ordered list starts with."""
        found = _START.search(self.raw)
        return int(found.group(1)) if found else 1

    @property
    def code_language(self) -> str | None:
        """The language of a block of code, "" where it is not stated, None for other blocks."""
        style = self.style
        if style in _DIAGRAMS:
            return style
        parts = [part.strip().strip("\"'") for part in self.raw.split(",")]
        if style not in _CODE and not (not style and len(parts) > 1 and _LANGUAGE.match(parts[1])):
            return None
        named = next((part.partition("=")[2].strip("\"'") for part in parts if part.startswith("language=")), "")
        second = parts[1] if len(parts) > 1 and _LANGUAGE.match(parts[1]) and style in ("source", "") else ""
        return named or second
