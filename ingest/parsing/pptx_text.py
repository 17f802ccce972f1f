"""The paragraphs of a PPTX text frame as blocks: bullets, numbered steps, code and prose."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.parsing.docx import CODE_FONT
from ingest.parsing.rendered import ListEntry, code_block, list_block, paragraph, words

if TYPE_CHECKING:
    from pptx.text.text import TextFrame, _Paragraph

_TYPED_BULLET = re.compile(r"^\s*(?:[•●▪◦–*-]|(\d{1,3})[.)])\s+")


def text_blocks(frame: "TextFrame", *, bulleted: bool) -> list[str]:
    """Return the blocks of `frame`; `bulleted` tells that its paragraphs are bullets unless they say otherwise."""
    paragraphs = [found for found in frame.paragraphs if found.text.strip()]
    writer = _Writer(bulleted and len(paragraphs) > 1)
    for found in paragraphs:
        writer.add(found)
    return writer.finish()


@dataclass(slots=True)
class _Writer:
    bulleted: bool
    blocks: list[str] = field(default_factory=list)
    entries: list[ListEntry] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    counts: dict[int, int] = field(default_factory=dict)  # the last number given, by level

    def add(self, found: "_Paragraph") -> None:
        text = found.text.replace("\v", "\n")
        if _is_code(found):
            self._flush_entries()
            self.code.append(text)
            return
        self._flush_code()
        marker = self._marker(found)
        typed = _TYPED_BULLET.match(text) if marker is None else None
        if typed is not None:
            marker, text = f"{typed.group(1)}." if typed.group(1) else "-", text[typed.end() :]
        if marker is None:
            self._flush_entries()
            self.blocks.append(paragraph(text))
        elif words(text):
            self.entries.append(ListEntry(found.level, marker, text))

    def finish(self) -> list[str]:
        self._flush_entries()
        self._flush_code()
        return self.blocks

    def _marker(self, found: "_Paragraph") -> str | None:
        """Return the marker of a list item, None for other paragraphs."""
        numbered = found._p.xpath("./a:pPr/a:buAutoNum")
        level = found.level
        if numbered:
            start = int(numbered[0].get("startAt", "1"))
            self.counts = {deep: count for deep, count in self.counts.items() if deep <= level}
            self.counts[level] = self.counts.get(level, start - 1) + 1
            return f"{self.counts[level]}."
        self.counts = {deep: count for deep, count in self.counts.items() if deep < level}
        if found._p.xpath("./a:pPr/a:buNone"):
            return None
        return "-" if self.bulleted or level > 0 or found._p.xpath("./a:pPr/a:buChar | ./a:pPr/a:buBlip") else None

    def _flush_entries(self) -> None:
        if self.entries:
            self.blocks.append(list_block(self.entries))
            self.entries, self.counts = [], {}

    def _flush_code(self) -> None:
        if self.code:
            self.blocks.append(code_block("\n".join(self.code)))
            self.code = []


def _is_code(found: "_Paragraph") -> bool:
    runs = [run for run in found.runs if run.text.strip()]
    return bool(runs) and all(CODE_FONT.search(run.font.name or "") for run in runs)
