"""How much of an ask a unit holds, and the units that hold most."""

import re
from collections.abc import Sequence

from api.answering.answer import StatementKind
from api.answering.asks import Ask, Wanted
from api.answering.units import Unit
from api.retrieval.words import stems
from ingest.knowledge.identifiers import fold_identifier

_DIGIT = re.compile(r"\d")
_SHORT = 25  # characters; a shorter unit rarely says something alone
_LEAST = 0.15
_OF_BEST = 0.5
_ROW_OF_BEST = 0.9  # rows of a table tell of different things in like words


def best_units(ask: Ask, pieces: Sequence[Unit], *, at_most: int) -> list[Unit]:
    """Return the units that hold most of the ask's words, in document order."""
    scored = [(unit_score(ask, unit), number) for number, unit in enumerate(pieces)]
    if not scored:
        return []
    top = max(score for score, _ in scored)
    good = [(score, number) for score, number in scored if score >= max(_bound(pieces[number]) * top, _LEAST)]
    kept = sorted(number for _, number in sorted(good, key=lambda item: (-item[0], item[1]))[:at_most])
    return [pieces[number] for number in kept]


def unit_score(ask: Ask, unit: Unit) -> float:
    """Return the share of the ask's words that a unit holds, more where it holds a name asked for."""
    folded = fold_identifier(unit.quote)
    named = sum(key in folded for _, key in ask.identifiers)
    score = ask.coverage(frozenset(stems(f"{unit.header or ''} {unit.quote}"))) if ask.terms else 0.0
    if unit.kind is StatementKind.TABLE_ROW and ask.identifiers and not named:
        score *= 0.3
    if ask.wanted is Wanted.FIGURE:
        score *= 1.3 if _DIGIT.search(unit.quote) else 0.5
    return (score + named) * (0.6 if len(unit.quote) < _SHORT else 1.0)


def _bound(unit: Unit) -> float:
    return _ROW_OF_BEST if unit.kind is StatementKind.TABLE_ROW else _OF_BEST
