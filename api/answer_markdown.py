"""Answers as Markdown for chat windows and language models: the verdict first, every statement with its marks.

Words of documents are shown as they stand, but cannot become pictures, HTML or headings of the page that shows them.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlsplit

from api.answering.answer import Outcome, StatementKind
from api.place_words import facts_of, spot_of, titles_of
from api.schemas.answers import Answer, Citation, Statement
from api.schemas.investigation_questions import InvestigationTurn
from api.schemas.places import Place

_VERDICTS: dict[Outcome, str] = {
    Outcome.ANSWERED: "Answered",
    Outcome.CAVEAT: "Answered, with a caveat",
    Outcome.PARTIAL: "Partly answered",
    Outcome.CONFLICT: "The sources disagree",
    Outcome.ABSTAINED: "Not answered",
}
_LISTED = frozenset({StatementKind.STEP, StatementKind.ITEM, StatementKind.TABLE_ROW})
# Controls but for line feed and tab, and marks that reorder text: what is shown must be what is there.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_BLOCK_START = re.compile(r"^(\s*)(#|>|[-+*=_]{3}|~~~|```)")
_TICKS = re.compile(r"`+")
_LANGUAGE = re.compile(r"[^A-Za-z0-9_+.#-]")


def answer_markdown(answer: Answer) -> str:
    """Return an answer as one text."""
    return "".join(answer_pieces(answer))


def answer_pieces(answer: Answer) -> Iterator[str]:
    """Yield the text in pieces that can be sent one after the other."""
    yield _verdict(answer)
    if answer.warnings:
        yield "\n\n" + "\n>\n".join(f"> **Warning:** {prose(warning)}" for warning in answer.warnings)
    yield from _statements(answer.statements)
    if answer.investigation is not None:
        yield from _observed(answer.investigation)
    if answer.missing:
        yield "\n\n**Missing:**\n\n" + "\n".join(f"- {prose(one)}" for one in answer.missing)
    citations = [citation for statement in answer.statements for citation in statement.citations]
    if citations:
        yield "\n\n**Sources:**\n\n" + "\n".join(_sources(citations))
    if answer.nearest:
        yield "\n\n**Nearest in the documents** (none of it is an answer):\n\n" + "\n".join(
            f"- {place_markdown(hit)}" for hit in answer.nearest
        )
    yield "\n"


def place_markdown(place: Place, *, lines: tuple[int, int] | None = None) -> str:
    """Return where a passage stands: title and headings, path with lines, kind, status, day of the last change."""
    title = " > ".join(prose(one) for one in titles_of(place))
    return f"{_linked(title, place.url)} — {code(spot_of(place, lines))} ({facts_of(place)})"


def prose(text: str) -> str:
    """Return words of a document as one line of Markdown: code spans stay, pictures, HTML and blocks don't."""
    line = shown(" ".join(text.split()))
    parts: list[str] = []
    end = 0
    for span in _CODE_SPAN.finditer(line):
        parts += [_harmless(line[end : span.start()]), span.group()]
        end = span.end()
    parts.append(_harmless(line[end:]))
    return _BLOCK_START.sub(r"\1\\\2", "".join(parts))


def code(text: str) -> str:
    """Return a text as a code span that it cannot leave."""
    line = shown(" ".join(text.split()))
    ticks = "`" * (max((len(run) for run in _TICKS.findall(line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def fenced(text: str, language: str = "", *, indent: str = "") -> str:
    """Return a text as a code block that it cannot leave; its lines stay as they are."""
    fence = "`" * max(3, max((len(run) for run in _TICKS.findall(text)), default=0) + 1)
    rows = [f"{fence}{_LANGUAGE.sub('', language)}", *shown(text.rstrip("\n")).split("\n"), fence]
    return "\n".join(f"{indent}{row}" if row else row for row in rows)


def shown(text: str) -> str:
    """Return a text with a mark in place of each control character."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def _observed(turn: InvestigationTurn) -> Iterator[str]:
    """Yield what an investigation says, each with the ids of the observations that show it, and where it is."""
    if turn.statements:
        yield "\n\n" + "\n".join(
            f"- {prose(one.text)} {' '.join(map(code, one.observations))}".rstrip() for one in turn.statements
        )
    if turn.id is not None:
        yield f"\n\nInvestigation: {code(turn.link)}"


def _verdict(answer: Answer) -> str:
    if answer.investigation is not None:
        return f"**{prose(answer.reason).rstrip('.')}.**"
    number = "" if answer.confidence.value is None else f" ({answer.confidence.value:.0%})"
    reason = prose(answer.reason).rstrip(".")
    blocks = [f"**{_VERDICTS[answer.outcome]}:** {reason}. Confidence: {answer.confidence.words}{number}."]
    if answer.asked_as and answer.asked_as != answer.question:
        blocks.append(f"Understood as: {prose(answer.asked_as)}")
    if answer.writing is not None and answer.writing.fallback:
        blocks.append(f"In the words of the documents, since {prose(answer.writing.fallback)}")
    elif answer.writing is not None:
        blocks.append(f"Worded by {code(answer.writing.model)}, each sentence checked against its citations.")
    return "\n\n".join(blocks)


def _statements(statements: Sequence[Statement]) -> Iterator[str]:
    """Yield statements; each is set in by its depth, but no deeper than one below the entry that it belongs to."""
    before: StatementKind | None = None
    entry = -1
    for statement in statements:
        level = min(max(0, statement.depth), entry + 1)
        if statement.kind in _LISTED:
            entry = level
        elif level == 0:
            entry = -1
        alike = before in _LISTED and statement.kind in _LISTED and not statement.destructive
        yield ("\n" if alike else "\n\n") + _statement(statement, "   " * level)
        before = statement.kind


def _statement(statement: Statement, indent: str) -> str:
    marks = "".join(f"[{number}]" for number in dict.fromkeys(c.number for c in statement.citations))
    warned = f"{indent}**DESTRUCTIVE: {prose(statement.destructive)}**\n\n" if statement.destructive else ""
    if statement.kind is StatementKind.COMMAND:
        return f"{warned}{fenced(statement.text, statement.language or '', indent=indent)}\n\n{indent}{marks}"
    text = _row(statement) if statement.kind is StatementKind.TABLE_ROW else prose(statement.text)
    bullet = ""
    if statement.kind is StatementKind.STEP and statement.number is not None:
        bullet = f"{statement.number}. "
    elif statement.kind in _LISTED:
        bullet = "- "
    return f"{warned}{indent}{bullet}{text} {marks}"


def _row(statement: Statement) -> str:
    """Return a table row with the name of its column before each cell."""
    names, cells = _cells(statement.header or ""), _cells(statement.text)
    if len(names) != len(cells):
        return prose(statement.text)
    pairs = zip(names, cells, strict=True)
    return "; ".join(f"{prose(name)}: {prose(cell)}" if name else prose(cell) for name, cell in pairs if cell)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")] if row else []


def _sources(citations: Sequence[Citation]) -> Iterator[str]:
    for number in dict.fromkeys(citation.number for citation in citations):
        same = [citation for citation in citations if citation.number == number]
        lines = (min(one.line_start for one in same), max(one.line_end for one in same))
        yield f"- [{number}] {place_markdown(same[0], lines=lines)}"


def _linked(title: str, url: str | None) -> str:
    """Return a title with a link where the document has one that a browser may follow."""
    if url is None or urlsplit(url).scheme not in ("http", "https"):
        return title
    bare = title.replace("[", r"\[").replace("]", r"\]")
    return f"[{bare}](<{quote(url, safe=':/?#@!$&()*+,;=%~[]')}>)"


def _harmless(text: str) -> str:
    return text.replace("<", r"\<").replace("![", r"!\[")
