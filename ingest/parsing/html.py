"""HTML as Markdown-like text: unstructured finds headings and paragraphs, the DOM gives the rest.

unstructured loses the numbers of ordered lists, what stands around code in a list item, and lists in
tables. So lists, code, tables and quotes are rendered from the DOM first; placeholders hold their places.
"""

import re
from typing import TYPE_CHECKING

from ingest.errors import DocumentUnreadable
from ingest.parsing.damage import unreadable_when_damaged
from ingest.parsing.decoding import decode
from ingest.parsing.dom import DomRenderer, depth_of, flatten, is_boilerplate, replace_inline_markup
from ingest.parsing.markdown import parse_markdown
from ingest.parsing.rendered import Rendered, heading, join, paragraph, words
from ingest.parsing.unstructured_setup import prepare_unstructured

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # lxml ships no hints

_DECLARED_ENCODING = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""")
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n.*?^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
# Tags and comments of Hugo, Jinja and Liquid; `{{ … }}` stays, since documents quote alert templates.
# A shortcode has a blank after its mark: `{{</span>` in coloured code is a brace of a command and a tag.
_TEMPLATE_TAG = re.compile(r"\{\{[<%]-?\s.*?[>%]\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_PLACEHOLDER = re.compile("(\ue000[0-9]+\ue001)")
_PRIVATE_MARKS = re.compile("[\ue000\ue001\x00]")
_ENOUGH_OF_MAIN = 200
_PARSED_DEEPEST = 2000  # libxml2 drops what lies deeper than 2048
_DEEPEST = 150  # and under unstructured, what lies deeper than 256


def render_html(data: bytes) -> Rendered:
    """Render an HTML page; site navigation, scripts and hidden elements are left out.

    Front matter of site generators becomes metadata. Raises DocumentUnreadable where no text remains.
    """
    declared = _DECLARED_ENCODING.search(data[:2048])
    decoded = decode(data, declared=declared.group(1).decode("ascii") if declared else None)
    front = _FRONT_MATTER.match(decoded.text)
    stated = parse_markdown(front.group().lstrip()) if front else None
    source = _TEMPLATE_TAG.sub(" ", decoded.text[front.end() if front else 0 :])
    with unreadable_when_damaged("cannot be read as HTML", *_vendor_errors()):
        root = _parse(_PRIVATE_MARKS.sub("", source))
        title = (stated.title if stated else None) or _title(root)
        text = join(_blocks(root))
    if not text:
        raise DocumentUnreadable("holds no text outside of markup, scripts and navigation")
    warnings = decoded.warnings + (stated.warnings if stated else ())
    return Rendered(text, title, metadata=dict(stated.metadata) if stated else {}, warnings=warnings)


def _vendor_errors() -> tuple[type[Exception], ...]:
    from lxml.etree import LxmlError  # type: ignore[import-untyped]  # lxml ships no hints

    return (LxmlError,)


def _parse(source: str) -> "HtmlElement":
    from lxml.html import HTMLParser, document_fromstring

    if not source.strip():
        raise DocumentUnreadable("holds no HTML after its front matter")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    return document_fromstring(source.encode("utf-8", errors="replace"), parser=parser)


def _title(root: "HtmlElement") -> str | None:
    """Return the page's title: its only <h1> where <title> merely adds the site's name to it."""
    stated = words("".join(root.xpath("string(//head/title | //title[not(ancestor::svg)])")))
    headings = [text for h1 in root.xpath("//h1") if (text := words(h1.text_content()))]
    if headings and (not stated or (len(headings) == 1 and headings[0] in stated)):
        return headings[0]
    return stated or None


def _blocks(root: "HtmlElement") -> list[str]:
    _check_depth(root, _PARSED_DEEPEST)
    for element in [found for found in root.iter() if is_boilerplate(found)]:
        element.drop_tree()
    content = _main_content(root)
    flatten(content)
    _check_depth(content, _DEEPEST)
    replace_inline_markup(content)
    rendered = DomRenderer().extract(content)
    return _partition(content, rendered)


def _check_depth(root: "HtmlElement", limit: int) -> None:
    depth = depth_of(root)
    if depth >= limit:
        raise DocumentUnreadable(f"nests its elements {depth} deep, the limit is {limit}; mend its end tags")


def _main_content(root: "HtmlElement") -> "HtmlElement":
    """Return <main> or the only <article> where it holds the text of the page, else the page."""
    for found in (root.xpath("//main | //*[@role='main']"), root.xpath("//article")):
        if len(found) == 1 and len(words(found[0].text_content())) >= _ENOUGH_OF_MAIN:
            main: HtmlElement = found[0]
            missed = [] if main.xpath(".//h1") else root.xpath("//h1")[:1]
            for h1 in reversed(missed):
                main.insert(0, h1)
            return main
    return root


def _partition(content: "HtmlElement", rendered: list[str]) -> list[str]:
    """Return the blocks that unstructured sees in `content`, placeholders replaced by `rendered`."""
    from lxml.html import tostring

    prepare_unstructured()
    from unstructured.partition.html import partition_html

    source = tostring(content, encoding="unicode")
    blocks: list[str] = []
    for element in partition_html(text=f"<html><body>{source}</body></html>", languages=[""]):
        if element.category == "Image":
            continue
        for part in _PLACEHOLDER.split(element.text):
            if _PLACEHOLDER.fullmatch(part):
                blocks.append(rendered[int(part[1:-1])])
            elif element.category == "Title":
                blocks.append(heading((element.metadata.category_depth or 0) + 1, part) if words(part) else "")
            elif element.category == "ListItem":
                blocks.append(f"- {words(part)}" if words(part) else "")
            else:
                blocks.append(paragraph(part))
    return blocks
