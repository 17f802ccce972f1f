"""PlantUML: component, deployment, use case, C4 and sequence diagrams; classes as names only, includes not followed."""

import re
from collections.abc import Iterable, Iterator

from ingest.knowledge.diagrams.c4 import read_macro
from ingest.knowledge.diagrams.graph import Diagram, Graph, Line, diagram_lines
from ingest.knowledge.diagrams.sequence import read_sequence
from ingest.knowledge.extracts import ComponentRole
from ingest.knowledge.spans import LineIndex, Span

_ROLES = {
    "database": ComponentRole.DATABASE,
    "queue": ComponentRole.QUEUE,
    "actor": ComponentRole.PERSON,
    "actor/": ComponentRole.PERSON,
    "person": ComponentRole.PERSON,
}
_KEYWORDS = (
    "component|node|rectangle|package|cloud|database|queue|actor/?|person|folder|frame|card|agent|storage|artifact|"
    "stack|collections|file|hexagon|boundary|control|entity|interface|usecase|process|action|label|together|map|object"
)
_ELEMENT = re.compile(rf"(?:{_KEYWORDS})\b(?=\s+[\"\w\[(:$])", re.IGNORECASE)
_CLASS = re.compile(r"(?:abstract\s+)?(?:class|abstract|enum|annotation|interface|entity|struct)\s+(?=[\"\w])", re.I)
_NAME = (
    r"\[[^\[\]\n]+\]|\"[^\"\n]+\"|\([^()\n]+\)|:[^:\n]+:|\(\)\s*(?:\"[^\"\n]+\"|\w+)|[^\W\d][\w$]*(?:[.@:/]\w+)*|\d\w*"
)
_TERM = re.compile(_NAME)
_AS = re.compile(r"\s+as\s+")
_MULTIPLICITY = re.compile(r"\s*\"[^\"\n]{0,80}\"\s*")
_ARROW = re.compile(
    r"\s*(?P<back><\|?|<<|[*o+#}^x](?=[-.=~]))?"
    r"[-.=~]{1,12}(?:\[[^\]\n]{0,80}\])?(?:left|right|up|down|le|ri|do|[lrud])?(?:\[[^\]\n]{0,80}\])?[-.=~]{0,12}"
    r"(?P<head>\|?>{1,2}|\((?!\))|0\)?|[*o+#{^x](?=\s))?\s*"
)
_SKIPPED = re.compile(
    r"[@!'{}]|(?:left|right|top|bottom)\s+to\b|(?:title|header|footer|caption|skinparam|hide|show|scale|remove|"
    r"sprite|page|newpage|LAYOUT_\w*|SHOW_\w*|HIDE_\w*|AddElementTag|AddRelTag|UpdateElementStyle|UpdateRelStyle|"
    r"Lay_\w*|allow_?mixing|url|set|return|activate|deactivate|together)\b|--+$|==+$|\.\.+$",
    re.IGNORECASE,
)
_BLOCKS = (  # what opens a block that draws nothing, and what closes it
    (
        re.compile(r"(?:floating\s+)?note\b(?!.*:)(?!.*\bas\s+\w+\s*$)(?!\s+\")|note\b[^\"]*\bas\s+\w+\s*$", re.I),
        "end ?note",
    ),
    (re.compile(r"legend\b", re.I), "end ?legend"),
    (re.compile(r"<style>", re.I), "</style>"),
    (re.compile(r"skinparam\b.*\{$", re.I), r"\}"),
    (re.compile(r"!(?:unquoted\s+)?(?:procedure|function|definelong)\b", re.I), "!end"),
    (re.compile(r"(?:header|footer|title)$", re.I), "end ?(?:header|footer|title)"),
    (re.compile(r"/'(?!.*'/)"), ".*'/"),
    (re.compile(r"sprite\b.*\{$", re.I), r"\}"),
)
_ACTIVITY = re.compile(r"(?:start|stop|:[^:]+;|if\s*\(.*then\b.*|\(\*\)\s*-.*)$", re.IGNORECASE)
_STATE = re.compile(r"\[\*\]\s*-|state\s+[\"\w]|.*-{1,2}>\s*\[\*\]")
_SEQUENCE = re.compile(r"(?:participant|autonumber|activate|alt|loop|opt|par|ref\s+over|note\s+over)\b", re.IGNORECASE)
_OTHER_START = re.compile(r"@start(?!uml|c4|component)(\w+)")


def read_plantuml(text: str, offset: int, lines: LineIndex) -> Diagram:
    """Read a PlantUML diagram; kinds that draw no components say so in `problems`."""
    graph = Graph()
    statements = list(_statements(diagram_lines(text, offset, lines, graph)))
    kind = _kind(statements)
    if kind in ("component", "class") and any(line.text.startswith("!include") for line in statements):
        graph.notes.append("includes other files, which were not read")
    match kind:
        case "sequence":
            read_sequence(statements, graph, id_first=False)
        case "component":
            _components(statements, graph)
        case "class":
            _classes(statements, graph)
        case _:
            return Diagram(problems=(f"is a {kind} diagram, which draws no components",))
    if kind == "component" and graph.draws_a_process():
        return Diagram(problems=("draws steps and decisions, not a system: its boxes are no components",))
    return graph.diagram()


def _kind(statements: Iterable[Line]) -> str:
    """Tell the kind as PlantUML does: by the words that only one kind knows."""
    seen: set[str] = set()
    for line in statements:
        other = _OTHER_START.match(line.text)
        if other is not None:
            return other[1][:30]
        if _SEQUENCE.match(line.text):
            seen.add("sequence")
        elif _STATE.match(line.text):
            seen.add("state")
        elif _ACTIVITY.match(line.text):
            seen.add("activity")
        elif re.match(r"(?:abstract\s+)?class\s|enum\s", line.text, re.I):
            seen.add("class")
        elif re.match(r"\[[^\[\]*]|(?:System|Container|Component|Person|Rel|Node)\w*\(", line.text) or (
            _ELEMENT.match(line.text)
            and not re.match(r"(?:actor|database|queue|boundary|control|entity|collections)\b", line.text, re.I)
        ):
            seen.add("component")
        elif re.search(r"[\w\"]\s*(?:<?-{1,2}>{1,2}|<-{1,2})\s*[\w\"]", line.text):
            seen.add("arrow")
    order = ("component", "sequence", "state", "activity", "class")
    if "sequence" in seen and any("participant" in line.text[:12].lower() for line in statements):
        return "sequence"
    return next((kind for kind in order if kind in seen), "sequence" if "arrow" in seen else "component")


def _statements(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield the lines outside notes, legends, styles and comments; a line that ends in a backslash goes on."""
    closing: re.Pattern[str] | None = None
    for line in lines:
        if closing is not None:
            closing = None if closing.match(line.text) else closing
            continue
        closes = next((close for opening, close in _BLOCKS if opening.match(line.text)), None)
        if closes is not None and not line.text.endswith("{}"):
            closing = re.compile(closes, re.IGNORECASE)
            continue
        if not line.text.startswith(("'", "/'")):
            yield _whole(line, lines)


def _whole(line: Line, following: Iterator[Line]) -> Line:
    """Join `node x [ words over lines ]` into one line."""
    if not line.text.endswith("[") or not _ELEMENT.match(line.text):
        return line
    words = [line.text]
    end = line.span
    for more in following:
        words.append(more.text)
        end = more.span
        if more.text.endswith("]") or len(words) > 20:
            break
    return Line(" ".join(words), Span(line.span.start, end.end, line.span.line_start, end.line_end))


def _components(statements: Iterable[Line], graph: Graph) -> None:
    for line in statements:
        if read_macro(line, graph) or _SKIPPED.match(line.text):
            continue
        element = _ELEMENT.match(line.text)
        if element is not None:
            _declare(element[0].lower(), line.text[element.end() :].strip(), line, graph)
        elif not (_relation(line, graph) or _bare(line, graph) or line.text.lower().startswith("note")):
            graph.misread(line)


def _declare(keyword: str, rest: str, line: Line, graph: Graph) -> None:
    """Note `keyword name`, `keyword "Label" as name`, `keyword name as "Label"`, `keyword name [Label]`."""
    first = _TERM.match(rest)
    if first is None:
        graph.misread(line)
        return
    key = label = first[0]
    position = first.end()
    alias = _AS.match(rest, position)
    second = _TERM.match(rest, alias.end()) if alias is not None else None
    if second is not None:
        key, label = (first[0], second[0]) if second[0].startswith(('"', "[")) else (second[0], first[0])
        position = second.end()
    body = rest[position:].lstrip()
    if body.startswith("[") and "]" in body:
        label = body[1 : body.rindex("]")]
    if body.endswith("{") and keyword not in ("database", "queue"):
        graph.group(_key(key), line.span, _words(label))
    else:
        graph.box(_key(key), line.span, _words(label), _ROLES.get(keyword, ComponentRole.COMPONENT))


def _bare(line: Line, graph: Graph) -> bool:
    """Note `[Label] as name`, `() "Label" as name` and `:Actor: as name` on a line of their own."""
    first = _TERM.match(line.text)
    if first is None or first[0][0] not in "[(:":
        return False
    alias = _AS.match(line.text, first.end())
    second = _TERM.match(line.text, alias.end()) if alias is not None else None
    role = ComponentRole.PERSON if first[0].startswith(":") else ComponentRole.COMPONENT
    graph.box(_key((second or first)[0]), line.span, _words(first[0]), role)
    return True


def _relation(line: Line, graph: Graph) -> bool:
    source = _TERM.match(line.text)
    if source is None:
        return False
    position = source.end()
    count = _MULTIPLICITY.match(line.text, position)
    arrow = _ARROW.match(line.text, count.end() if count else position)
    if arrow is None:
        return False
    count = _MULTIPLICITY.match(line.text, arrow.end())
    # What is quoted after an arrow is a multiplicity only where an end follows it.
    target = _TERM.match(line.text, count.end()) if count else None
    target = target or _TERM.match(line.text, arrow.end())
    if target is None:
        return False
    label = line.text[target.end() :].partition(":")[2].strip()
    start, end = _end(source[0], line, graph), _end(target[0], line, graph)
    back, head = arrow["back"] or "", arrow["head"] or ""
    # `--(` is a socket: the left end requires what the right one offers.
    forward, backward = head in (">", ">>", "("), back in ("<", "<<")
    if forward:
        graph.edge(start, end, line.span, label)
    if backward:
        graph.edge(end, start, line.span, label)
    if not (forward or backward):
        graph.undirected()
    return True


def _end(term: str, line: Line, graph: Graph) -> str:
    key = _key(term)
    if not term[0].isalnum():
        graph.box(key, line.span, _words(term), ComponentRole.PERSON if term[0] == ":" else ComponentRole.COMPONENT)
    return key


def _classes(statements: Iterable[Line], graph: Graph) -> None:
    """Note the classes; their lines are inheritance and members, no use of one service by another."""
    for line in statements:
        declared = _CLASS.match(line.text)
        name = _TERM.match(line.text, declared.end()) if declared is not None else None
        if name is not None:
            graph.box(_key(name[0]), line.span, _words(name[0]))


def _key(term: str) -> str:
    """Return the id that a term means: `[A]`, `"A"` and `A` are one box."""
    return _words(term)


def _words(term: str) -> str:
    text = term.removeprefix("()").strip()
    if len(text) > 1 and (text[0], text[-1]) in (("[", "]"), ("(", ")"), (":", ":"), ('"', '"')):
        text = text[1:-1]
    return text.strip()
