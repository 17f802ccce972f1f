"""Markup of Markdown's dialects: which lines are no content, and what the block parser should read instead.

Site generators write shortcodes, admonitions, tabs, directives and components between the Markdown. The
view that is made here has the same lines as the source, so that whatever the block parser finds in it can
be cited in the source; it differs only in what CommonMark would take for something else.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from ingest.parsing.markdown_components import ComponentReader, has_components

_ANY = re.compile(
    r"\{\{[<%/]|\{%|<%|^[ \t]*(?:!!!|\?\?\?|===[!+]? |:::|[`~]{3,}[ \t]*\{|[> \t]+\[!|\{:|\+\+\+)", re.MULTILINE
)
_FENCE = re.compile(r"^[ \t]*(?:>[ \t]?)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})[ \t]*(.*)$")
_FENCE_END = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*$")
_DIRECTIVE = re.compile(r"\{([\w:-]+)\}[ \t]*(.*)$")
_OPTION = re.compile(r"^[ \t]*:[\w-]+:(?:[ \t].*)?$")
_TAGS = re.compile(
    r"^[ \t]*(?:(?:\{\{[<%](?:(?!\}\}).)*[>%]\}\}|\{\{/\*(?:(?!\*/\}\}).)*\*/\}\}|\{%(?:(?!%\}).)*%\}"
    r"|<%(?!=)(?:(?!%>).)*%>)[ \t]*)+$|^[ \t]*\{:[^}]*\}[ \t]*$|^\+\+\+(?:[ \t]*\{.*\})?[ \t]*$"
)
_OPEN_TAG = re.compile(r"^[ \t]*(?:(\{\{[<%])|(\{\{/\*)|(\{%)|(<%)(?!=))(?!.*(?:[>%]\}\}|\*/\}\}|%\}|%>))")
_TAG_ENDS = (">}}|%}}", "*/}}", "%}", "%>")
_TAG_NAME = re.compile(r"(?:\{\{[<%]|\{%-?)[ \t]*(/|end)?[ \t]*([\w-]+)")
_TAG_TITLE = re.compile(
    r"\b(?:title|name|header|label|summary)[ \t]*=[ \t]*([\"'])(?P<named>.+?)\1|[ \t]([\"'])(?P<quoted>.+?)\3"
    r"|[ \t](?P<bare>\w[^=>%\"']*?)[ \t]*[>%]\}\}"
)
_COLONS = re.compile(
    r"^[ \t]*:{3,}[ \t]*(?:\{?\.?[\w-]+\}?)?(?:\[(.+?)\]|[ \t]+(?!\{)([^:\n]+?))?(?:[ \t]*\{.*\})?[ \t]*$"
)
_COLONS_END = re.compile(r"^[ \t]*:{3,}[ \t]*$")
_ADMONITION = re.compile(
    r"^([ \t]*)(?:(?:!!!|\?\?\?\+?)[ \t]*[\w-]+(?:[ \t]+[\w-]+)*[ \t]*|===[!+]?[ \t]+(?=[\"']))"
    r"(?:([\"'])(.*)\2)?[ \t]*$"
)
_ALERT = re.compile(r"^([ \t]*(?:>[ \t]?)+)\[![\w-]+\][-+]?[ \t]*$")

_INLINE_TAGS = frozenset(
    {"glossary_tooltip", "param", "skew", "ref", "relref", "link", "psubstr", "abbr", "kbd", "icon"}
)
_BOX_TAGS = frozenset(
    {"note", "warning", "caution", "tip", "info", "important", "alert", "danger", "callout", "notice"}
)
_UNDERLINE = re.compile(r"^-{3,}[ \t]*$")
_CODE_TAGS = frozenset(
    {"highlight", "mermaid", "mermaid_diagram", "plantuml", "code", "codeblock", "command", "graphviz"}
)
_HIDDEN_TAGS = frozenset({"comment"})
_TITLED_TAGS = frozenset(
    {"alert", "details", "expand", "callout", "admonition", "card", "tabitem", "note", "warning", "step"}
)
_CONTENT_DIRECTIVES = frozenset(
    {"note", "warning", "important", "tip", "caution", "attention", "danger", "error", "hint", "seealso", "admonition"}
    | {"todo", "topic", "sidebar", "margin", "aside", "tab-set", "tab-item", "dropdown", "details", "card", "grid"}
    | {"grid-item", "grid-item-card", "versionadded", "versionchanged", "deprecated", "epigraph", "figure"}
)
_EMPTY_DIRECTIVES = frozenset(
    {"toctree", "contents", "toc", "include", "index", "image", "raw", "tableofcontents", "bibliography"}
)
_UNTITLED_DIRECTIVES = frozenset({"figure", "tab-set", "grid"})  # their argument is a file or a number
_BODY_INDENT = 4
_LONGEST_TAG = 40  # lines


@dataclass(frozen=True, slots=True)
class View:
    """What the block parser reads: `text` has the same lines as the source.

    `markup` holds the lines (from 0) that are no content; `titles` the stretches of the source, in its
    characters, that are the words of an admonition's or tab's title.
    """

    text: str
    source: tuple[str, ...] = ()
    markup: frozenset[int] = frozenset()
    titles: tuple[tuple[int, int], ...] = ()

    def own_lines(self, first: int, last: int, *, is_code: bool) -> tuple[int, int]:
        """Return the lines `[first, last)` of a block without the markup at its ends that is not part of it.

        Code sheds the tags that stand where fences would; other blocks shed what follows them and is no
        deeper indented than they are.
        """
        if not self.markup:
            return first, last
        while is_code and first < last and first in self.markup:
            first += 1
        indent = _indent(self.source[first]) if first < last else 0
        end = last
        while end > first + 1 and (end - 1 in self.markup or not self.source[end - 1].strip()):
            end -= 1
            if end in self.markup and (is_code or _indent(self.source[end]) <= indent):
                last = end
        return first, last


def has_dialect(text: str) -> bool:
    """Tell whether `text` may hold anything that CommonMark does not know."""
    return _ANY.search(text) is not None or has_components(text)


def view(text: str, code: Collection[int] = ()) -> View:
    """Return the view of `text`; `code` are the lines (from 0) that CommonMark reads as indented code."""
    source = tuple(text.split("\n"))
    scan = _Scan(list(source), frozenset(code), ComponentReader.of(text))
    while scan.at < len(scan.lines):
        scan.step()
    return View("\n".join(scan.shown), source, frozenset(scan.markup), tuple(scan.titles))


@dataclass(slots=True)
class _Scan:
    """One pass over the lines; `at` is the line under work, `offset` where it starts."""

    lines: list[str]
    code: frozenset[int]
    components: ComponentReader
    at: int = 0
    offset: int = 0
    shown: list[str] = field(default_factory=list)
    markup: set[int] = field(default_factory=set)
    titles: list[tuple[int, int]] = field(default_factory=list)
    bodies: list[int] = field(default_factory=list)  # the indentation of the markers of open admonitions
    directives: list[str] = field(default_factory=list)  # the fences of open directives
    endless: set[str] = field(default_factory=set)  # tags that are known to have no end further on

    def step(self) -> None:
        line = self.lines[self.at]
        self._close_bodies(line)
        fence = _FENCE.match(line)
        if fence is not None:
            self._fence(fence)
        elif "<!--" in line and "-->" not in line.rpartition("<!--")[2]:
            self._pass_until("-->")
        elif not line.strip() or (self.at in self.code and not self.bodies and not self.components.open):
            self._show()
        else:
            self._line(line)

    def _line(self, line: str) -> None:
        admonition = _ADMONITION.match(line)
        colons = _COLONS.match(line) if admonition is None else None
        alert = _ALERT.match(line)
        if admonition is not None and (admonition.group(3) or self._has_body(line)):
            self._title(admonition, 3)
            self._drop(_between(line) if "===" in line[: len(admonition.group(1)) + 3] else "")
            self.bodies.append(len(admonition.group(1).expandtabs(_BODY_INDENT)))
        elif colons is not None:
            self._title(colons, 1 if colons.group(1) else 2)
            self._drop_opening(line, has_body=not _COLONS_END.match(line) and self._has_body(line))
            self._drop_options()
        elif alert is not None:
            self._drop(alert.group(1))
        elif _TAGS.match(line):
            self._tag(line)
        elif (opened := _OPEN_TAG.match(line)) is not None:
            self._drop_until(_TAG_ENDS[(opened.lastindex or 1) - 1].split("|"))
        elif self.components.is_markup(line, self.lines[self.at - 1] if self.at else ""):
            self._drop()
        else:
            self._show()

    def _has_body(self, line: str) -> bool:
        """Tell whether what follows is indented: "!!! now" before other text is text."""
        following = next((text for text in self.lines[self.at + 1 : self.at + 4] if text.strip()), "")
        return _indent(following) >= _indent(line) + _BODY_INDENT

    def _fence(self, fence: re.Match[str]) -> None:
        directive = _DIRECTIVE.match(fence.group(2))
        marks = fence.group(1)
        if directive is not None and directive.group(1) in _CONTENT_DIRECTIVES:
            self.directives.append(marks)
            if fence.group().lstrip()[0] not in "`~:>":
                # The line also opens a list item, which needs some text to be one.
                self._next(fence.group()[: fence.start(1)] + fence.group(2))
                return
            if directive.group(1) not in _UNTITLED_DIRECTIVES and directive.group(2).strip():
                start = self.offset + fence.start(2) + directive.start(2)
                self.titles.append((start, start + len(directive.group(2).rstrip())))
            self._drop()
            self._drop_options()
        elif directive is not None and directive.group(1) in _EMPTY_DIRECTIVES:
            self._drop()
            while self.at < len(self.lines) and not self._closes(marks):
                self._drop()
            self._drop()
        elif self.directives and not fence.group(2) and self._closes(self.directives[-1]):
            self.directives.pop()
            self._drop()
        else:
            self._show()
            while self.at < len(self.lines) and not self._closes(marks):
                self._show()
            self._show()

    def _closes(self, marks: str) -> bool:
        end = _FENCE_END.match(self.lines[self.at])
        return end is not None and end.group(1)[0] == marks[0] and len(end.group(1)) >= len(marks)

    def _tag(self, line: str) -> None:
        """Read a line of template tags: some hold code, some hide what they hold, most do neither."""
        names = list(_TAG_NAME.finditer(line))
        last = names[-1] if names else None
        word = last.group(2).lower() if last else ""
        if word == "tab":
            self._tag_title(line, last)
            self._drop(_between(line))
        elif last is None or last.group(1) or line.rstrip().endswith(("/>}}", "/%}}")):
            self._drop()
        elif word in _INLINE_TAGS:
            self._show()
        elif word in _CODE_TAGS | _HIDDEN_TAGS:
            self._enclosed(line, word)
        else:
            if word in _TITLED_TAGS:
                self._tag_title(line, last)
            self._drop_opening(line, has_body=word in _BOX_TAGS and self._has_body(line))

    def _tag_title(self, line: str, tag: re.Match[str] | None) -> None:
        title = _TAG_TITLE.search(line, tag.end()) if tag and not tag.group(1) else None
        if title is not None:
            self._title(title, title.lastgroup or 0)

    def _enclosed(self, line: str, word: str) -> None:
        """Read a tag with what it holds: hidden words, or code, which is shown to the parser between fences."""
        closing = re.compile(rf"(?:\{{\{{[<%]|\{{%-?)[ \t]*(?:/[ \t]*|end){re.escape(word)}\b")
        end = self._end_of(word, closing)
        if end is None:
            self._drop()
        elif word in _HIDDEN_TAGS:
            while self.at <= end:
                self._drop()
        else:
            held = "\n".join(self.lines[self.at : end])
            longest = max((len(run) for run in re.findall("`+", held)), default=0)
            marks = line[: len(line) - len(line.lstrip())] + "`" * max(3, longest + 1)
            self._drop(marks)
            while self.at < end:
                self._show()
            self._drop(marks)

    def _end_of(self, word: str, closing: re.Pattern[str]) -> int | None:
        ahead = range(self.at, len(self.lines) if word not in self.endless else self.at)
        found = next((number for number in ahead if closing.search(self.lines[number])), None)
        if found is None:
            self.endless.add(word)
        return found

    def _drop_opening(self, line: str, *, has_body: bool) -> None:
        """Drop the line that opens a box; a body that is indented in it is text, as it is on the site."""
        self._drop()
        if has_body:
            self.bodies.append(_indent(line))

    def _drop_options(self) -> None:
        while self.at < len(self.lines) and _OPTION.match(self.lines[self.at]):
            self._drop()

    def _drop_until(self, ends: list[str]) -> None:
        """Drop a tag that goes on over several lines; one that never ends is text."""
        ahead = self.lines[self.at : self.at + _LONGEST_TAG]
        last = next((number for number, line in enumerate(ahead) if any(end in line for end in ends)), None)
        if last is None or not ahead[last].rstrip().endswith(tuple(ends)):
            self._show()
            return
        for _ in range(last + 1):
            self._drop()

    def _pass_until(self, end: str) -> None:
        self._show()
        while self.at < len(self.lines) and end not in self.lines[self.at]:
            self._show()
        self._show()

    def _title(self, found: re.Match[str], group: int | str) -> None:
        if found.group(group) and found.group(group).strip():
            self.titles.append((self.offset + found.start(group), self.offset + found.end(group)))

    def _close_bodies(self, line: str) -> None:
        indent = _indent(line)
        if self.bodies and _UNDERLINE.match(line):
            self.lines[self.at] = line.replace(
                "-", "*"
            )  # a rule after the body, which would make a heading of its last line
        while self.bodies and line.strip() and indent < self.bodies[-1] + _BODY_INDENT:
            self.bodies.pop()

    def _show(self) -> None:
        if self.at < len(self.lines):
            line = self.lines[self.at]
            shift = _BODY_INDENT * len(self.bodies) or self.components.shift
            self._next(_dedented(line, shift) if shift else line)

    def _drop(self, instead: str = "") -> None:
        if self.at < len(self.lines):
            self.markup.add(self.at)
            if not instead and self.shown and self.shown[-1].lstrip().startswith("<"):
                instead = "<!---->"  # a blank line would end the HTML block that the tag stands in
            self._next(_dedented(instead, _BODY_INDENT * len(self.bodies)))

    def _next(self, shown: str) -> None:
        self.shown.append(shown)
        self.offset += len(self.lines[self.at]) + 1
        self.at += 1


def _between(line: str) -> str:
    """Return what parts two tabs for the block parser: lists on both sides of it are two lists."""
    return line[: len(line) - len(line.lstrip())] + "<!---->"


def _indent(line: str) -> int:
    expanded = line.expandtabs(_BODY_INDENT)
    return len(expanded) - len(expanded.lstrip())


def _dedented(line: str, shift: int) -> str:
    body = line.lstrip(" \t")
    return " " * max(0, _indent(line) - shift) + body if shift else line
