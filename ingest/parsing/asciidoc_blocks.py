"""The blocks of AsciiDoc as Markdown-like blocks: sections, delimited blocks, paragraphs and lists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.parsing.asciidoc_attributes import BlockAttributes
from ingest.parsing.asciidoc_inline import inline, picture
from ingest.parsing.asciidoc_markers import ItemMarker, marker_of
from ingest.parsing.asciidoc_tables import table_rows
from ingest.parsing.rendered import code_block, heading, list_item, paragraph, quote, table

_SECTION = re.compile(r"^(={1,6}|#{1,6})[ \t]+(\S.*?)(?:[ \t]+\1)?[ \t]*$")
_UNDERLINE = re.compile(r"^([=\-~^+])\1{3,}[ \t]*$")
_UNDERLINE_LEVELS = {"=": 1, "-": 2, "~": 3, "^": 4, "+": 5}
_DELIMITER = re.compile(
    r"^(?:(?P<marks>-{4,}|\.{4,}|={4,}|\*{4,}|_{4,}|\+{4,}|--|~{4,}|[|,:!]={3,})"
    r"|(?P<ticks>`{3,})[ \t]*([\w+#-]*))[ \t]*$"
)
_LABEL = re.compile(r"^(NOTE|TIP|IMPORTANT|WARNING|CAUTION):[ \t]+(?=\S)")
_BLOCK_MACRO = re.compile(r"^([a-z][\w-]*)::(\S*?)\[(.*)\][ \t]*$")
_TITLE = re.compile(r"^\.(?![. \t])(\S.*)$")
_RULE = re.compile(r"^(?:'{3,}|<{3,})[ \t]*$")
_CALLOUT = re.compile(r"(?:[ \t]*(?:(?:#|//|;;)[ \t]*)?(?:<(?:\d+|\.)>|<!--(?:\d+|\.)-->))+[ \t]*$")
_CALLOUT_ITEM = re.compile(r"^<(\d+|\.)>[ \t]+(\S.*)$")
_DEEPEST = 30


@dataclass(slots=True)
class BlockWriter:
    """Writes the blocks of a stretch of lines; `depth` counts the blocks around it."""

    lines: Sequence[str]
    depth: int = 0
    at: int = 0
    _attributes: BlockAttributes = field(default_factory=BlockAttributes)
    _title: str = ""

    def blocks(self) -> list[str]:
        """Return all blocks, in order."""
        found: list[str] = []
        while self._skip_blank():
            found += self._block()
        return [block for block in found if block.strip()]

    def _skip_blank(self) -> bool:
        while self.at < len(self.lines) and self.lines[self.at].strip() in ("", "+"):
            self.at += 1
        return self.at < len(self.lines)

    def _block(self) -> list[str]:
        """Return the block at the current line with its title; attribute lines before it give nothing."""
        line = self.lines[self.at]
        stated = BlockAttributes.of(line)
        if stated is not None:
            self._attributes = self._attributes.plus(stated)
            self.at += 1
            return []
        title = _TITLE.match(line)
        if title is not None:
            self._title = inline(title.group(1))
            self.at += 1
            return []
        attributes, name = self._attributes, self._title
        self._attributes, self._title = BlockAttributes(), ""
        found = self._bare(line, attributes)
        return [paragraph(f"**{name}**"), *found] if name and found else found

    def _bare(self, line: str, attributes: BlockAttributes) -> list[str]:
        delimiter = _DELIMITER.match(line)
        section = _SECTION.match(line)
        macro = _BLOCK_MACRO.match(line)
        if delimiter is not None:
            return self._delimited(delimiter, attributes)
        if section is not None and (self.depth == 0 or attributes.style in ("discrete", "float")):
            self.at += 1
            return [heading(len(section.group(1)), inline(section.group(2)))]
        if _RULE.match(line):
            self.at += 1
            return []
        if macro is not None:
            self.at += 1
            return [picture(macro.group(2), macro.group(3))] if macro.group(1) == "image" else []
        marker = marker_of(line)
        if marker is not None and attributes.code_language is None:
            return [self._list(marker, attributes.start, ())]
        if _CALLOUT_ITEM.match(line):
            return [self._callouts()]
        return self._paragraph(attributes)

    def _delimited(self, delimiter: re.Match[str], attributes: BlockAttributes) -> list[str]:
        marks = delimiter.group("marks") or delimiter.group("ticks")
        self.at += 1
        start = self.at
        while self.at < len(self.lines) and self.lines[self.at].rstrip() != marks:
            self.at += 1
        inner = self.lines[start : self.at]
        self.at += 1
        kind = marks[0] if marks != "--" else "open"
        if kind == "+":
            return []
        if marks.endswith("==") and kind in "|,:!":
            return [table(table_rows(inner, attributes.raw, marks))]
        if kind in "-.`~" and marks != "--":
            return _code(inner, attributes.code_language or delimiter.group(3) or "")
        if kind == "open" and attributes.code_language is not None:
            return _code(inner, attributes.code_language)
        if attributes.style == "verse":
            return [quote([paragraph(inline("\n".join(inner)))])]
        if self.depth >= _DEEPEST:
            return [paragraph(inline("\n".join(inner)))]
        blocks = BlockWriter(inner, self.depth + 1).blocks()
        if attributes.label:
            return [quote([f"**{attributes.label}**", *blocks])] if blocks else []
        return [quote(blocks)] if kind == "_" and blocks else blocks

    def _paragraph(self, attributes: BlockAttributes) -> list[str]:
        if self.depth == 0 and (underlined := self._underlined()):
            return [underlined]
        start = self.at
        self.at += 1
        while self.at < len(self.lines) and not self._ends_paragraph(self.lines[self.at]):
            self.at += 1
        lines = list(self.lines[start : self.at])
        language = attributes.code_language
        if language is not None or (lines[0][0] in " \t" and not attributes.style):
            return _code(lines, language or "")
        text = "\n".join(lines)
        label = _LABEL.match(text)
        if label is not None or attributes.label:
            name = label.group(1).capitalize() if label else attributes.label
            return [quote([paragraph(f"**{name}:** {inline(text[label.end() if label else 0 :])}")])]
        if attributes.style == "pass":
            return []
        block = paragraph(inline(text))
        return [quote([block])] if attributes.style in ("quote", "verse") else [block]

    def _ends_paragraph(self, line: str) -> bool:
        return (
            line.strip() in ("", "+")
            or _DELIMITER.match(line) is not None
            or BlockAttributes.of(line) is not None
            or _BLOCK_MACRO.match(line) is not None
        )

    def _underlined(self) -> str:
        """Return a heading in the older style, a line of text over a line of marks of its length."""
        line, below = self.lines[self.at].rstrip(), "".join(self.lines[self.at + 1 : self.at + 2]).rstrip()
        marks = _UNDERLINE.match(below)
        if marks is None or abs(len(below) - len(line)) > 1 or line[:1] in " \t." or line[-1] in ".:;,":
            return ""
        self.at += 2
        return heading(_UNDERLINE_LEVELS[marks.group(1)], inline(line))

    def _list(self, marker: ItemMarker, start: int, outer: tuple[str, ...]) -> str:
        """Return the list that begins at the current line; `outer` are the kinds of the lists around it."""
        items: list[str] = []
        number = marker.number or start
        found: ItemMarker | None = marker
        while found is not None and found.kind == marker.kind:
            self.at += 1
            blocks = [*self._item_text(found), *self._attached((*outer, marker.kind))]
            items.append(list_item(f"{number}." if marker.ordered else "-", blocks or [""]))
            number += 1
            found = self._next_marker()
        loose = any("\n\n" in item for item in items)
        return ("\n\n" if loose else "\n").join(items)

    def _item_text(self, marker: ItemMarker) -> list[str]:
        lines = [marker.text] if marker.text else []
        if marker.term and not lines and self._skips_to_text():
            lines = [self.lines[self.at].strip()]
            self.at += 1
        while lines and self.at < len(self.lines) and not self._ends_item(self.lines[self.at]):
            lines.append(self.lines[self.at].strip())
            self.at += 1
        text = inline("\n".join(lines))
        if marker.term:
            text = f"**{inline(marker.term)}**: {text}" if text else f"**{inline(marker.term)}**"
        return [paragraph(text)] if text.strip() else []

    def _skips_to_text(self) -> bool:
        """Move over blank lines to the definition of a term, where one follows."""
        ahead = self.at
        while ahead < len(self.lines) and not self.lines[ahead].strip():
            ahead += 1
        if ahead >= len(self.lines) or self._ends_item(self.lines[ahead]) or _SECTION.match(self.lines[ahead]):
            return False
        self.at = ahead
        return True

    def _ends_item(self, line: str) -> bool:
        return self._ends_paragraph(line) or marker_of(line) is not None or _TITLE.match(line) is not None

    def _attached(self, kinds: tuple[str, ...]) -> list[str]:
        """Return what belongs to an item: deeper lists, and blocks after a `+`."""
        found: list[str] = []
        while self.at < len(self.lines):
            place = self._content()
            marker = marker_of(self.lines[place]) if place >= 0 else None
            if marker is not None and marker.kind not in kinds and self.depth + len(kinds) < _DEEPEST:
                self.at = place
                found.append(self._list(marker, 1, kinds))
            elif place >= 0 and self.lines[place].strip() == "+" and (place == self.at or len(kinds) == 1):
                self.at = place + 1
                found += self._one_block()
            elif found and place >= 0 and _CALLOUT_ITEM.match(self.lines[place]):
                self.at = place
                found.append(self._callouts())
            else:
                return found  # a blank line before the mark hands the block to the list around this one
        return found

    def _one_block(self) -> list[str]:
        """Return the next block with the attribute lines and title before it."""
        while self.at < len(self.lines) and self.lines[self.at].strip() not in ("", "+"):
            if marker_of(self.lines[self.at]) is not None and self._attributes.code_language is None:
                return []  # a list after the mark is read as the lists without one are
            before = self.at
            found = self._block()
            if found or self.at == before:
                return found
        return []

    def _content(self) -> int:
        """Return the next line that is not blank, -1 where there is none."""
        return next((number for number in range(self.at, len(self.lines)) if self.lines[number].strip()), -1)

    def _next_marker(self) -> ItemMarker | None:
        place = self._content()
        if place < 0:
            return None
        marker = marker_of(self.lines[place])
        if marker is not None:
            self.at = place
        return marker

    def _callouts(self) -> str:
        """Return the notes to marks in code; they are no steps, so they become items that name their mark."""
        items: list[str] = []
        while self.at < len(self.lines) and (found := _CALLOUT_ITEM.match(self.lines[self.at])):
            number = found.group(1) if found.group(1) != "." else str(len(items) + 1)
            self.at += 1
            lines = [found.group(2)]
            while self.at < len(self.lines) and not (
                self._ends_item(self.lines[self.at]) or _CALLOUT_ITEM.match(self.lines[self.at])
            ):
                lines.append(self.lines[self.at].strip())
                self.at += 1
            items.append(list_item("-", [paragraph(f"({number}) {inline(' '.join(lines))}")]))
        return "\n".join(items)


def _code(lines: Sequence[str], language: str) -> list[str]:
    """Return a block of code without the marks that notes below it refer to."""
    text = "\n".join(_CALLOUT.sub("", line) for line in lines)
    if not text.strip():
        return []
    indent = min((len(line) - len(line.lstrip()) for line in text.split("\n") if line.strip()), default=0)
    return [code_block("\n".join(line[indent:] for line in text.split("\n")), language)]
