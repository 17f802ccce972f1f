"""Notion's blocks as Markdown: what a person reads on the page, without what Notion only draws."""

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import unquote, urlsplit, urlunsplit

from ingest.sources.notion_answers import Block, Property, RichText, bare, plain

Children = Callable[[Block], Sequence[Block]]
"""Returns the blocks inside a block."""

_DEEPEST = 30
_SITE = "https://www.notion.so"
_HEADINGS = {"heading_1": "#", "heading_2": "##", "heading_3": "###", "heading_4": "####"}
_ITEMS = frozenset({"bulleted_list_item", "numbered_list_item", "to_do"})
_BOXES = frozenset({"column_list", "column", "synced_block", "tab", "tab_item"})
_FILES = frozenset({"image", "video", "audio", "file", "pdf"})
_LINKS = frozenset({"bookmark", "embed", "link_preview"})
_DRAWN_ONLY = frozenset({"table_of_contents", "breadcrumb", "template", "table_row"})
_MEANT_OTHERWISE = re.compile(r"^(?=#{1,6}(?:\s|$)|[>|<]|[-+*](?:\s|$)|\d{1,9}[.)](?:\s|$)|```|~~~|---|===|:::)")


def render_blocks(blocks: Sequence[Block], children: Children, depth: int = 0) -> str:
    """Return blocks as Markdown; `children` is asked for what lies inside of those that have children."""
    if depth > _DEEPEST:
        return "(nested deeper than is read)"
    parts: list[str] = []
    number, before = 0, ""
    for block in blocks:
        number = number + 1 if block.type == "numbered_list_item" else 0
        text = _block(block, children, depth, number)
        if not text:
            continue
        loose = block.type not in _ITEMS or block.type != before or "\n\n" in text + parts[-1].lstrip("\n")
        parts.append(text if not parts else ("\n\n" if loose else "\n") + text)
        before = block.type
    return "".join(parts)


def render_text(texts: Iterable[RichText]) -> str:
    """Return a rich text as Markdown; struck-through words keep their mark, since they hold no longer."""
    return "\n".join(_MEANT_OTHERWISE.sub(r"\\", line.strip()) for line in _inline(texts).split("\n")).strip()


def property_value(value: Property) -> object:
    """Return the value of a property as front matter holds it; None where it is empty or says nothing."""
    match value.type:
        case "select" | "status":
            choice = value.select if value.type == "select" else value.status
            return choice.name if choice is not None else None
        case "multi_select" | "people":
            chosen = value.multi_select if value.type == "multi_select" else value.people
            return [one.name for one in chosen if one.name] or None
        case "date":
            return value.date.start if value.date is not None else None
        case "title" | "rich_text":
            return plain(value.title or value.rich_text) or None
        case "formula":
            return _result(value)
        case "number" | "checkbox" | "url" | "email":
            stated: object = getattr(value, value.type)
            return stated
    return None


def _block(block: Block, children: Children, depth: int, number: int) -> str:
    kind, content = block.type, block.content
    if kind in _ITEMS:
        return _item(block, children, depth, number)
    if kind in _HEADINGS:
        text = plain(content.rich_text)
        return _joined(f"{_HEADINGS[kind]} {text}" if text else "", _inside(block, children, depth))
    match kind:
        case "paragraph" | "toggle":
            return _joined(render_text(content.rich_text), _inside(block, children, depth))
        case "quote" | "callout":
            sign = content.icon.emoji if kind == "callout" and content.icon and content.icon.emoji else ""
            words = f"{sign} {render_text(content.rich_text)}".strip()
            return _prefixed(_joined(words, _inside(block, children, depth)), "> ")
        case "code":
            return _joined(_code(block), render_text(content.caption))
        case "table":
            return _table(children(block) if block.has_children else (), header=content.has_column_header)
        case "divider":
            return "---"
        case "equation":
            return f"$$\n{content.expression}\n$$" if content.expression else ""
    return _pointer(block) if kind in _FILES | _LINKS else _other(block, children, depth)


def _other(block: Block, children: Children, depth: int) -> str:
    content = block.content
    match block.type:
        case "child_page" | "child_database":
            return _link(content.title or "Untitled", f"{_SITE}/{bare(block.id)}")
        case "link_to_page":
            target = content.page_id or content.database_id
            return _link("Linked page", f"{_SITE}/{bare(target)}") if target else ""
        case kind if kind in _DRAWN_ONLY:
            return ""
        case kind if kind in _BOXES:
            return _inside(block, children, depth)
    if content.rich_text or block.has_children:
        return _joined(render_text(content.rich_text), _inside(block, children, depth))
    return f"(Here stands a Notion block that its API does not give: {block.type}.)"


def _inside(block: Block, children: Children, depth: int) -> str:
    return render_blocks(children(block), children, depth + 1) if block.has_children else ""


def _item(block: Block, children: Children, depth: int, number: int) -> str:
    if block.type == "numbered_list_item":
        marker = f"{number}. "
    elif block.type == "to_do":
        marker = "- [x] " if block.content.checked else "- [ ] "
    else:
        marker = "- "
    indent = " " * (2 if marker.startswith("-") else len(marker))
    own = render_text(block.content.rich_text).replace("\n", f"\n{indent}")
    inside = _inside(block, children, depth)
    if not inside:
        return (marker + own).rstrip()
    # A list may follow its item at once; anything else needs a blank line to be a block of its own.
    gap = "\n" if re.match(r"(?:[-*] |\d+\. )", inside) and "\n\n" not in inside else "\n\n"
    return f"{marker}{own}{gap}{_prefixed(inside, indent)}"


def _code(block: Block) -> str:
    code = "".join(text.plain_text for text in block.content.rich_text)
    language = re.sub(r"[^a-z0-9+#.-]", "-", (block.content.language or "").lower())
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
    return f"{fence}{'' if language == 'plain-text' else language}\n{code}\n{fence}" if code.strip() else ""


def _table(rows: Sequence[Block], *, header: bool) -> str:
    grid = [
        [_inline(cell).replace("\n", " ").replace("|", "\\|").strip() for cell in row.content.cells] for row in rows
    ]
    width = max((len(row) for row in grid), default=0)
    if not width:
        return ""
    if not header:
        grid.insert(0, [""] * width)
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in grid]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _pointer(block: Block) -> str:
    """Return a file, picture or bookmark as a link under its caption."""
    content = block.content
    caption = plain(content.caption)
    if block.type in _LINKS:
        return _link(caption or content.url or "", content.url or "")
    kept, elsewhere = content.file, content.external
    # The signed part of an address opens the file to whoever has it, and changes each time: it is left out.
    address = _unsigned(kept.url) if kept is not None else elsewhere.url if elsewhere is not None else ""
    name = caption or content.name or unquote(urlsplit(address).path.rsplit("/", 1)[-1]) or block.type
    return ("!" if block.type == "image" else "") + _link(name, address)


def _link(words: str, address: str) -> str:
    shown = words.replace("[", "(").replace("]", ")")
    return f"[{shown}]({address.replace(' ', '%20').replace(')', '%29')})" if address else shown


def _unsigned(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _inline(texts: Iterable[RichText]) -> str:
    return "".join(_run(text) for text in texts)


def _run(text: RichText) -> str:
    words = text.plain_text.replace("\0", "")
    core = words.strip()
    if not core:
        return words
    before, after = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
    if text.type == "equation":
        core = f"${core}$"
    elif text.annotations.code:
        core = f"`{core}`" if "`" not in core else f"`` {core} ``"
    if text.annotations.strikethrough:
        core = f"~~{core}~~"
    href = text.href or ""
    address = _SITE + href if href.startswith("/") else href
    if address.startswith(("https://", "http://")) and address.rstrip("/") != core.rstrip("/"):
        core = _link(core, address)
    return before + core + after


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join((prefix + line).rstrip() for line in text.split("\n")) if text else ""


def _result(value: Property) -> object:
    found = value.formula
    if found is None:
        return None
    day = found.date.start if found.date is not None else None
    return next((one for one in (found.string, found.number, found.boolean, day) if one is not None), None)
