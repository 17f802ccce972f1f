"""Confluence's storage format as plain HTML: macros become the code, quotes, lists and links that they show."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from html.entities import html5
from typing import TYPE_CHECKING
from urllib.parse import quote

from ingest.errors import DocumentUnreadable, NotADocument

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]  # lxml ships no hints

_AC, _RI = "{urn:ac}", "{urn:ri}"
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)")
_XML_ENTITIES = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_DECLARATION = re.compile(r"<![A-Z].*?>|<\?.*?\?>", re.DOTALL)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PANELS = {"info": "Info", "note": "Note", "warning": "Warning", "tip": "Tip", "panel": ""}
_DRAWINGS = frozenset({"plantuml", "mermaid", "graphviz", "mermaid-cloud", "plantumlrender"})
# They gather what stands on other pages, or show no words at all.
_DROPPED_MACROS = frozenset({
    "toc", "toc-zone", "children", "pagetree", "pagetreesearch", "contentbylabel", "recently-updated", "livesearch",
    "attachments", "anchor", "blog-posts", "change-history", "gallery", "popular-labels", "profile", "space-index",
})  # fmt: skip
_DROPPED = frozenset({f"{_AC}parameter", f"{_AC}placeholder", f"{_AC}adf-node", f"{_AC}task-id", f"{_AC}task-uuid"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands: links that name no site or space mean these."""

    base: str
    space: str


def storage_to_html(storage: str, *, title: str, place: Place) -> bytes:
    """Return the page as an HTML document in UTF-8 with `title` as its title.

    What is not well formed is repaired as far as it can be; a macro that is not known keeps its text. See
    Atlassian's "Confluence Storage Format". Raises NotADocument where no text remains, and DocumentUnreadable for
    elements nested too deep to read.
    """
    from lxml.etree import tostring

    root = _parsed(storage)
    _Converter(place).convert(root)
    if not _words(root) and root.find(".//img") is None:
        raise NotADocument("holds no text of its own, only what Confluence gathers from elsewhere")
    root.tag = "main"
    body = tostring(root, encoding="unicode", method="html", with_tail=False)
    body = re.sub(r"<main[^>]*>", "<main>", body, count=1)
    head = f'<head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    return f"<!DOCTYPE html>\n<html>{head}<body>{body}</body></html>\n".encode("utf-8", "replace")


def _parsed(storage: str) -> "Element":
    from lxml.etree import XMLParser, XMLSyntaxError, fromstring

    parts = _CDATA.split(_NOT_XML.sub("", storage))
    text = "".join(part if _CDATA.fullmatch(part) else _without_entities(part) for part in parts)
    # An entity that a page declares is never expanded: declarations are cut out, and the parser resolves none.
    parser = XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True)
    try:
        root = fromstring(f'<page xmlns:ac="urn:ac" xmlns:ri="urn:ri">{text}</page>'.encode(), parser)
    except XMLSyntaxError as error:
        raise DocumentUnreadable(f"is no storage format that can be read: {error}; open and save the page") from error
    if root is None or any("xcessive depth" in entry.message for entry in parser.error_log):
        raise DocumentUnreadable("nests its elements too deep to be read; open and save the page in its editor")
    return root


def _without_entities(text: str) -> str:
    """Write HTML's named entities as characters: XML knows five of them only."""

    def character(found: re.Match[str]) -> str:
        name = found.group(1)
        return found.group() if name in _XML_ENTITIES else html5.get(name, f"&amp;{name}")

    return _ENTITY.sub(character, _DECLARATION.sub("", text)).replace("]]>", "]]&gt;")


class _Converter:
    """Replace Confluence's own elements in a tree, from the innermost outwards."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._rules: dict[str, Callable[[Element], None]] = {
            f"{_AC}structured-macro": self._macro,
            f"{_AC}macro": self._macro,
            f"{_AC}link": self._link,
            f"{_AC}image": self._image,
            f"{_AC}task-list": lambda element: _rename(element, "ul"),
            f"{_AC}task": self._task,
            f"{_AC}emoticon": self._emoticon,
            "time": lambda element: _become_text(element, element.get("datetime") or _words(element)),
            **dict.fromkeys((f"{_AC}layout", f"{_AC}layout-section", f"{_AC}layout-cell"), _to_box),
        }

    def convert(self, root: "Element") -> None:
        """Convert all that lies below `root`, in place."""
        for element in list(_innermost_first(root)):
            if element is root or not isinstance(element.tag, str):
                continue
            rule = self._rules.get(element.tag)
            if rule is not None:
                rule(element)
        for element in list(root.iter()):
            if element is not root:
                _tidy(element)

    def _macro(self, macro: "Element") -> None:
        name = (macro.get(f"{_AC}name") or "").lower()
        plain, rich = macro.find(f"{_AC}plain-text-body"), macro.find(f"{_AC}rich-text-body")
        if name in _DROPPED_MACROS:
            _drop(macro)
        elif name in _PANELS:
            self._panel(macro, name, rich)
        elif name == "status":
            _become_text(macro, _parameter(macro, "title"))
        elif name in ("jira", "jiraissues"):
            _become_text(macro, _parameter(macro, "key"))
        elif plain is not None:
            self._code(macro, name, plain)
        elif name == "expand":
            _become_box(macro, "div", _parameter(macro, "title"), rich)
        elif name in ("include", "excerpt-include"):
            self._included(macro)
        elif rich is not None:
            _become_box(macro, "div", "", rich)
        else:
            _drop(macro)

    def _panel(self, macro: "Element", name: str, rich: "Element | None") -> None:
        label = ": ".join(part for part in (_PANELS[name], _parameter(macro, "title")) if part)
        _become_box(macro, "blockquote", label, rich)

    def _code(self, macro: "Element", name: str, plain: "Element") -> None:
        language = _parameter(macro, "language") if name == "code" else name if name in _DRAWINGS else ""
        title, text = _parameter(macro, "title"), plain.text or ""
        _empty(macro, "div")
        if title:
            _child(macro, "p").text = title
        code = _child(_child(macro, "pre"), "code")
        if re.fullmatch(r"[\w+#.-]{1,30}", language):
            code.set("class", f"language-{language.lower()}")
        code.text = text

    def _included(self, macro: "Element") -> None:
        """The page that is included is named by a link, which was converted before the macro around it."""
        link = macro.find(f"{_AC}parameter//a")
        words = _words(link) if link is not None else _parameter(macro, "")
        address = (link.get("href") or "") if link is not None else ""
        _empty(macro, "p")
        macro.text = "See "
        target = _child(macro, "a" if address else "span")
        target.text = words or "the included page"
        if address:
            target.set("href", address)

    def _link(self, link: "Element") -> None:
        """A link has one resource (page, attachment, user …) and at most one body; without body the name stands."""
        target = next((child for child in link if isinstance(child.tag, str) and child.tag.startswith(_RI)), None)
        body = next((found for tag in ("plain-text-link-body", "link-body") for found in link.iter(_AC + tag)), None)
        anchor = link.get(f"{_AC}anchor") or ""
        text = _words(body) if body is not None else ""
        text = text or _name_of(target) or anchor
        address = self._address(target) if target is not None else ""
        _empty(link, "a" if address else "span")
        link.text = text
        if address:
            link.set("href", address + (f"#{quote(anchor)}" if anchor else ""))

    def _address(self, target: "Element") -> str:
        kind = target.tag.removeprefix(_RI)
        if kind == "url":
            return target.get(f"{_RI}value") or ""
        if kind == "content-entity":
            return f"{self._place.base}/pages/viewpage.action?pageId={quote(target.get(f'{_RI}content-id') or '')}"
        title = target.get(f"{_RI}content-title")
        if kind == "page" and title:
            space = target.get(f"{_RI}space-key") or self._place.space
            return f"{self._place.base}/display/{quote(space, safe='~')}/{quote(title, safe='')}"
        return ""

    def _image(self, image: "Element") -> None:
        target = next((child for child in image if isinstance(child.tag, str) and child.tag.startswith(_RI)), None)
        caption = image.find(f"{_AC}caption")
        told = _words(caption) if caption is not None else ""
        alt = image.get(f"{_AC}alt") or image.get(f"{_AC}title") or told
        name = _name_of(target)
        _empty(image, "img")
        image.set("src", name)
        image.set("alt", alt or name)
        if told and told != alt:
            _follow(image, f" {told} ")

    def _task(self, task: "Element") -> None:
        done = (task.findtext(f"{_AC}task-status") or "").strip() == "complete"
        body = task.find(f"{_AC}task-body")
        _empty_but(task, "li", body)
        task.text = "[x] " if done else "[ ] "
        if body is not None:
            _rename(body, "span")

    def _emoticon(self, emoticon: "Element") -> None:
        fallback = emoticon.get(f"{_AC}emoji-fallback") or ""
        _become_text(emoticon, fallback if not fallback.startswith(":") else "")


def _innermost_first(root: "Element") -> Iterator["Element"]:
    from lxml.etree import iterwalk

    for _, element in iterwalk(root, events=("end",)):
        yield element


def _tidy(element: "Element") -> None:
    """Drop what is no content, and unwrap what is left of Confluence's own elements."""
    tag = element.tag
    if not isinstance(tag, str):
        return
    if tag in _DROPPED or tag.startswith(_RI):
        _drop(element)
    elif tag.startswith("{"):
        _rename(element, "div" if tag in (f"{_AC}rich-text-body", f"{_AC}adf-fallback") else "span")


def _parameter(macro: "Element", name: str) -> str:
    for parameter in macro.iterchildren(f"{_AC}parameter"):
        if parameter.get(f"{_AC}name", "") == name:
            return _words(parameter)
    return ""


def _name_of(target: "Element | None") -> str:
    if target is None:
        return ""
    if target.tag == f"{_RI}user":
        return "@" + (target.get(f"{_RI}username") or "someone")
    for name in ("content-title", "filename", "value", "space-key"):
        if target.get(_RI + name):
            return str(target.get(_RI + name))
    return ""


def _words(element: "Element") -> str:
    return " ".join("".join(element.itertext()).split())


def _child(parent: "Element", tag: str) -> "Element":
    child = parent.makeelement(tag)
    parent.append(child)
    return child


def _rename(element: "Element", tag: str) -> None:
    element.tag = tag
    element.attrib.clear()


def _to_box(element: "Element") -> None:
    _rename(element, "div")


def _empty(element: "Element", tag: str) -> None:
    _empty_but(element, tag, None)


def _empty_but(element: "Element", tag: str, kept: "Element | None") -> None:
    """Take everything out of an element but one child, and give it a new name; what follows it stays."""
    _rename(element, tag)
    element.text = None
    for child in list(element):
        if child is not kept:
            element.remove(child)
    if kept is not None:
        kept.tail = None


def _follow(element: "Element", text: str) -> None:
    element.tail = text + (element.tail or "")


def _become_text(element: "Element", text: str) -> None:
    _empty(element, "span")
    element.text = text


def _become_box(element: "Element", tag: str, label: str, rich: "Element | None") -> None:
    """Turn a macro into a block that holds its rich text, after a line with `label`."""
    _empty_but(element, tag, rich)
    if rich is not None:
        _rename(rich, "div")
    if label:
        line = element.makeelement("p")
        strong = _child(line, "strong")
        strong.text = label
        element.insert(0, line)


def _drop(element: "Element") -> None:
    """Remove an element and leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    tail = element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)
