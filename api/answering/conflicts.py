"""Two current documents that state different figures for the same thing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from api.answering.answer import StatementKind
from api.answering.asks import Ask
from api.answering.units import Unit
from api.retrieval.words import FUNCTION_WORDS, content_words, stem, stems
from ingest.knowledge.documents import DocumentKind, DocumentStatus
from ingest.knowledge.identifiers import fold_identifier

_FIGURE = re.compile(r"(?<![\w.\-/:])(\d+(?:[.,]\d+)*)\s*(%|[A-Za-zµ]+(?:/[a-z]+)?)?(?![\w\-]*[/:]\d)")
_SKIP_UNITS = frozenset({"am", "pm", "utc", "st", "nd", "rd", "th", "and", "or", "to", "the", "of", "in", "is", "by"})
_MIN_SHARED = 2  # content words that both statements share with the question
_MIN_LIKENESS = 0.35


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two units whose figures differ for the same unit of measure, as written."""

    first: Unit
    second: Unit
    first_figure: str
    second_figure: str


def find_conflict(ask: Ask, candidates: Sequence[Unit]) -> Conflict | None:
    """Return the first pair of units of different current documents that disagree on a figure the ask is about.

    Postmortems tell what was true once, so they contradict nobody.
    """
    asked = {term.stem for term in ask.terms}
    told = [
        (unit, figures_of(unit.quote))
        for unit in candidates
        if may_contradict(unit) and (len(asked) < _MIN_SHARED or len(stems(unit.quote) & asked) >= _MIN_SHARED)
    ]
    told = [(unit, figures) for unit, figures in told if figures]
    for number, (first, figures) in enumerate(told):
        for second, others in told[number + 1 :]:
            if first.stored.document.id == second.stored.document.id or not _alike(ask, first, second):
                continue
            for unit in figures.keys() & others.keys():
                if not figures[unit].keys() & others[unit].keys():
                    return Conflict(first, second, _say(figures[unit]), _say(others[unit]))
    return None


def may_contradict(unit: Unit) -> bool:
    """Whether a unit states something that holds now: neither a past incident nor a command."""
    document = unit.stored.document
    return (
        document.status is DocumentStatus.CURRENT
        and document.kind is not DocumentKind.POSTMORTEM
        and unit.kind is not StatementKind.COMMAND
    )


def figures_of(text: str) -> dict[str, dict[str, str]]:
    """Return the figures of a text, each as written, by the stem of their unit ("" for a bare number)."""
    found: dict[str, dict[str, str]] = {}
    for match in _FIGURE.finditer(text):
        unit = (match.group(2) or "").lower()
        unit = "" if unit in _SKIP_UNITS or unit in FUNCTION_WORDS else unit
        value = match.group(1).rstrip(".,")
        found.setdefault(stem(unit), {})[value] = f"{value} {unit}".strip()
    return found


def _alike(ask: Ask, first: Unit, second: Unit) -> bool:
    """Whether two units speak of the same thing, and of what was asked."""
    told = [said_by(unit) for unit in (first, second)]
    words = [{stem(word) for word in content_words(text) if not word.isdigit()} for text in told]
    asked = {term.stem for term in ask.terms}
    shared = words[0] & words[1]
    if len(shared & asked) < min(_MIN_SHARED, len(asked)):
        return False
    if len(asked) < _MIN_SHARED and not all(_names(ask, text) for text in told):
        return False
    own = [{stem(word) for word in content_words(unit.quote) if not word.isdigit()} for unit in (first, second)]
    smaller = min(len(own[0]), len(own[1])) or 1
    return len(own[0] & words[1] | own[1] & words[0]) / smaller >= _MIN_LIKENESS


def _names(ask: Ask, text: str) -> bool:
    folded = fold_identifier(text)
    return bool(ask.identifiers) and all(key in folded for _, key in ask.identifiers)


def said_by(unit: Unit) -> str:
    """Return what a unit says together with the heading or column line that it stands under."""
    path = unit.stored.passage.heading_path
    return f"{unit.header or ''} {unit.quote} {path[-1] if path else ''}"


def _say(figures: dict[str, str]) -> str:
    return " / ".join(figures[value] for value in sorted(figures))
