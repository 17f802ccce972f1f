"""Lists, code, tables and quotes of an HTML tree as Markdown-like blocks."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.parsing.rendered import (
    code_block,
    heading,
    inline_code,
    join,
    list_item,
    paragraph,
    quote,
    table,
    words,
)

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # lxml ships no hints

_LEFT_OUT = frozenset(
    [
        "script",
        "style",
        "nav",
        "template",
        "noscript",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "canvas",
        "audio",
        "video",
        "img",
        "picture",
        "map",
        "button",
        "input",
        "select",
        "textarea",
        "option",
        "datalist",
        "dialog",
        "head",
        "link",
        "meta",
        "base",
    ]
)
_LEFT_OUT_ROLES = frozenset({"navigation", "search", "contentinfo", "banner", "dialog"})
_LEFT_OUT_CLASSES = frozenset(
    ["linenos", "lineno", "linenodiv", "gutter", "headerlink", "anchor-link", "sr-only", "visually-hidden"]
)
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_INLINE_CODE = ("code", "kbd", "samp", "tt", "var")
_FORMATTING = (
    "span",
    "font",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "small",
    "big",
    "mark",
    "abbr",
    "cite",
    "q",
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_EXTRACTED = ("pre", "ol", "ul", "table", "dl", "blockquote")
_BLOCKS = frozenset((
    *_EXTRACTED, *_HEADINGS, "p", "div", "section", "article", "main", "aside", "header", "footer", "form",
    "figure", "figcaption", "details", "summary", "fieldset", "address", "center", "hr", "li", "dt", "dd",
))  # fmt: skip
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source|highlight|brush:)[-\s]*([a-z0-9+#]+)", re.IGNORECASE)
_SPAN_LIMIT = 50


def is_boilerplate(element: "HtmlElement") -> bool:
    """Return whether an element and its content are no part of the document's text."""
    tag, parent = element.tag, element.getparent()
    if not isinstance(tag, str) or tag in ("html", "body") or parent is None:
        return False
    if tag in _LEFT_OUT or element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return tag != "details"
    if element.get("role") in _LEFT_OUT_ROLES or (tag == "footer" and parent.tag == "body"):
        return True
    if _LEFT_OUT_CLASSES & set((element.get("class") or "").split()):
        return True
    return _HIDING_STYLE.search(element.get("style") or "") is not None


def replace_inline_markup(root: "HtmlElement") -> None:
    """Write inline code in backticks and outward links as Markdown links, in place."""
    for pre in root.iter("pre"):
        for line_break in list(pre.iter("br")):
            line_break.tail = "\n" + (line_break.tail or "")
            line_break.drop_tag()
    for element in list(root.iter(*_INLINE_CODE)):
        if not _is_inside(element, "pre") and not _has_blocks(element):
            _replace(element, inline_code(element.text_content()))
    for link in list(root.iter("a")):
        if _has_blocks(link) or _is_inside(link, "pre", *_HEADINGS):
            link.drop_tag()
        else:
            _replace(link, _link_text(link))


def flatten(root: "HtmlElement") -> None:
    """Unwrap formatting and boxes that hold one box only: pages without end tags nest them very deep."""
    for element in list(root.iter(*_FORMATTING)):
        if element is not root and not _has_blocks(element):
            element.drop_tag()
    for element in list(root.iter("div", "section", "span", "font", "center")):
        if element is not root and len(element) == 1 and not _own_text(element):
            element.drop_tag()


def depth_of(root: "HtmlElement") -> int:
    """Return how deep the elements of a tree nest."""
    deepest, level = 0, [root]
    while level:
        deepest += 1
        level = [child for element in level for child in element]
    return deepest


class DomRenderer:
    """Render the blocks that unstructured would flatten, and put numbered placeholders in their places."""

    def __init__(self) -> None:
        self._rendered: list[str] = []

    def extract(self, root: "HtmlElement") -> list[str]:
        """Replace each outermost list, code block, table and quote in `root`; return them rendered."""
        for element in list(root.iter(*_EXTRACTED)):
            if element is root or _is_detached(element, root):
                continue
            if _is_layout(element):
                continue
            block = join(_render(element))
            placeholder = element.makeelement("p")
            placeholder.text = f"\ue000{len(self._rendered)}\ue001"
            placeholder.tail = element.tail
            parent = element.getparent()
            if parent is not None:
                parent.replace(element, placeholder)
                self._rendered.append(block)
        _unwrap_layout(root)
        return self._rendered


def _is_detached(element: "HtmlElement", root: "HtmlElement") -> bool:
    return not any(ancestor is root for ancestor in element.iterancestors())


def _is_layout(element: "HtmlElement") -> bool:
    """Return whether a list or table only arranges the page: it holds headings or other tables."""
    if element.tag in ("pre", "blockquote", "dl"):
        return False
    if element.tag == "table" and element.get("role") == "presentation":
        return True
    arranged = (*_HEADINGS, "table") if element.tag == "table" else _HEADINGS
    inner = element.iterdescendants(*arranged)
    return any(found is not element for found in inner) or (element.tag == "table" and _columns(element) < 2)


def _unwrap_layout(root: "HtmlElement") -> None:
    for element in root.iter("table", "thead", "tbody", "tfoot", "tr", "td", "th", "ul", "ol", "li"):
        if element is not root:
            element.tag = "div"


def _columns(element: "HtmlElement") -> int:
    return max((len(_cells(row)) for row in element.iter("tr")), default=0)


def _cells(row: "HtmlElement") -> list["HtmlElement"]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _render(element: "HtmlElement") -> list[str]:
    """Return the blocks of one element."""
    if element.tag == "pre":
        code = element.text_content()
        return [code_block(code, _language(element))] if code.strip() else []
    if element.tag in ("ol", "ul"):
        return _list(element)
    if element.tag == "table" and not _is_layout(element):
        caption = "".join(caption.text_content() for caption in element.iterchildren("caption"))
        return [paragraph(caption), table(_grid(element))]
    if element.tag == "dl":
        return _definitions(element)
    if element.tag == "blockquote":
        inner = _render_content(element)
        return [quote(inner)] if join(inner) else []
    if element.tag in _HEADINGS:
        return [heading(int(element.tag[1]), element.text_content())] if words(element.text_content()) else []
    return _render_content(element)


def _render_content(element: "HtmlElement") -> list[str]:
    """Return the blocks of an element's content: runs of inline text are paragraphs."""
    blocks: list[str] = []
    inline = [_fold(element.text or "")]
    for child in element:
        if child.tag == "br":
            inline.append("\n")
        elif child.tag in _BLOCKS or _has_blocks(child):
            blocks.append(_paragraph(inline))
            inline = []
            blocks.extend(_render(child))
        else:
            inline.append(_fold(child.text_content()))
        inline.append(_fold(child.tail or ""))
    blocks.append(_paragraph(inline))
    return [block for block in blocks if block]


def _paragraph(inline: list[str]) -> str:
    return paragraph("".join(inline))


def _fold(text: str) -> str:
    """Fold white space as HTML does; only <br> breaks a line."""
    return re.sub(r"\s+", " ", text)


def _list(element: "HtmlElement") -> list[str]:
    number = _whole_number(element.get("start"), 1)
    items: list[str] = []
    for child in element:
        blocks = _render_content(child) if child.tag == "li" else _render(child)
        if not blocks:
            continue
        if child.tag != "li" and items:  # a list nested without an item of its own
            items[-1] = "\n".join([items[-1], *("   " + line for line in join(blocks).split("\n"))])
            continue
        number = _whole_number(child.get("value"), number)
        items.append(list_item(f"{number}." if element.tag == "ol" else "-", blocks))
        number += 1
    loose = any("\n\n" in item for item in items)
    return [("\n\n" if loose else "\n").join(items)] if items else []


def _definitions(element: "HtmlElement") -> list[str]:
    items: list[str] = []
    for child in element.iter("dt", "dd"):
        if _is_inside(child, "dl", below=element):
            continue
        if child.tag == "dt":
            items.append(f"**{words(child.text_content())}**")
        else:
            items.extend(_render_content(child))
    return items


def _grid(element: "HtmlElement") -> list[list[str]]:
    """Return the cells of a table, merged ones repeated downwards and left blank to the right."""
    rows: list[list[str]] = []
    pending: dict[int, tuple[int, str]] = {}  # column -> rows still covered, and their text
    for row in element.iter("tr"):
        line: list[str] = []
        for cell in _cells(row):
            _carry(pending, line)
            text = _cell_text(cell)
            down = min(_whole_number(cell.get("rowspan"), 1), _SPAN_LIMIT)
            for extra in range(min(max(_whole_number(cell.get("colspan"), 1), 1), _SPAN_LIMIT)):
                value = text if extra == 0 else ""
                if down > 1:
                    pending[len(line)] = (down - 1, value)
                line.append(value)
        _carry(pending, line)
        rows.append(line)
    return rows


def _carry(pending: dict[int, tuple[int, str]], line: list[str]) -> None:
    while len(line) in pending:
        left, value = pending.pop(len(line))
        if left > 1:
            pending[len(line)] = (left - 1, value)
        line.append(value)


def _cell_text(cell: "HtmlElement") -> str:
    if not _has_blocks(cell):
        return words(" ".join(cell.itertext()) if cell.find(".//br") is not None else cell.text_content())
    parts: list[str] = []
    for block in _render_content(cell):
        fenced = block.startswith("```")
        parts.append(inline_code(" ; ".join(block.split("\n")[1:-1])) if fenced else words(block))
    return " ".join(parts)


def _language(element: "HtmlElement") -> str:
    """Return the language that the class of a code block or of its surroundings names."""
    for candidate in _surroundings(element):
        found = _LANGUAGE.search(candidate.get("class") or "")
        if found:
            return found.group(1).lower()
    return ""


def _surroundings(element: "HtmlElement") -> Iterator["HtmlElement"]:
    yield element
    yield from element.iterchildren("code")
    for _, ancestor in zip(range(2), element.iterancestors(), strict=False):
        yield ancestor


def _link_text(link: "HtmlElement") -> str:
    """Return the words of a link, with its address where that leads out of the page's own site."""
    text, address = words(link.text_content()), (link.get("href") or "").strip()
    if not text or not address.startswith(("https://", "http://")) or " " in address or "]" in text:
        return text
    return text if text.rstrip("/") == address.rstrip("/") else f"[{text}]({address})"


def _own_text(element: "HtmlElement") -> str:
    """Return the text directly in an element, without that in its children."""
    parts = [element.text or "", *(child.tail or "" for child in element)]
    return "".join(parts).strip()


def _replace(element: "HtmlElement", text: str) -> None:
    """Put plain text in the place of an element, keeping the blanks around it."""
    raw = element.text_content()
    before = " " if raw[:1].isspace() else ""
    after = " " if raw[-1:].isspace() else ""
    for child in list(element):
        element.remove(child)
    element.text = f"{before}{text}{after}" if text else " "
    element.drop_tag()


def _has_blocks(element: "HtmlElement") -> bool:
    return any(found.tag in _BLOCKS for found in element.iterdescendants())


def _is_inside(element: "HtmlElement", *tags: str, below: "HtmlElement | None" = None) -> bool:
    """Return whether an ancestor has one of `tags`, looking no further up than `below`."""
    for ancestor in element.iterancestors():
        if ancestor is below:
            return False
        if ancestor.tag in tags:
            return True
    return False


def _whole_number(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"\s*\d{1,6}\s*", text) else default
