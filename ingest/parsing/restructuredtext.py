"""reStructuredText as Markdown-like text, through docutils; what Sphinx adds is kept as its text."""

import re
import textwrap
from typing import TYPE_CHECKING

from ingest.errors import DocumentUnreadable
from ingest.parsing.damage import unreadable_when_damaged
from ingest.parsing.decoding import decode
from ingest.parsing.rendered import (
    Rendered,
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
    from docutils import nodes

_ROLE = re.compile(r":[\w.+:-]+:`([^`]*)`|`([^`]*)`:[\w.+:-]+:")
_TARGET = re.compile(r"\s*<[^<>]*>$")
_DIRECTIVE = re.compile(r"\A\.\.\s+(?:\|[^|]*\|\s+)?([\w.+:-]+?)::[ \t]*(.*)\Z")
_OPTION = re.compile(r"^:[\w-]+:.*$")
_CODE_DIRECTIVES = frozenset({"code-block", "code", "sourcecode", "prompt", "parsed-literal"})
_EMPTY_DIRECTIVES = frozenset(
    [
        "toctree",
        "include",
        "literalinclude",
        "raw",
        "contents",
        "index",
        "highlight",
        "meta",
        "automodule",
        "autoclass",
        "autofunction",
        "tabularcolumns",
        "currentmodule",
        "module",
        "sectionauthor",
        "graphviz",
    ]
)
_LABELLED_DIRECTIVES = frozenset({"deprecated", "versionadded", "versionchanged", "seealso", "todo"})
_DEEPEST_FALLBACK = 3
_LONGEST_LINE = 1_000_000


def render_rst(data: bytes) -> Rendered:
    """Render reStructuredText; unknown roles and directives keep their text.

    Nothing is included from other files. Raises DocumentUnreadable where the file is empty or binary.
    """
    decoded = decode(data)
    with unreadable_when_damaged("cannot be read as reStructuredText", *_vendor_errors()):
        document = _parse(decoded.text)
        writer = _Writer(document)
        text = join(writer.blocks(document, depth=0))
    if not text:
        raise DocumentUnreadable("holds no text beside directives and comments")
    return Rendered(text, writer.title, warnings=decoded.warnings)


def _vendor_errors() -> tuple[type[Exception], ...]:
    from docutils.utils import SystemMessage

    return (SystemMessage,)


def _parse(text: str) -> "nodes.document":
    from docutils.frontend import get_default_settings
    from docutils.parsers.rst import Parser
    from docutils.utils import new_document

    settings = get_default_settings(Parser)
    settings.file_insertion_enabled = False
    settings.raw_enabled = False
    settings.report_level = 5  # collect, don't print; problems are rendered as the text they hold
    settings.halt_level = 5
    settings.warning_stream = ""
    settings.syntax_highlight = "none"
    settings.line_length_limit = _LONGEST_LINE
    document = new_document("document", settings)
    Parser().parse(text, document)
    return document


class _Writer:
    """Write docutils nodes as blocks."""

    def __init__(self, document: "nodes.document", nesting: int = 0) -> None:
        self.title: str | None = None
        self._substitutions = document.substitution_defs
        self._addresses = _addresses(document)
        self._nesting = nesting

    def blocks(self, node: "nodes.Node", *, depth: int) -> list[str]:
        """Return the blocks of a node's children; `depth` counts the sections around them."""
        found: list[str] = []
        for child in node.children:
            found.extend(self._block(child, depth))
        return [block for block in found if block.strip()]

    def _block(self, node: "nodes.Node", depth: int) -> list[str]:
        name = node.__class__.__name__
        writer = getattr(self, f"_write_{name}", None)
        if writer is not None:
            blocks: list[str] = writer(node, depth)
            return blocks
        if name in _IGNORED:
            return []
        if _holds_text(node):
            return [paragraph(self._inline(node))]
        return self.blocks(node, depth=depth)

    def _write_section(self, node: "nodes.Node", depth: int) -> list[str]:
        return self.blocks(node, depth=depth + 1)

    def _write_title(self, node: "nodes.Node", depth: int) -> list[str]:
        text = self._inline(node)
        self.title = self.title or words(text) or None
        return [heading(max(depth, 1), text)]

    def _write_rubric(self, node: "nodes.Node", depth: int) -> list[str]:
        return [heading(depth + 1, self._inline(node))]

    def _write_literal_block(self, node: "nodes.Node", _depth: int) -> list[str]:
        classes = node.get("classes", []) if hasattr(node, "get") else []
        language = next((name for name in classes if name != "code"), "")
        return [code_block(node.astext(), language)] if node.astext().strip() else []

    _write_doctest_block = _write_literal_block

    def _write_line_block(self, node: "nodes.Node", _depth: int) -> list[str]:
        return [paragraph("\n".join(self._inline(line) for line in node.children))]

    def _write_bullet_list(self, node: "nodes.Node", depth: int) -> list[str]:
        return self._list(node, depth, first=None)

    def _write_enumerated_list(self, node: "nodes.Element", depth: int) -> list[str]:
        return self._list(node, depth, first=int(node.get("start", 1)))

    def _list(self, node: "nodes.Node", depth: int, *, first: int | None) -> list[str]:
        items: list[str] = []
        for position, child in enumerate(node.children):
            blocks = self.blocks(child, depth=depth)
            if blocks:
                items.append(list_item("-" if first is None else f"{first + position}.", blocks))
        loose = any("\n\n" in item for item in items)
        return [("\n\n" if loose else "\n").join(items)]

    def _write_definition_list(self, node: "nodes.Node", depth: int) -> list[str]:
        blocks: list[str] = []
        for item in node.children:
            for part in item.children:
                is_term = part.__class__.__name__ == "term"
                blocks += [f"**{words(self._inline(part))}**"] if is_term else self.blocks(part, depth=depth)
        return blocks

    def _write_field_list(self, node: "nodes.Node", depth: int) -> list[str]:
        items: list[str] = []
        for field in node.children:
            name, body = field.children[0].astext(), self.blocks(field.children[1], depth=depth)
            items.append(list_item("-", [f"{name}: {body[0] if body else ''}".strip(), *body[1:]]))
        return ["\n".join(items)]

    def _write_option_list(self, node: "nodes.Node", depth: int) -> list[str]:
        items: list[str] = []
        for option in node.children:
            group, description = option.children
            names = ", ".join(inline_code(part.astext()) for part in group.children)
            items.append(list_item("-", [f"{names} {join(self.blocks(description, depth=depth))}"]))
        return ["\n".join(items)]

    def _write_block_quote(self, node: "nodes.Node", depth: int) -> list[str]:
        inner = self.blocks(node, depth=depth)
        return [quote(inner)] if inner and all(_holds_text(child) for child in node.children) else inner

    def _write_table(self, node: "nodes.Node", _depth: int) -> list[str]:
        from docutils import nodes

        titles = [child for child in node.children if isinstance(child, nodes.title)]
        caption = [paragraph(self._inline(title)) for title in titles]
        rows = [[self._cell(entry) for entry in row.children] for row in node.findall(nodes.row)]
        return [*caption, table(rows)]

    def _cell(self, entry: "nodes.Node") -> str:
        return " ".join(words(block) for block in self.blocks(entry, depth=0))

    def _write_system_message(self, node: "nodes.Node", depth: int) -> list[str]:
        """Return the content of a directive that docutils does not know; other complaints hold none."""
        from docutils import nodes

        sources = [child.astext() for child in node.children if isinstance(child, nodes.literal_block)]
        return [block for source in sources for block in self._unknown_directive(source, depth)]

    def _unknown_directive(self, source: str, depth: int) -> list[str]:
        first, _, rest = source.partition("\n")
        found = _DIRECTIVE.match(first)
        if found is None or found.group(1) in _EMPTY_DIRECTIVES:
            return []
        lines = textwrap.dedent(rest).split("\n")
        while lines and (_OPTION.match(lines[0]) or (not lines[0].strip() and len(lines) > 1)):
            lines.pop(0)
        content = "\n".join(lines)
        if found.group(1) in _CODE_DIRECTIVES:
            return [code_block(content, found.group(2).strip())] if content.strip() else []
        label = _directive_label(found.group(1), found.group(2).strip())
        if not content.strip() or self._nesting >= _DEEPEST_FALLBACK:
            return [*label, paragraph(content)]
        document = _parse(content)
        return [*label, *_Writer(document, self._nesting + 1).blocks(document, depth=depth)]

    def _admonition(self, node: "nodes.Node", depth: int) -> list[str]:
        from docutils import nodes

        label = node.__class__.__name__.capitalize()
        content = self.blocks(node, depth=depth)
        if isinstance(node.children[0] if node.children else None, nodes.title):
            label, content = self._inline(node.children[0]), content[1:]
        if content and _is_prose(content[0]):
            return [f"**{words(label)}:** {content[0]}", *content[1:]]
        return [f"**{words(label)}:**", *content]

    _write_admonition = _write_note = _write_warning = _write_danger = _write_caution = _admonition
    _write_attention = _write_error = _write_hint = _write_important = _write_tip = _admonition
    _write_topic = _write_sidebar = _admonition

    def _inline(self, node: "nodes.Node") -> str:
        """Return the text of inline nodes, code in backticks and outward links as Markdown links."""
        return "".join(self._inline_part(child) for child in node.children)

    def _inline_part(self, node: "nodes.Node") -> str:
        from docutils import nodes

        if isinstance(node, nodes.Text):
            return node.astext()
        if isinstance(node, nodes.literal):
            return inline_code(node.astext())
        if isinstance(node, nodes.problematic):
            return _ROLE.sub(_role_text, node.astext())
        if isinstance(node, nodes.substitution_reference):
            definition = self._substitutions.get(node["refname"])
            return self._inline(definition) if definition is not None else node.astext()
        if isinstance(node, nodes.reference):
            name = str(node.get("refname", ""))
            return _link(self._inline(node), str(node.get("refuri") or self._addresses.get(name, "")))
        if node.__class__.__name__ in _IGNORED:
            return ""
        return self._inline(node)


_IGNORED = frozenset(
    [
        "comment",
        "target",
        "substitution_definition",
        "image",
        "footnote_reference",
        "citation_reference",
        "pending",
        "raw",
        "meta",
        "decoration",
        "transition",
        "colspec",
    ]
)


def _addresses(document: "nodes.document") -> dict[str, str]:
    """Return the addresses of named targets, which references elsewhere in the document use."""
    from docutils import nodes

    return {
        str(name): str(target["refuri"])
        for target in document.findall(nodes.target)
        if "refuri" in target
        for name in target["names"]
    }


def _holds_text(node: "nodes.Node") -> bool:
    from docutils import nodes

    return isinstance(node, nodes.TextElement)


def _is_prose(block: str) -> bool:
    return re.match(r"```|\||#|>|[-*] |\d+\. ", block) is None


def _directive_label(name: str, argument: str) -> list[str]:
    if name in _LABELLED_DIRECTIVES:
        return [f"**{name.capitalize()}:** {argument}".rstrip()]
    return [paragraph(argument)] if argument else []


def _role_text(found: re.Match[str]) -> str:
    raw = found.group(1) if found.group(1) is not None else found.group(2)
    return _TARGET.sub("", raw).strip("~!") or raw.strip("<> ")


def _link(text: str, address: str) -> str:
    if not address.startswith(("http://", "https://")) or text.strip() == address or "]" in text:
        return text
    return f"[{words(text)}]({address})"
