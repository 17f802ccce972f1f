"""The main content of a web page: the part with the text, and never without a command or step of the page.

trafilatura's own output turns ordered lists into bullets and highlighted commands into quotes, so it only
tells which part of the page is the text; that part is then kept as the page has it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # lxml ships no hints

_STATED = "//main | //*[@role='main'] | //article | //*[@role='article'] | //*[@itemprop='articleBody']"
_NEEDED = ("pre", "ol", "table")
_FRAME_TAGS = frozenset({"nav", "dialog", "template"})
_FRAME_ROLES = frozenset({"navigation", "search", "contentinfo", "banner", "complementary", "dialog", "menu"})
_OUTER_FRAME_TAGS = frozenset({"header", "footer", "aside"})
_LEFT_OUT = (
    "script", "style", "noscript", "template", "nav", "iframe", "object", "embed", "canvas", "svg", "audio",
    "video", "button", "input", "select", "textarea", "dialog", "link", "meta",
)  # fmt: skip
_TEXT_TAGS = ("p", "li", "pre", "td", "th", "dt", "dd", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6")
_PARTS = frozenset({*_TEXT_TAGS, "ol", "ul", "dl", "table", "thead", "tbody", "tr", "code", "span"}) - {"td"}
_GUTTER = re.compile(r"linenos?|gutter|ln-num|line-numbers?", re.IGNORECASE)
_ENOUGH_TEXT = 200
_DEEPEST = 200
_MOST_ELEMENTS = 25_000
_MOST_TEXT = 1_000_000
_SHARE_OF_TEXT = 0.8
_LINK_SHARE = 0.8
_FEWEST_LINKS = 3
_TELLING = 20  # shorter texts stand in many places of a page


def main_content(root: "HtmlElement") -> "HtmlElement":
    """Return the smallest part of a page that holds its text and all commands, ordered lists and tables.

    Navigation, scripts and forms are taken out of it. The page's tree is changed.
    """
    body = next(root.iter("body"), root)
    _drop(body, _LEFT_OUT)
    if _is_beyond_measure(body):
        return body
    needed = [element for element in body.iter(*_NEEDED) if not _is_frame(element) and not _is_links_only(element)]
    content = _covering(_stated(root), needed)
    is_stated = content is not None
    if content is None:
        detected = _covering([_detected(body)], needed)
        content = body if detected is None else detected
    heading = _missing_heading(root, content)
    if not is_stated:
        _drop_link_lists(content)
    for form in list(content.iter("form")):  # some systems wrap the whole page in one
        if form is not content:
            form.drop_tag()
    if content is body:
        _drop_outer_frames(content)
    _unwrap_colours(content)
    if heading is not None:
        content.insert(0, heading)
    return content


def _is_beyond_measure(body: "HtmlElement") -> bool:
    """Tell whether looking for the main part would take long: it looks at each element and all those above it."""
    depth, elements, level = 0, 0, [body]
    while level:
        depth, elements = depth + 1, elements + len(level)
        if depth > _DEEPEST or elements > _MOST_ELEMENTS:
            return True
        level = [child for element in level for child in element]
    return _length(body) > _MOST_TEXT


def _covering(candidates: Sequence["HtmlElement"], needed: Sequence["HtmlElement"]) -> "HtmlElement | None":
    """Return the smallest candidate with nearly all text of the largest, widened until it has all of `needed`."""
    if not candidates:
        return None
    lengths = [_length(candidate) for candidate in candidates]
    enough = max(lengths) * _SHARE_OF_TEXT
    _, number = min((length, -number) for number, length in enumerate(lengths) if length >= enough)
    content = candidates[-number]
    inside = set(content.iter())
    while not inside.issuperset(needed) and content.tag != "body" and content.getparent() is not None:
        content = content.getparent()
        inside = set(content.iter())
    return content


def _stated(root: "HtmlElement") -> list["HtmlElement"]:
    """Return the elements that the page itself calls its main content, those that hold next to nothing left out."""
    found = [element for element in root.xpath(_STATED) if not _is_frame(element)]
    return [element for element in found if _length(element) >= _ENOUGH_TEXT or _has(element, *_NEEDED)]


def _detected(body: "HtmlElement") -> "HtmlElement":
    """Return the smallest part of the page that has nearly all of the text that trafilatura takes for the main one."""
    kept = _packed(_trafilatura_text(body))
    weights: dict[HtmlElement, int] = {}
    for element in body.iter(*_TEXT_TAGS):
        text = _packed(element.text_content())
        if len(text) >= _TELLING and text[:80] in kept:
            for ancestor in (element, *element.iterancestors()):
                weights[ancestor] = weights.get(ancestor, 0) + len(text)
    content, total = body, weights.get(body, 0)
    if total < _ENOUGH_TEXT:
        return body
    while inner := [child for child in content if weights.get(child, 0) >= total * 0.9]:
        content = inner[0]
    # One long paragraph or list is not a page: what stands beside it belongs to it.
    while content.tag in _PARTS and content.getparent() is not None:
        content = content.getparent()
    return content


def _trafilatura_text(body: "HtmlElement") -> str:
    from lxml.etree import LxmlError  # type: ignore[import-untyped]  # lxml ships no hints
    from lxml.html import tostring
    from trafilatura import bare_extraction

    page = f"<html>{tostring(body, encoding='unicode')}</html>"
    try:
        found = bare_extraction(page, favor_recall=True, include_comments=False, include_tables=True)
    except (LxmlError, RecursionError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        return ""  # it judges only where to look: without it the whole page is the content
    text = getattr(found, "text", None)
    return text if isinstance(text, str) else ""


def _missing_heading(root: "HtmlElement", content: "HtmlElement") -> "HtmlElement | None":
    """Return the page's only <h1> where it stands outside of the content."""
    headings = [h1 for h1 in root.iter("h1") if h1.text_content().strip()]
    if len(headings) != 1 or content is headings[0] or any(one is content for one in headings[0].iterancestors()):
        return None
    headings[0].tail = None
    return headings[0]


def _drop_link_lists(content: "HtmlElement") -> None:
    """Take out menus that are not marked as such: parts that are little else than links."""
    for element in list(content.iter("ul", "div", "section", "aside", "td")):
        attached = element is not content and any(one is content for one in element.iterancestors())
        if attached and _is_links_only(element) and not _has(element, *_NEEDED, "h1", "p"):
            element.drop_tree()


def _drop_outer_frames(body: "HtmlElement") -> None:
    for element in list(body.iterchildren(*_OUTER_FRAME_TAGS)):
        if not _has(element, *_NEEDED, "h1"):
            element.drop_tree()


def _drop(content: "HtmlElement", tags: Iterable[str]) -> None:
    for element in list(content.iter(*tags)):
        if element is not content and element.getparent() is not None:
            element.drop_tree()


def _unwrap_colours(content: "HtmlElement") -> None:
    """Take the markup of syntax colours out of code, so that `{{` is followed by what the command has there."""
    for span in [span for pre in content.iter("pre") for span in pre.iter("span")]:
        if not _GUTTER.search(span.get("class") or ""):
            span.drop_tag()


def _is_frame(element: "HtmlElement") -> bool:
    """Tell whether an element stands in the frame around the content: menus, footers, dialogs, what is hidden."""
    inside_main = False
    for one in (element, *element.iterancestors()):
        tag, role = one.tag, one.get("role") or ""
        inside_main = inside_main or tag in ("main", "article") or role == "main"
        if tag in _FRAME_TAGS or role in _FRAME_ROLES or one.get("hidden") is not None:
            return True
        if tag in _OUTER_FRAME_TAGS and not inside_main:
            return True
    return False


def _is_links_only(element: "HtmlElement") -> bool:
    links = [link for link in element.iter("a") if link.get("href")]
    if len(links) < _FEWEST_LINKS or element.tag == "pre":
        return False
    return sum(map(_length, links)) >= _length(element) * _LINK_SHARE


def _has(element: "HtmlElement", *tags: str) -> bool:
    return next(element.iter(*tags), None) is not None


def _length(element: "HtmlElement") -> int:
    return len(_packed(element.text_content()))


def _packed(text: str) -> str:
    return "".join(text.split())
