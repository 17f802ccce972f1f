"""A conversation as Markdown; what documents say stays text, so that nothing of it becomes markup or a link."""

import re
from collections.abc import Iterator, Sequence

from api.answering.answer import StatementKind
from api.exports.words import (
    OUTCOMES,
    confidence_words,
    moment_words,
    observed_words,
    place_words,
    sources,
    stale_words,
    web_link,
    writing_words,
)
from api.schemas.answers import Answer, Statement
from api.schemas.conversations import Conversation, Turn

_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_SPECIAL = re.compile(r"([\\<>\[\]*_|~&])")
_BLOCK_START = re.compile(r"^(\d*)([#=+.)-])")
_BACKTICKS = re.compile(r"`+")


def markdown_text(conversation: Conversation) -> str:
    """Return a whole conversation as one Markdown text."""
    head = conversation.conversation
    lines = [f"# {_plain(head.title)}", ""]
    lines += [f"{head.turns} questions, {moment_words(head.created_at)} to {moment_words(head.updated_at)}.", ""]
    for turn in conversation.turns:
        lines += [*_turn(turn), ""]
    return "\n".join(lines).rstrip() + "\n"


def _turn(turn: Turn) -> Iterator[str]:
    answer = turn.answer
    yield f"## {turn.position}. {_plain(_one_line(turn.question))}"
    yield ""
    if answer.asked_as:
        yield f"Understood as: {_plain(_one_line(answer.asked_as))}"
        yield ""
    confidence = confidence_words(answer.confidence)
    yield f"**{OUTCOMES[answer.outcome]}.** {_plain(answer.reason)}{f' ({confidence})' if confidence else ''}"
    yield ""
    for stale in turn.stale:
        yield f"> {_plain(stale_words(stale))}"
        yield ""
    if answer.writing:
        yield _plain(writing_words(answer.writing))
        yield ""
    for statement in answer.statements:
        yield from _statement(statement)
    yield from _listed("What was observed", observed_words(answer))
    yield from _listed("What is missing", answer.missing)
    yield from _listed("Warnings", answer.warnings)
    yield from _sources(answer)
    yield f"Answered {moment_words(turn.asked_at)} from generation {answer.generation}; id `{answer.id}`."


def _statement(statement: Statement) -> Iterator[str]:
    marks = "".join(f"\\[{number}\\]" for number in dict.fromkeys(c.number for c in statement.citations))
    indent = "   " * min(statement.depth, 4)
    if statement.destructive:
        yield f"{indent}**Destructive:** {_plain(statement.destructive)}"
        yield ""
    if statement.kind is StatementKind.COMMAND:
        yield from _command(statement, indent, marks)
        return
    text = f"{_plain(_one_line(statement.text))} {marks}".rstrip()
    if statement.kind is StatementKind.STEP and statement.number is not None:
        yield f"{indent}{statement.number}. {text}"
    elif statement.kind in (StatementKind.STEP, StatementKind.ITEM):
        yield f"{indent}- {text}"
    elif statement.kind is StatementKind.TABLE_ROW:
        header = f"{_plain(_one_line(statement.header))}: " if statement.header else ""
        yield f"- {header}{text}"
    else:
        yield _at_line_start(text)
    yield ""


def _command(statement: Statement, indent: str, marks: str) -> Iterator[str]:
    longest = max((len(run) for run in _BACKTICKS.findall(statement.text)), default=0)
    fence = "`" * max(3, longest + 1)
    language = re.sub(r"[^A-Za-z0-9+_-]", "", statement.language or "")
    yield f"{indent}{fence}{language}"
    yield from (f"{indent}{row}" for row in statement.text.splitlines())
    yield f"{indent}{fence}"
    yield f"{indent}{marks}"
    yield ""


def _sources(answer: Answer) -> Iterator[str]:
    found = list(sources(answer))
    if not found:
        return
    yield "Sources"
    yield ""
    for number, citations in found:
        link = web_link(citations[0].url)
        title = _plain(_one_line(citations[0].title))
        yield f"- \\[{number}\\] {title} — {_code(place_words(citations))}{f' <{link}>' if link else ''}"
    yield ""


def _listed(heading: str, entries: Sequence[str]) -> Iterator[str]:
    if entries:
        yield f"{heading}:"
        yield ""
        yield from (f"- {_plain(_one_line(entry))}" for entry in entries)
        yield ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Return text of which only code spans are still Markdown."""
    pieces: list[str] = []
    at = 0
    for match in _CODE_SPAN.finditer(text):
        pieces += [_escaped(text[at : match.start()]), match.group()]
        at = match.end()
    return "".join([*pieces, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("`", "\\`")


def _code(text: str) -> str:
    return "`" + text.replace("`", "'") + "`"


def _at_line_start(text: str) -> str:
    """Return a paragraph that is none of the blocks that its first character could open."""
    return _BLOCK_START.sub(r"\1\\\2", text)
