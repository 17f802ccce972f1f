"""One HTML page as a web source reads it: title, links, main content, and a digest that only content changes."""

import re
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from ingest.sources.web_main_content import main_content

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # lxml ships no hints

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_REFRESH = re.compile(r"\s*(\d+)\s*[;,]\s*url\s*=\s*[\"']?([^\"']+)", re.IGNORECASE)
_LONGEST_REFRESH = 5  # seconds; a longer one only reloads the page
_MOST_LINKS = 5000
_NUMBERING = ("start", "value", "reversed")


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page read: `content` is an HTML document of its main content, `digest` stays while that says the same.

    `links`, `canonical` and `redirect` are addresses as the page has them, to be resolved against `base`.
    """

    title: str | None
    content: bytes
    digest: str
    links: tuple[str, ...] = ()
    canonical: str = ""
    redirect: str = ""
    base: str = ""


def read_page(body: bytes, content_type: str, url: str) -> WebPage:
    """Read an HTML page; a page without any text has an empty `content`."""
    from lxml.etree import LxmlError  # type: ignore[import-untyped]  # lxml ships no hints
    from lxml.html import HTMLParser, document_fromstring, tostring

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    source = _decoded(body, content_type).replace("\0", "")
    try:
        root = document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except LxmlError:
        return WebPage(None, b"", "empty")
    base = next((found for found in root.xpath("string(//base/@href)").split()), "")
    links = tuple(dict.fromkeys(_links(root)))[:_MOST_LINKS]
    canonical = str(root.xpath("string(//head/link[contains(concat(' ', @rel, ' '), ' canonical ')]/@href)"))
    redirect = _refresh(root)
    title = _title(root)
    main = main_content(root)
    main.tail = None
    if main.tag in ("body", "html", "td"):
        main.tag = "div"
    digest = sha256("\n".join([title or "", *_wording(main)]).encode("utf-8", "replace")).hexdigest()
    text = tostring(main, encoding="unicode") if main.text_content().strip() else ""
    head = f'<!doctype html><html><head><meta charset="utf-8"><title>{escape(title or "")}</title></head>'
    content = f"{head}<body>{text}</body></html>".encode("utf-8", "replace") if text else b""
    return WebPage(title, content, digest, links, canonical, redirect, base or url)


def _decoded(body: bytes, content_type: str) -> str:
    """Decode by the byte order mark, the header, the page's own statement; else as UTF-8 or Windows-1252."""
    stated = _CHARSET.search(content_type) or _CHARSET.search(body[:2048].decode("latin-1"))
    marked = "utf-8-sig" if body.startswith(b"\xef\xbb\xbf") else None
    marked = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else marked
    for encoding in (marked, stated.group(1) if stated else None, "utf-8"):
        try:
            if encoding:
                return body.decode(encoding)
        except (LookupError, ValueError):
            continue
    return body.decode("cp1252", "replace")


def _links(root: "HtmlElement") -> list[str]:
    """Return where the page's links lead; those it asks not to follow (edit, history, print) are left out."""
    links = (link for link in root.iter("a", "area") if "nofollow" not in (link.get("rel") or "").lower().split())
    return [target for link in links if (target := (link.get("href") or "").strip()) and not target.startswith("#")]


def _refresh(root: "HtmlElement") -> str:
    """Return where the page sends its readers on to at once, as the alias pages of site generators do."""
    for meta in root.iter("meta"):
        found = (
            _REFRESH.match(meta.get("content") or "") if (meta.get("http-equiv") or "").lower() == "refresh" else None
        )
        if found and int(found.group(1)[:6]) <= _LONGEST_REFRESH:
            return found.group(2).strip()
    return ""


def _title(root: "HtmlElement") -> str | None:
    """Return the only <h1> where <title> merely adds the site's name to it, else <title>."""
    stated = _words(str(root.xpath("string(//head/title | //title[not(ancestor::svg)])")))
    for mark in root.xpath("//h1//*[contains(concat(' ', @class, ' '), ' headerlink ')]"):
        mark.drop_tree()  # the sign beside a heading that links to it
    headings = [text for h1 in root.iter("h1") if (text := _words(h1.text_content()))]
    if headings and (not stated or (len(headings) == 1 and headings[0] in stated)):
        return headings[0]
    return stated or None


def _wording(main: "HtmlElement") -> list[str]:
    """Return tags and texts in order; attributes only where they number steps, white space only in code."""
    out: list[str] = []
    code = {element for pre in main.iter("pre") for element in pre.iter()}
    for element in main.iter():
        if not isinstance(element.tag, str):
            continue
        numbers = [f"{name}={element.get(name)}" for name in _NUMBERING if element.get(name) is not None]
        out.append(" ".join([f"<{element.tag}>", *numbers]))
        out.append((element.text or "") if element in code else _words(element.text or ""))
        inside = element in code and element.tag != "pre"
        out.append((element.tail or "") if inside else _words(element.tail or ""))
    return out


def _words(text: str) -> str:
    return " ".join(text.split())
