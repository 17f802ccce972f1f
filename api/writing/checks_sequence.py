"""Whether a statement tells two steps of a procedure in the order in which its document has them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.answering.answer import StatementKind
from api.answering.units import Unit
from api.writing.checks_quotes import Support
from api.writing.words import Told, said_words

_ENOUGH = 0.6  # of the words of a side, so that it tells a step
_LATER_FIRST = r"after|once|as soon as|following"
_OPENED = re.compile(rf"^\s*(?:(before)|{_LATER_FIRST})\b(.+?),\s*(.+)$", re.IGNORECASE)
_BEHIND = re.compile(rf"^(.+?),?\s+\b(?:(before)|{_LATER_FIRST})\b(.+)$", re.IGNORECASE)
_IN_TURN = re.compile(r"^(.+?)(?:[,;]|\band\b)?\s+\b(?:and )?(?:then|afterwards)\b,?(.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Order:
    """Two parts of a statement, by what it says is done first."""

    first: str
    second: str


def check_sequence(text: str, supports: Sequence[Support]) -> str | None:
    """Return a complaint where two steps that a statement cites are told the wrong way round, or None."""
    for order in _orders(text):
        first, second = _step(order.first, supports), _step(order.second, supports)
        if first is None or second is None or first == second or first[0] != second[0]:
            continue
        if first[1].span.start > second[1].span.start:
            return f"it puts “{' '.join(first[1].text.split())[:60]}” first, which its source has later"
    return None


def _orders(text: str) -> Iterator[_Order]:
    if found := _OPENED.match(text):
        inner, outer = found[2], found[3]
        yield _Order(outer, inner) if found[1] else _Order(inner, outer)
    elif found := _BEHIND.match(text):
        yield _Order(found[1], found[3]) if found[2] else _Order(found[3], found[1])
    elif found := _IN_TURN.match(text):
        yield _Order(found[1], found[2])


def _step(side: str, supports: Sequence[Support]) -> tuple[str, Unit] | None:
    """Return the cited step that says most of a side, with its passage; None where none says enough of it."""
    words = said_words(side)
    steps = [
        (one.excerpt.stored.document.id, unit)
        for one in supports
        for unit in one.units
        if unit.kind is StatementKind.STEP
    ]
    shares = [(sum(Told.of(unit.text).holds(word) for word in words), (key, unit)) for key, unit in steps]
    best = max(shares, key=lambda one: one[0], default=None)
    return best[1] if best is not None and words and best[0] >= _ENOUGH * len(words) else None
