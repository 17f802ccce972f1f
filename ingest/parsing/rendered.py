"""The Markdown-like text that other formats are rendered into, and the blocks that it is built from.

A renderer returns `Rendered`; its text is then split by the Markdown parser, so that every format ends
in the same sections and blocks, with offsets into one text that a citation can point at.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

_ODD_SPACE = re.compile(r"[\u200b\u2060\ufeff\u00ad]")
_MARKUP_AT_LINE_START = re.compile(r"^(?=#{1,6}(?:\s|$)|<[A-Za-z/!?]|```|~~~)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document as Markdown-like text.

    `page_starts` holds, for paged formats, the offset in `text` at which each page starts (a page
    without text starts where the next one does); it is empty for all others.
    """

    text: str
    title: str | None = None
    page_starts: tuple[int, ...] = ()
    metadata: dict[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One item of a list: its nesting depth from 0, its marker (`-` or `3.`) and its text."""

    depth: int
    marker: str
    text: str


def words(text: str) -> str:
    """Return `text` on one line: white space folded to single blanks, invisible characters removed."""
    return " ".join(_ODD_SPACE.sub("", text).split())


def heading(level: int, text: str) -> str:
    """Render a heading; levels beyond 6 become 6."""
    return f"{'#' * min(max(level, 1), 6)} {words(text)}"


def paragraph(text: str) -> str:
    """Render a paragraph; line breaks in `text` stay, and markup at a line's start is escaped."""
    lines = (words(line) for line in text.split("\n"))
    return _MARKUP_AT_LINE_START.sub(r"\\", "\n".join(line for line in lines if line))


def code_block(code: str, language: str = "") -> str:
    """Render a fenced block, the fence longer than any run of backticks within."""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    body = "\n".join(line.rstrip() for line in code.replace("\r", "").split("\n")).strip("\n")
    return f"{fence}{language}\n{body}\n{fence}"


def inline_code(code: str) -> str:
    """Render words in backticks; nothing for blank ones, bare where they hold backticks themselves."""
    folded = words(code)
    return f"`{folded}`" if folded and "`" not in folded else folded


def table(rows: Iterable[Sequence[str]]) -> str:
    """Render a pipe table whose first row is the header; short rows are filled up."""
    cells = [[_cell(text) for text in row] for row in rows]
    cells = [row for row in cells if any(row)]
    if not cells:
        return ""
    columns = list(zip_longest(*cells, fillvalue=""))
    header, *body = ["| " + " | ".join(row) + " |" for row in zip(*columns, strict=True)]
    return "\n".join([header, "|" + " --- |" * len(columns), *body])


def list_item(marker: str, blocks: Sequence[str]) -> str:
    """Render one item; every block after the first is set apart by a blank line unless it is a list."""
    indent = " " * (len(marker) + 1)
    parts: list[str] = []
    for block in blocks:
        if parts and not _is_list(block):
            parts.append("")
        parts.extend(block.split("\n"))
    return f"{marker} " + "\n".join(indent + line if line else "" for line in parts).lstrip(" ")


def list_block(entries: Sequence[ListEntry]) -> str:
    """Render items as one list, nested by depth; a depth that skips levels nests one level only."""
    lines: list[str] = []
    open_items: list[tuple[int, int]] = []  # depth, and the column at which the item's text starts
    for entry in entries:
        while open_items and open_items[-1][0] >= entry.depth:
            open_items.pop()
        column = open_items[-1][1] if open_items else 0
        own = column + len(entry.marker) + 1
        open_items.append((entry.depth, own))
        text = paragraph(entry.text).replace("\n", "\n" + " " * own)
        lines.append(f"{' ' * column}{entry.marker} {text}")
    return "\n".join(lines)


def quote(blocks: Sequence[str]) -> str:
    """Render blocks as a block quote."""
    return "\n".join(f"> {line}".rstrip() for line in join(blocks).split("\n"))


def join(blocks: Iterable[str]) -> str:
    """Return the blocks with one blank line between them, without empty ones."""
    return "\n\n".join(block for block in blocks if block.strip())


def _cell(text: str) -> str:
    return words(text).replace("\\|", "|").replace("|", "\\|")


def _is_list(block: str) -> bool:
    return re.match(r"(?:[-*+]|\d{1,9}[.)])\s", block) is not None
