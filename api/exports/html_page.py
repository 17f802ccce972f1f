"""A conversation as one HTML page that loads nothing and runs nothing; every text in it is escaped."""

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

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

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def html_page(conversation: Conversation) -> str:
    """Return a whole conversation as one page, sources quoted at the end of each answer."""
    head = conversation.conversation
    style = files("api.exports").joinpath("page.css").read_text("utf-8")
    body = "\n".join(part for turn in conversation.turns for part in _turn(turn))
    when = f"{head.turns} questions, {moment_words(head.created_at)} to {moment_words(head.updated_at)}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(head.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<h1>{escape(head.title)}</h1>\n<p class="muted">{when}</p>\n{body}\n</body>\n</html>\n'
    )


def _turn(turn: Turn) -> Iterator[str]:
    answer = turn.answer
    yield f'<section id="turn-{turn.position}"><h2>{turn.position}. {escape(turn.question)}</h2>'
    if answer.asked_as:
        yield f'<p class="muted">Understood as: {escape(answer.asked_as)}</p>'
    confidence = confidence_words(answer.confidence)
    said = f' <span class="muted">{escape(confidence)}</span>' if confidence else ""
    yield f'<p class="verdict"><strong>{OUTCOMES[answer.outcome]}.</strong> {escape(answer.reason)}{said}</p>'
    yield from (f'<p class="stale">{escape(stale_words(stale))}</p>' for stale in turn.stale)
    if answer.writing:
        yield f'<p class="muted">{escape(writing_words(answer.writing))}</p>'
    yield from (_statement(statement, turn.position) for statement in answer.statements)
    yield from _listed("What was observed", observed_words(answer))
    yield from _listed("What is missing", answer.missing)
    yield from _listed("Warnings", answer.warnings)
    yield from _sources(answer, turn.position)
    yield (
        f'<p class="muted">Answered {moment_words(turn.asked_at)} from generation {answer.generation}; '
        f"id <code>{escape(answer.id)}</code></p></section>"
    )


def _statement(statement: Statement, position: int) -> str:
    numbers = dict.fromkeys(citation.number for citation in statement.citations)
    marks = "".join(f' <a href="#source-{position}-{number}">[{number}]</a>' for number in numbers)
    warned = (
        f'<strong class="stop">Destructive: {escape(statement.destructive)}</strong>' if statement.destructive else ""
    )
    depth = f' class="depth-{min(statement.depth, 4)}"' if statement.depth > 0 else ""
    if statement.kind is StatementKind.COMMAND:
        return f"<div{depth}>{warned}<pre>{escape(statement.text)}</pre>{marks}</div>"
    mark = ""
    if statement.kind is StatementKind.STEP and statement.number is not None:
        mark = f"{statement.number}. "
    elif statement.kind in (StatementKind.STEP, StatementKind.ITEM):
        mark = "• "
    header = f'<span class="muted">{escape(statement.header)}</span><br>' if statement.header else ""
    return f"<p{depth}>{warned and warned + '<br>'}{header}{mark}{escape(statement.text)}{marks}</p>"


def _sources(answer: Answer, position: int) -> Iterator[str]:
    for number, citations in sources(answer):
        first = citations[0]
        link = web_link(first.url)
        there = f' <a href="{escape(link)}" rel="noreferrer">Open at source</a>' if link else ""
        quotes = "".join(f"<blockquote>{escape(one.quote)}</blockquote>" for one in citations)
        yield (
            f'<div id="source-{position}-{number}"><h3>[{number}] {escape(first.title)}</h3>'
            f'<p class="muted"><code>{escape(place_words(citations))}</code>{there}</p>{quotes}</div>'
        )


def _listed(heading: str, entries: Sequence[str]) -> Iterator[str]:
    if entries:
        items = "".join(f"<li>{escape(entry)}</li>" for entry in entries)
        yield f"<h3>{heading}</h3><ul>{items}</ul>"
