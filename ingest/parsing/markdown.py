"""Markdown to sections and blocks with exact character and line spans, straight from the raw text.

Block structure comes from markdown-it-py (CommonMark plus tables), whose tokens carry line ranges; the
text itself is never rewritten, so that every span can be cited.
"""

import itertools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import yaml

from ingest.knowledge.documents import Block, BlockKind, ParsedText, Section
from ingest.knowledge.spans import LineIndex
from ingest.parsing.markdown_dialects import View, has_dialect, view
from ingest.parsing.markdown_markup import with_markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A\ufeff?(---|\+\+\+)[ \t]*\n(.*?)^\1[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_HEADING_NOISE = re.compile(r"\s*\{[#:.][^}]*\}\s*$|\s+#+\s*$|<[^>]+>|\{\{[^}]*\}\}")
_HEADING_TAG = re.compile(r"^\s*\{\{[<%][^}]*\"([^\"}]+)\"[^}]*\}\}\s*$")
_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?")
_EMPHASIS = re.compile(r"(\*\*|__|`+|~~)(.+?)\1")
_LEAF_KINDS = {
    "paragraph_open": BlockKind.PARAGRAPH,
    "fence": BlockKind.CODE,
    "code_block": BlockKind.CODE,
    "html_block": BlockKind.HTML,
    "blockquote_open": BlockKind.QUOTE,
}


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    start: int


def parse_markdown(text: str) -> ParsedText:
    """Split `text` into sections of blocks; offsets count in `text`, which is returned unchanged.

    Front matter (YAML between `---`, TOML between `+++`) becomes metadata and belongs to no section.
    """
    front = _FRONT_MATTER.match(text)
    body = front.end() if front else 0
    metadata, warnings = _front_matter(front.group(1), front.group(2)) if front else ({}, ())
    lines = LineIndex.of(text)
    headings, blocks = _read_blocks(text, body, lines)
    sections = tuple(_sections(text, body, lines, headings, blocks))
    return ParsedText(text, sections, _title(metadata, headings), metadata, warnings)


def plain_heading(raw: str) -> str:
    """Return the words of a heading without anchors, links, emphasis or shortcodes."""
    named = _HEADING_TAG.match(raw)
    text = named.group(1) if named else _HEADING_NOISE.sub("", raw)
    text = _LINK.sub(r"\1", text)
    text = _EMPHASIS.sub(r"\2", text)
    return " ".join(text.split())


def _front_matter(fence: str, raw: str) -> tuple[dict[str, object], tuple[str, ...]]:
    try:
        loaded = tomllib.loads(raw) if fence == "+++" else yaml.safe_load(raw)
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        return {}, (f"front matter could not be read and was left out: {reason}",)
    if loaded is None:
        return {}, ()
    if not isinstance(loaded, dict):
        return {}, (f"front matter is a {type(loaded).__name__}, not a mapping, and was left out",)
    return {str(key): value for key, value in loaded.items()}, ()


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # Inline rules are off: only block structure is needed, and it halves the time.
    return MarkdownIt("commonmark", {"maxNesting": 40}).enable("table").disable(["inline", "text_join"])


def _read_blocks(text: str, body: int, lines: LineIndex) -> tuple[list[_Heading], list[Block]]:
    """Return top-level headings and all blocks (containers before their content), in document order."""
    first_line = lines.line_of(body) - 1 if body < len(text) else len(lines.starts)
    source = text[body:].replace("\x00", "\ufffd")
    seen = _view(source)
    headings: list[_Heading] = []
    blocks: list[Block] = []
    containers: list[str] = []
    depth = 0
    in_header = False
    tokens = _parser().parse(seen.text)
    for position, token in enumerate(tokens):
        if token.type in ("ordered_list_open", "bullet_list_open"):
            containers.append(token.type)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            containers.pop()
        elif token.type == "thead_open":
            in_header = True
        elif token.type == "thead_close":
            in_header = False
        kind = _kind_of(token, containers, in_header=in_header)
        if kind is not None and token.map is not None and not token.hidden:
            first, last = seen.own_lines(token.map[0], token.map[1], is_code=kind is BlockKind.CODE)
            block = _block(text, lines, kind, first_line + first, first_line + last, depth)
            is_markup = kind is BlockKind.HTML and token.map[0] in seen.markup
            if block.span.end > block.span.start and not is_markup:
                blocks.append(block)
                if kind is BlockKind.HEADING and token.level == 0:
                    level = int(token.tag[1])
                    raw = tokens[position + 1].content
                    headings.append(_Heading(level, plain_heading(raw), block.span.start))
        if token.type in ("list_item_open", "blockquote_open"):
            depth += 1
        elif token.type in ("list_item_close", "blockquote_close"):
            depth -= 1
    return headings, with_markup(text, body, lines, blocks, seen)


def _view(source: str) -> View:
    if not has_dialect(source):
        return View(source)
    code = {
        line
        for token in _parser().parse(source)
        if token.type == "code_block" and token.map is not None
        for line in range(*token.map)
    }
    return view(source, code)


def _kind_of(token: "Token", containers: list[str], *, in_header: bool) -> BlockKind | None:
    if token.type == "heading_open":
        return BlockKind.HEADING
    if token.type == "list_item_open":
        return BlockKind.STEP if containers[-1] == "ordered_list_open" else BlockKind.ITEM
    if token.type == "tr_open":
        return BlockKind.TABLE_HEADER if in_header else BlockKind.TABLE_ROW
    return _LEAF_KINDS.get(token.type)


def _block(text: str, lines: LineIndex, kind: BlockKind, first: int, last: int, depth: int) -> Block:
    """Return the block on lines `[first, last)` (from 0), without the white space around it."""
    start, end = lines.start_of(first + 1), lines.start_of(last + 1)
    raw = text[start:end]
    if kind is not BlockKind.CODE:
        start += len(raw) - len(raw.lstrip())
    end -= len(raw) - len(raw.rstrip())
    return Block(kind, lines.span(start, max(start, end)), depth)


def _sections(
    text: str, body: int, lines: LineIndex, headings: list[_Heading], blocks: list[Block]
) -> Iterator[Section]:
    """Cut the document at its top-level headings; white space at a section's ends is left out."""
    bounds = [body, *(heading.start for heading in headings), len(text)]
    stack: list[_Heading] = []
    cursor = 0
    for number, (start, stop) in enumerate(itertools.pairwise(bounds)):
        if number:
            heading = headings[number - 1]
            stack = [outer for outer in stack if outer.level < heading.level]
            stack.append(heading)
        own: list[Block] = []
        while cursor < len(blocks) and blocks[cursor].span.start < stop:
            own.append(blocks[cursor])
            cursor += 1
        end = start + len(text[start:stop].rstrip())
        if own and end > start:
            path = tuple(heading.text for heading in stack if heading.text)
            yield Section(path, lines.span(own[0].span.start, end), tuple(own))


def _title(metadata: dict[str, object], headings: list[_Heading]) -> str | None:
    stated = metadata.get("title")
    if isinstance(stated, str) and stated.strip():
        return " ".join(stated.split())
    return next((heading.text for heading in headings if heading.text), None)
