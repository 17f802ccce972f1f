"""Answers and hits as text for a terminal: outcome first, every statement with the number of its source."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from api.answering.answer import Outcome, StatementKind
from api.place_words import facts_of, spot_of, titles_of
from api.schemas.answers import Answer, Citation, Statement
from api.schemas.places import Place
from api.schemas.search import SearchHit, SearchResponse
from api.terminal import Line, Tone, plain_text, print_text

__all__ = ["age_text", "answer_text", "hits_text", "plain_text", "print_text"]

_QUOTED_ROWS = 4  # of a hit
_OUTCOMES: dict[Outcome, tuple[str, Tone]] = {
    Outcome.ANSWERED: ("Answered", "good"),
    Outcome.CAVEAT: ("Answered, with a caveat", "middling"),
    Outcome.PARTIAL: ("Partly answered", "middling"),
    Outcome.CONFLICT: ("The sources disagree", "middling"),
    Outcome.ABSTAINED: ("Not answered", "bad"),
}


def answer_text(answer: Answer, *, now: datetime | None = None) -> list[Line]:
    """Return an answer with its gaps and its sources."""
    words, tone = _OUTCOMES[answer.outcome]
    lines = [Line(f"{words}: {answer.reason}", tone), Line(_confidence(answer), "faint")]
    if answer.statements:
        lines += [Line(), *_statements(answer.statements)]
    lines += _listed("Missing", answer.missing)
    lines += _listed("Warnings", answer.warnings)
    citations = [citation for statement in answer.statements for citation in statement.citations]
    if citations:
        lines += [Line(), Line("Sources", "strong"), *_sources(citations, now)]
    if answer.nearest:
        lines += [Line(), Line("Nearest in the documents", "strong")]
        lines += [Line(f"- {place_text(hit, now=now)}", hanging=2) for hit in answer.nearest]
    return lines


def hits_text(found: SearchResponse, *, now: datetime | None = None) -> list[Line]:
    """Return hits, best first, each with the start of its passage."""
    if not found.hits:
        return [Line("Nothing found. Try the alert's name, an error message, or fewer filters.", "middling")]
    lines: list[Line] = []
    for number, hit in enumerate(found.hits, start=1):
        mark = f"{number}. "
        lines.append(Line(f"{mark}{place_text(hit, now=now)}", "strong", hanging=len(mark)))
        lines += [*_excerpt(hit), Line()]
    return lines[:-1]


def place_text(place: Place, *, lines: tuple[int, int] | None = None, now: datetime | None = None) -> str:
    """Return where a passage stands: title, headings, path with lines, kind, status, age."""
    age = f", {age_text(place.updated_at, now)}" if place.updated_at is not None else ""
    return f"{' > '.join(titles_of(place))} — {spot_of(place, lines)} ({facts_of(place)}{age})"


def age_text(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago a moment was, in the largest unit that counts at least two."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 0:
        return "in the future"
    for unit, length in (("year", 31_556_952), ("month", 2_629_746), ("day", 86_400), ("hour", 3_600)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)} {unit}s ago"
    return f"{int(seconds // 60)} minutes ago" if seconds >= 120 else "just now"


def _confidence(answer: Answer) -> str:
    confidence = answer.confidence
    number = "" if confidence.value is None else f" ({confidence.value:.0%})"
    reasons = "; ".join(reason for reason in confidence.reasons if reason != answer.reason)
    return f"Confidence: {confidence.words}{number}{' — ' + reasons if reasons else ''}"


def _statements(statements: Sequence[Statement]) -> Iterator[Line]:
    before: StatementKind | None = None
    for statement in statements:
        if before is not None and (before is not statement.kind or statement.kind is StatementKind.SENTENCE):
            yield Line()
        if statement.destructive:
            yield Line(f"DESTRUCTIVE: {statement.destructive}", "bad", indent=_indent(statement))
        yield from _statement(statement)
        before = statement.kind


def _statement(statement: Statement) -> Iterator[Line]:
    marks = "".join(f"[{number}]" for number in dict.fromkeys(c.number for c in statement.citations))
    indent = _indent(statement)
    if statement.kind is StatementKind.COMMAND:
        yield Line(f"{statement.language or 'command'} {marks}", "faint", indent=indent)
        yield Line(statement.text, indent=indent + 4, verbatim=True)
        return
    bullet = ""
    if statement.kind is StatementKind.STEP:
        bullet = f"{statement.number}. " if statement.number is not None else "- "
    elif statement.kind is StatementKind.ITEM:
        bullet = "- "
    text = _row(statement) if statement.kind is StatementKind.TABLE_ROW else statement.text
    yield Line(f"{bullet}{text} {marks}", indent=indent, hanging=len(bullet))


def _row(statement: Statement) -> str:
    """Return a table row with the name of its column before each cell."""
    names, cells = _cells(statement.header or ""), _cells(statement.text)
    if len(names) != len(cells):
        return statement.text
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=True) if cell)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")] if row else []


def _indent(statement: Statement) -> int:
    return 3 * max(0, statement.depth)


def _sources(citations: Sequence[Citation], now: datetime | None) -> Iterator[Line]:
    for number in dict.fromkeys(citation.number for citation in citations):
        same = [citation for citation in citations if citation.number == number]
        lines = (min(one.line_start for one in same), max(one.line_end for one in same))
        mark = f"[{number}] "
        yield Line(f"{mark}{place_text(same[0], lines=lines, now=now)}", hanging=len(mark))
        if same[0].url:
            yield Line(same[0].url, "faint", indent=len(mark), verbatim=True)


def _listed(title: str, entries: Sequence[str]) -> list[Line]:
    if not entries:
        return []
    return [Line(), Line(title, "strong"), *(Line(f"- {entry}", hanging=2) for entry in entries)]


def _excerpt(hit: SearchHit) -> Iterator[Line]:
    rows = [row.rstrip() for row in hit.quote.splitlines() if row.strip()]
    for row in rows[:_QUOTED_ROWS]:
        yield Line(row if len(row) <= 240 else f"{row[:239]}…", "faint", indent=3, hanging=0)
    if len(rows) > _QUOTED_ROWS:
        yield Line("…", "faint", indent=3)
