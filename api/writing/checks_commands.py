"""Whether a command stands in what is cited: whole, word for word, and as something to be run."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.answering.answer import Citation, StatementKind
from api.answering.units import Unit
from api.writing.checks_quotes import CODE_SPAN, Support
from api.writing.warned import is_warning, warned_of
from ingest.knowledge.commands import commands_in, is_command
from ingest.knowledge.destruction import destruction
from ingest.knowledge.spans import LineIndex, Span

_PROMPT = re.compile(r"^\s*(?:\$|#|>)\s+")
_CONTINUED = re.compile(r"\\\n[ \t]*")
_ENGLISH_NAMES = """
find host watch kill head top service make go cat less touch export source salt chef fly knife gem ping sort
tail echo mount screen snap age kind bundle rails rake puppet consul vault nomad flux packer node barman ip
java ruby python ray cs time nginx haproxy ceph influx brew cf dig git krew boot bosh sage docker podman
helm terraform kubectl mongo mysql rbd at
"""
_ENGLISH_TOOLS = frozenset(_ENGLISH_NAMES.split())
"""Tools whose name is a word of prose as well: only with something that looks like an argument are they commands."""
_TOOL_RUN = re.compile(r"(?<![\w`/.-])(?P<tool>[a-z][\w.\-]*) (?P<rest>[^\s`,;:]+(?: [^\s`,;:]+){0,6})")
_TOLD_TO = re.compile(r"\b(?:run|execute|issue|use|using|type|try|apply|start|call|with)\b", re.IGNORECASE)
_ARGUMENT = re.compile(r"^(?:-|/|\$|\.|~)|[=_/$:{}]|\w\.\w")


@dataclass(frozen=True, slots=True)
class CitedCommand:
    """A command as its document has it, with its place."""

    text: str
    citation: Citation
    language: str | None


def check_commands(text: str, supports: Sequence[Support], *, order: bool) -> str | None:
    """Return which command in a sentence is not one of those that it cites, or None; `order` says it is a step."""
    known = {_folded(one) for support in supports for one in _all_commands(support)}
    for code in CODE_SPAN.findall(text):
        if is_command(code) and _folded(code) not in known:
            return f"the command “{code[:80]}” does not stand like this in what it cites"
    cited = _folded("\n".join(unit.quote for support in supports for unit in support.units))
    for run in _unmarked(CODE_SPAN.sub("\n", text)):
        if _folded(run) not in cited:
            return f"the command “{run[:80]}” does not stand like this in what it cites"
    told_to = order or _TOLD_TO.search(text)
    if told_to and destruction(text) and not is_warning(text) and any(warned_of(one) for one in supports):
        return "its source warns of this command, and it does not"
    return None


def cited_command(text: str, supports: Sequence[Support]) -> CitedCommand | str:
    """Return the command that a statement gives, with its place, or why it is none of those that it cites."""
    given = text.strip().strip("`")
    wanted = {_folded(given), _folded(_PROMPT.sub("", given))}
    for support in supports:
        for unit in support.units:
            for command, start, end in _placed(unit):
                if _folded(command) in wanted:
                    if warned_of(support):
                        return "its source warns of this command"
                    return CitedCommand(command, _citation(unit, start, end, support), unit.language)
    return "it is no whole command of what it cites"


def _placed(unit: Unit) -> Iterator[tuple[str, int, int]]:
    """Yield every command of a unit, and every run of commands in a row, with its offsets in the unit's quote."""
    if unit.kind is not StatementKind.COMMAND:
        for found in CODE_SPAN.finditer(unit.quote):
            if is_command(found.group(1)):
                yield found.group(1), found.start(1), found.end(1)
        return
    yield unit.text, 0, len(unit.quote)
    commands = commands_in(unit.quote, unit.language or "")
    places = [place for command in commands if (place := _place(command, unit.quote))]
    for first in range(len(places)):
        for last in range(first, len(places)):
            start, end = places[first][0], places[last][1]
            if start < end:
                yield unit.quote[start:end], start, end


def _place(command: str, quote: str) -> tuple[int, int] | None:
    match = re.search(r"\s+".join(re.escape(word) for word in command.split()), quote)
    return match.span() if match else None


def _citation(unit: Unit, start: int, end: int, support: Support) -> Citation:
    passage = support.excerpt.stored.passage
    begin = unit.span.start + start
    finish = unit.span.start + end
    local = LineIndex.of(passage.text).span(begin - passage.span.start, finish - passage.span.start)
    shift = passage.span.line_start - 1
    span = Span(begin, finish, local.line_start + shift, local.line_end + shift)
    return Citation(support.excerpt.stored, span, unit.quote[start:end])


def _all_commands(support: Support) -> Iterator[str]:
    for unit in support.units:
        yield from (command for command, _, _ in _placed(unit))


def _unmarked(text: str) -> Iterator[str]:
    """Yield what looks like a command in prose: a tool's name before something that only an argument looks like."""
    for found in _TOOL_RUN.finditer(text):
        tool, rest = found["tool"], found["rest"].split()
        arguments = [word.rstrip(".") for word in rest if _ARGUMENT.search(word.rstrip("."))]
        if is_command(f"{tool} {rest[0]}") and (tool not in _ENGLISH_TOOLS or arguments):
            last = max((rest.index(word) for word in rest if word.rstrip(".") in arguments), default=0)
            yield " ".join([tool, *rest[: last + 1]]).rstrip(".")


def _folded(text: str) -> str:
    return " ".join(_CONTINUED.sub(" ", text).split())
